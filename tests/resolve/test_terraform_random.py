"""Random configurations: never a crash, never without end, never a look outside the tree."""

from __future__ import annotations

import time
from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sovlint.discovery.tree import Entry, MemoryTree
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Value
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import load_root
from sovlint.resolve.terraform.roots import root_folders

SECONDS = 10.0
"""For one small configuration on a busy machine; one that multiplies without limit takes for ever."""


class RecordingTree(MemoryTree):
    """Remembers every path that anybody asked for."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        super().__init__(files)
        self.asked: set[str] = set()

    def read(self, path: str) -> bytes:
        self.asked.add(path)
        return super().read(path)

    def list(self, folder: str) -> tuple[Entry, ...]:
        self.asked.add(folder)
        return super().list(folder)

    def exists(self, path: str) -> bool:
        self.asked.add(path)
        return super().exists(path)

    def is_folder(self, path: str) -> bool:
        self.asked.add(path)
        return super().is_folder(path)


NAMES = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(["aws_x", "terraform_data"])
LITERALS = st.sampled_from(
    ["null", "true", "false", "0", "2", "-1", "1.5", '""', '"a"', '"eu-west-1"', "[]", "{}", '["a", "b"]', "{ a = 1 }"]
)
REFERENCES = st.one_of(
    st.builds("var.{}".format, NAMES),
    st.builds("local.{}".format, NAMES),
    st.builds("module.{}".format, NAMES),
    st.builds("module.{}.{}".format, NAMES, NAMES),
    st.builds('module.{}["{}"].{}'.format, NAMES, NAMES, NAMES),
    st.builds("module.{}[*].{}".format, NAMES, NAMES),
    st.builds("{}.{}".format, TYPES, NAMES),
    st.builds("{}.{}.{}".format, TYPES, NAMES, st.sampled_from(["input", "id", "rule", "rule[0].input", "tags.a"])),
    st.builds("{}.{}[0].input".format, TYPES, NAMES),
    st.builds("{}.{}[*].input".format, TYPES, NAMES),
    st.builds("data.{}.{}.input".format, TYPES, NAMES),
    st.sampled_from(
        ["each.key", "each.value", "count.index", "self.input", "path.module", "terraform.workspace", "rule.value", "x"]
    ),
)
PATHS = st.sampled_from(
    [
        "/etc/passwd",
        "../../etc/passwd",
        "data.txt",
        "${path.module}/../../x",
        "a/../../..",
        "m/data.txt",
        "\\\\0",
        "~/x",
    ]
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{ a = {}, b = {} }}".format, inner, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds('"x${{{}}}-${{{}}}"'.format, inner, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "*", "/", "==", "&&", "<"]), inner),
        st.builds("[for k, v in {} : {}]".format, inner, inner),
        st.builds("{{ for k, v in {} : k => {} }}".format, inner, inner),
        st.builds("{{ for v in {} : v => {}... }}".format, inner, inner),
        st.builds("{}[{}]".format, REFERENCES, inner),
        st.builds("merge({}, {})".format, inner, inner),
        st.builds("try({}, {})".format, inner, inner),
        st.builds("{}({})".format, st.sampled_from(["length", "toset", "keys", "values", "flatten", "one"]), inner),
        st.builds("concat({}, {})".format, inner, inner),
        st.builds('{}("{}")'.format, st.sampled_from(["file", "fileexists", "filebase64", "filesha256"]), PATHS),
        st.builds('templatefile("{}", {{ x = {} }})'.format, PATHS, inner),
        st.builds('fileset("{}", "**")'.format, PATHS),
    )


EXPRESSIONS = st.recursive(LITERALS | REFERENCES, _compound, max_leaves=6)
LOOPS = st.one_of(
    st.just(""),
    st.builds("  count = {}\n".format, EXPRESSIONS),
    st.builds("  for_each = {}\n".format, EXPRESSIONS),
    st.just('  for_each = toset(["a", "b"])\n'),
)
RULES = st.one_of(
    st.just(""),
    st.builds("  rule {{\n    input = {}\n  }}\n".format, EXPRESSIONS),
    st.builds(
        '  dynamic "rule" {{\n    for_each = {}\n    content {{\n      input = {}\n    }}\n  }}\n'.format,
        EXPRESSIONS,
        EXPRESSIONS,
    ),
)
PROVIDERS = st.sampled_from(["", "  provider = aws.a\n", "  provider = aws.b[each.key]\n", "  provider = foo\n"])
SOURCES = st.sampled_from(
    [
        "./m",
        "../m",
        "./",
        "../",
        "../../x",
        "/etc",
        "acme/x/aws",
        "./m/../n",
        "git::https://x/y",
        "..",
        "${path.module}",
    ]
)
BLOCKS = st.one_of(
    st.builds('variable "{}" {{\n  default = {}\n}}\n'.format, NAMES, LITERALS),
    st.builds('variable "{}" {{\n  type = {}\n}}\n'.format, NAMES, st.sampled_from(["any", "list(string)", "number"])),
    st.builds("locals {{\n  {} = {}\n}}\n".format, NAMES, EXPRESSIONS),
    st.builds('output "{}" {{\n  value = {}\n}}\n'.format, NAMES, EXPRESSIONS),
    st.builds(
        'resource "{}" "{}" {{\n{}{}  input = {}\n{}}}\n'.format, TYPES, NAMES, LOOPS, PROVIDERS, EXPRESSIONS, RULES
    ),
    st.builds('data "{}" "{}" {{\n{}  input = {}\n}}\n'.format, TYPES, NAMES, LOOPS, EXPRESSIONS),
    st.builds(
        'module "{}" {{\n  source = "{}"\n{}  a = {}\n  b = {}\n  providers = {{ aws = {} }}\n}}\n'.format,
        NAMES,
        SOURCES,
        LOOPS,
        EXPRESSIONS,
        EXPRESSIONS,
        st.sampled_from(["aws", "aws.a", "aws.b[each.key]", "foo"]),
    ),
    st.builds(
        'provider "{}" {{\n  alias = "{}"\n{}  region = {}\n}}\n'.format,
        st.sampled_from(["aws", "foo"]),
        NAMES,
        LOOPS,
        EXPRESSIONS,
    ),
    st.builds('terraform {{\n  backend "s3" {{\n    region = {}\n  }}\n}}\n'.format, EXPRESSIONS),
    st.sampled_from(
        ["moved {\n  from = a.b\n  to = a.c\n}\n", "broken {\n", "}\n", 'resource "x" {\n}\n', "import {}\n"]
    ),
)
FILES = st.lists(BLOCKS, max_size=6).map("".join)
FOLDERS = st.fixed_dictionaries(
    {"r/main.tf": FILES},
    optional={
        "r/b_override.tf": FILES,
        "r/m/main.tf": FILES,
        "r/n/main.tf": FILES,
        "m/main.tf": FILES,
        "main.tf": FILES,
        "r/terraform.tfvars": st.builds("a = {}\nb = {}\n".format, LITERALS, EXPRESSIONS),
        "r/data.txt": st.just("${x} text"),
        "r/.terraform/modules/modules.json": st.just('{"Modules": [{"Key": "a", "Source": "x", "Dir": "../m"}]}'),
    },
)


def look_into(value: Value) -> None:
    """Goes through what a value holds; a resource that holds itself is endless."""
    stack = [value]
    for _ in range(2_000):
        if not stack:
            return
        current = stack.pop()
        inner = current.value if type(current) is Known else None
        if isinstance(inner, tuple):
            stack.extend(inner)
        elif isinstance(inner, Mapping):
            stack.extend(inner[key] for key in list(inner))


@given(files=FOLDERS)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_configuration_ends_inside_the_tree(files: dict[str, str]) -> None:
    started = time.monotonic()
    tree = RecordingTree(dict(files))
    cache = FolderCache(tree)
    span = Span(SourceFile("test", ""), 0, 0)
    for root in root_folders(tree, [path for path in files if path.endswith(".tf")]):
        loaded = load_root(cache, root, Given())
        for resource in loaded.resources[:200]:
            for name in resource.attributes.names():
                for route in ((name,), (name, "*"), (name, "input")):
                    for _, value in resource.attributes.select(route):
                        look_into(value)
                resource.attributes.key_span((name, "input"))
            list(resource.attributes.references())
            if resource.provider is not None and resource.provider.attributes is not None:
                list(resource.provider.attributes.select(("region",)))
        for name in loaded.root.folder.outputs:
            look_into(loaded.root.output(name, span))
    for path in tree.asked:
        assert not path.startswith("/") and ".." not in path.split("/"), path
    assert time.monotonic() - started < SECONDS
