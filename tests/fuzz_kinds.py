"""Every kind of file that is read, with real files of it to begin from and a small tree in which it matters."""

from __future__ import annotations

# ruff: noqa: E501 - files of the fixtures, as they are
import gzip
import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import NamedTuple

from fuzz_mutate import Syntax
from support import FIXTURES, REPOSITORY

MAX_SEED = 20_000
"""Bytes; longer files are left out, since a change in them is mostly far from anything."""

MAX_SEEDS = 80

CORPUS = REPOSITORY / "tests" / "data" / "fuzz_corpus"


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        path: where the changed file lies in the tree.
        syntax: how it is changed.
        globs: which files below the fixtures are seeds.
        seeds: further ones.
        around: the other files of the tree.
        settings: keyword arguments of `Config`; `{tree}` in a text is the tree's folder.
        pack: makes the file of what is changed (an archive).
        configured: whether the changed file is the configuration of the run.
    """

    path: str
    syntax: Syntax
    globs: tuple[str, ...] = ()
    seeds: tuple[bytes, ...] = ()
    around: Mapping[str, bytes] = {}
    settings: Mapping[str, object] = {}
    pack: Callable[[bytes], bytes] = bytes
    configured: bool = False


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A tar archive, not packed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def packed(data: bytes) -> bytes:
    """gzip without a time, so that the same input gives the same bytes."""
    return gzip.compress(data, 1, mtime=0)


CHART = b"apiVersion: v2\nname: c\nversion: 1.0.0\n"
PARENT = (
    b"apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n  - name: d\n    version: 1.0.0\n"
    b"    repository: https://charts.example.com\n    condition: d.enabled\n    alias: e\n    import-values: [data]\n"
)
VALUES = (
    b"replicas: 2\nimage:\n  registry: docker.io\n  repository: library/nginx\n  tag: '1'\nregion: us-east-1\n"
    b"d: {enabled: true, image: {repository: ghcr.io/a/b}}\nglobal: {imageRegistry: quay.io}\nlist: [a, {b: c}]\n"
    b"env:\n  - name: AWS_REGION\n    value: us-east-1\nextra: |\n  url: https://s3.us-east-1.amazonaws.com\n"
)
TEMPLATE = (
    b'{{- define "c.image" -}}\n{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}\n'
    b"{{- end }}\n{{- if .Values.enabled }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n"
    b'spec:\n  template:\n    spec:\n      containers:\n        - name: c\n          image: {{ include "c.image" . | quote }}\n'
    b"          env:\n            {{- range .Values.env }}\n            - name: {{ .name }}\n              value: {{ .value }}\n"
    b"            {{- end }}\n      nodeSelector:\n        {{- toYaml .Values.nodeSelector | nindent 8 }}\n{{- end }}\n"
    b'---\napiVersion: v1\nkind: ConfigMap\ndata:\n  a: {{ default "us-east-1" .Values.region }}\n'
)
LOCK = (
    b"dependencies:\n- name: postgresql\n  repository: https://charts.bitnami.com/bitnami\n  version: 12.1.2\n"
    b'digest: sha256:0\ngenerated: "2026-01-01T00:00:00Z"\n'
)
POD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: x}}\nspec:\n  containers:\n    - {name: c, image: docker.io/a/b:1}\n"
CALL = (
    b'provider "aws" {\n  region = var.r\n}\nvariable "r" {\n  type    = string\n  default = "us-east-1"\n}\n'
    b'variable "x" {\n  type = object({ a = optional(string, "b"), l = list(number) })\n  default = null\n}\n'
    b'resource "aws_s3_bucket" "b" {\n  for_each = toset(["a", "b"])\n  bucket = each.key\n}\n'
    b'module "m" {\n  source = "./m"\n  r = var.x\n}\noutput "o" {\n  value = module.m.o\n}\n'
)
MODULE = b'variable "r" {\n  default = "eu-west-1"\n}\nresource "aws_dynamodb_table" "t" {\n  region = var.r\n}\noutput "o" {\n  value = var.r\n}\n'
DOWNLOADED = (
    b'{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"vpc","Source":"registry.terraform.io/a/vpc/aws","Version":"5.0.0",'
    b'"Dir":".terraform/modules/vpc"},{"Key":"vpc.inner","Source":"./m","Dir":".terraform/modules/vpc/m"}]}'
)
CONFIG = (
    b"profile: nl-gemeente\nfail-on: high\nunknown: note\nmin-confidence: heuristic\nselect: [SOV1, SOV5]\nignore: [SOV401]\n"
    b'exclude: ["examples/**"]\nterraform: {workspace: prod, var-files: [a.tfvars]}\nenvironments:\n'
    b"  prod: {workspace: prod, var-files: [a.tfvars], values: {chart: [values.yaml]}, set: [a=b]}\nscopes:\n"
    b'  - {paths: ["x/**"], profile: gaiax-l3}\n  - {labels: {data: [personal]}, classification: personal-data}\n'
    b"kubernetes: {provider: aws}\nhosts:\n  registry.example.eu: {operator: own, purpose: registry}\n"
    b"limits: {operator-share: 0.8, unknown-share: 0.1}\nhelm: {engine: none}\nwaivers:\n"
    b'  - {rules: [SOV201], paths: ["**"], until: 2027-06-30, owner: a, reason: b}\nbaseline: base.json\n'
)
PYPROJECT = (
    b'[project]\nname = "x"\n[tool.sovlint]\nprofile = "eu-strict"\nexclude = ["a/**"]\n[tool.sovlint.hosts]\n'
    b'"registry.example.eu" = {operator = "own"}\n[[tool.sovlint.waivers]]\nrules = ["SOV1"]\nuntil = "2027-01-01"\n'
    b'owner = "a"\nreason = "b"\n'
)
BASELINE = (
    b'{"schema": "sovlint-baseline/1", "tool": "sovlint 0.1.0", "profile": "eu-baseline", "atoms": [{"rule": "SOV101", '
    b'"path": "main.tf", "line": 2, "address": "aws_s3_bucket.b", "fingerprint": "00", "content": "11", "severity": "critical", '
    b'"operator": "aws", "service": "", "message": "m"}]}'
)
HELMFILE = (
    b"repositories:\n  - name: b\n    url: https://charts.bitnami.com/bitnami\nreleases:\n  - name: a\n    chart: ./chart\n"
    b"    values:\n      - values.yaml\n      - image: {repository: ghcr.io/a/b}\n    set:\n      - name: image.tag\n        value: 1\n"
    b"  - name: c\n    chart: b/postgresql\n    version: 1.0.0\n"
)
ARGO = (
    b"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    repoURL: https://github.com/a/b\n"
    b"    chart: c\n    helm:\n      values: |\n        image:\n          repository: ghcr.io/a/b\n      valuesObject: {region: us-east-1}\n"
    b"      parameters: [{name: image.tag, value: x}]\n  destination: {server: https://kubernetes.default.svc}\n---\n"
    b"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: f}\nspec:\n  chart: {spec: {chart: c, sourceRef: {kind: HelmRepository, name: r}}}\n"
    b"  values: {image: {repository: docker.io/x/y}}\n  valuesFrom: [{kind: ConfigMap, name: v}]\n---\n"
    b"apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: r}\nspec: {url: 'oci://ghcr.io/a/charts'}\n"
)
IGNORE = b"# comment\n*.tmp\n!keep.yaml\n/build/**\n[a-z]*.tf\nfoo/\n\\#x\n**/x/**\n"
INDEX_POLICY = (
    b"code: MIN001\nname: operator-without-contract\ntitle: T\nseverity: high\nfact: operator\n"
    b"when: {role: [operator], primary: true, operator: [aws]}\nmessage: 'no contract with {operator}'\ninforms: []\n"
    b"why: a\nwhat_to_do: b\nfine_when: c\nsource: https://policy.example/x\nas_of: '2026-11-23'\n"
)
_CHART_TREE = {"chart/Chart.yaml": CHART, "chart/values.yaml": VALUES, "chart/templates/d.yaml": TEMPLATE}
_MODULES = {"m/main.tf": MODULE}

_PLANNED = {
    path.relative_to(FIXTURES / "terraform" / "plan-file").as_posix(): path.read_bytes()
    for path in sorted((FIXTURES / "terraform" / "plan-file").rglob("*.tf"))
}
PLAN = (
    b'{"format_version":"1.2","terraform_version":"1.11.4","variables":{"region":{"value":"us-east-1"}},"planned_values":'
    b'{"root_module":{"resources":[{"address":"aws_s3_bucket.a","mode":"managed","type":"aws_s3_bucket","name":"a",'
    b'"provider_name":"registry.terraform.io/hashicorp/aws","values":{"bucket":"x","region":"us-east-1"},"sensitive_values":'
    b'{"bucket":true}}],"child_modules":[{"address":"module.remote","resources":[]}]}},"resource_changes":[],"configuration":'
    b'{"provider_config":{"aws":{"name":"aws","expressions":{"region":{"references":["var.region"]}}}},"root_module":'
    b'{"resources":[{"address":"aws_s3_bucket.a","mode":"managed","type":"aws_s3_bucket","name":"a","provider_config_key":"aws",'
    b'"expressions":{"bucket":{"constant_value":"x"}}}],"module_calls":{"remote":{"source":"a/b/c","expressions":{},"module":{}}},'
    b'"variables":{"region":{}}}}}'
)


def _example(path: str) -> bytes:
    return (REPOSITORY / "examples" / "policies" / path).read_bytes()


KINDS: dict[str, Kind] = {
    "tf": Kind(
        "main.tf", "hcl", ("**/*.tf", "**/*.tofu"), (CALL,), {**_MODULES, "terraform.tfvars": b'r = "us-west-2"\n'}
    ),
    "tf-override": Kind("b_override.tf", "hcl", ("**/*.tf",), (CALL,), {**_MODULES, "main.tf": CALL}),
    "tf-module": Kind("m/main.tf", "hcl", ("**/*.tf",), (MODULE,), {"main.tf": CALL}),
    "tf-json": Kind(
        "main.tf.json",
        "yaml",
        ("**/*.tf.json",),
        (b'{"resource":{"aws_s3_bucket":{"b":[{"bucket":"${var.x}"}]}},"variable":{"x":{"default":null}}}',),
        _MODULES,
    ),
    "tfvars": Kind(
        "terraform.tfvars",
        "hcl",
        ("**/*.tfvars",),
        (b'r = "us-east-1"\nx = { a = "b", l = [1] }\n',),
        {"main.tf": CALL, **_MODULES},
    ),
    "tfvars-json": Kind(
        "terraform.tfvars.json",
        "yaml",
        ("**/*.tfvars.json",),
        (b'{"r":"us-east-1","x":{"a":null,"l":[1,"2"]}}',),
        {"main.tf": CALL, **_MODULES},
    ),
    "templatefile": Kind(
        "t.tftpl",
        "lines",
        ("**/*.tftpl",),
        (b"a: ${x}\n%{ for a in l ~}\n- ${a}\n%{ endfor ~}\n",),
        {
            "main.tf": b'locals {\n  t = templatefile("t.tftpl", { x = "us-east-1", l = ["a"] })\n  y = yamldecode(local.t)\n}\nprovider "aws" {\n  region = local.y.a\n}\nresource "aws_s3_bucket" "b" {}\n'
        },
    ),
    "data-file": Kind(
        "d.yaml",
        "yaml",
        ("rules/SOV10*/**/*.yaml",),
        (b"a: us-east-1\nb: &x {c: [d]}\ne: *x\n",),
        {
            "main.tf": b'locals {\n  y = yamldecode(file("d.yaml"))\n}\nprovider "aws" {\n  region = local.y.a\n}\nresource "aws_s3_bucket" "b" {\n  for_each = local.y\n  bucket = each.value\n}\n'
        },
    ),
    "terragrunt": Kind(
        "live/terragrunt.hcl",
        "hcl",
        ("**/*.hcl",),
        (
            b'include "root" {\n  path = find_in_parent_folders("root.hcl")\n  expose = true\n}\nterraform {\n  source = "../m"\n}\nlocals {\n  a = read_terragrunt_config("x.hcl")\n}\ndependency "d" {\n  config_path = "../d"\n  mock_outputs = { x = 1 }\n}\ninputs = {\n  r = local.a\n}\n',
        ),
        {
            **_MODULES,
            "root.hcl": b'remote_state {\n  backend = "s3"\n  config = { region = "us-east-1" }\n}\ngenerate "p" {\n  path = "p.tf"\n  if_exists = "overwrite"\n  contents = "provider \\"aws\\" { region = \\"us-east-1\\" }"\n}\n',
            "live/x.hcl": b"locals {\n  a = 1\n}\n",
            "d/terragrunt.hcl": b'terraform {\n  source = "../m"\n}\n',
        },
    ),
    "terragrunt-root": Kind(
        "root.hcl",
        "hcl",
        ("**/*.hcl",),
        (),
        {
            **_MODULES,
            "live/terragrunt.hcl": b'include {\n  path = find_in_parent_folders("root.hcl")\n}\nterraform {\n  source = "../m"\n}\n',
        },
    ),
    "plan": Kind("plan.json", "yaml", ("terraform/*/plan.json",), (PLAN,), _PLANNED, {"plan": "{tree}/plan.json"}),
    "lock": Kind(
        ".terraform.lock.hcl",
        "hcl",
        (),
        (
            b'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.0.0"\n  constraints = ">= 5"\n  hashes = ["h1:x"]\n}\n',
        ),
        {"main.tf": CALL, **_MODULES},
    ),
    "modules-json": Kind(
        ".terraform/modules/modules.json",
        "yaml",
        (),
        (DOWNLOADED,),
        {
            "main.tf": CALL + b'module "vpc" {\n  source = "a/vpc/aws"\n}\n',
            **_MODULES,
            ".terraform/modules/vpc/main.tf": MODULE,
            ".terraform/modules/vpc/m/main.tf": MODULE,
        },
    ),
    "manifest": Kind(
        "k.yaml",
        "yaml",
        ("kubernetes/**/*.yaml", "rules/**/*kubernetes*/*.yaml", "projects/gemeente/k8s/*.yaml"),
        (POD,),
    ),
    "manifest-json": Kind(
        "k.json",
        "yaml",
        ("rules/**/*kubernetes*/*.json",),
        (
            b'{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"docker.io/x:1"}]}}]}',
        ),
    ),
    "argo-flux": Kind(
        "a.yaml",
        "yaml",
        ("projects/gitops-eu/argocd/*.yaml", "projects/gitops-eu/flux/*.yaml", "rules/SOV503/**/*.yaml"),
        (ARGO,),
    ),
    "kustomization": Kind(
        "kustomization.yaml",
        "yaml",
        ("**/kustomization.yaml",),
        (
            b"resources: [pod.yaml, base]\nimages: [{name: docker.io/a/b, newName: ghcr.io/x/y, newTag: '2'}]\npatches:\n  - path: patch.yaml\n    target: {kind: Pod}\n  - patch: |-\n      - op: replace\n        path: /spec/containers/0/image\n        value: quay.io/a\n    target: {kind: Pod, name: p.*}\nconfigMapGenerator: [{name: c, literals: [a=b], files: [x.txt]}]\nreplacements:\n  - source: {kind: Pod, fieldPath: metadata.name}\n    targets: [{select: {kind: Pod}, fieldPaths: [metadata.labels.app], options: {create: true}}]\nnamePrefix: a-\ncommonLabels: {a: b}\nhelmCharts: [{name: c, repo: https://x.example, valuesInline: {a: b}}]\n",
        ),
        {
            "pod.yaml": POD,
            "patch.yaml": POD,
            "x.txt": b"x",
            "base/kustomization.yaml": b"resources: [pod.yaml]\n",
            "base/pod.yaml": POD.replace(b"name: p,", b"name: q,"),
        },
    ),
    "kustomize-patch": Kind(
        "patch.yaml",
        "yaml",
        (),
        (
            POD,
            b"- op: replace\n  path: /spec/containers/0/image\n  value: quay.io/a\n- op: add\n  path: /metadata/labels/a~1b\n  value: {x: [y]}\n- {op: remove, path: /spec}\n- {op: copy, from: /metadata, path: /spec/x}\n- {op: move, from: /metadata/name, path: /metadata/labels/-}\n- {op: test, path: /kind, value: Pod}\n",
        ),
        {
            "pod.yaml": POD,
            "kustomization.yaml": b"resources: [pod.yaml]\npatches:\n  - path: patch.yaml\n    target: {kind: Pod}\n",
        },
    ),
    "kustomize-resource": Kind(
        "pod.yaml",
        "yaml",
        ("kubernetes/pods/**/*.yaml",),
        (POD,),
        {
            "kustomization.yaml": b"resources: [pod.yaml]\nnamePrefix: x-\nnamespace: n\nimages: [{name: docker.io/a/b, newTag: '2'}]\npatches: [{patch: '[{op: replace, path: /spec/containers/0/image, value: y}]', target: {kind: Pod}}]\n"
        },
    ),
    "chart": Kind(
        "chart/Chart.yaml",
        "yaml",
        ("**/Chart.yaml",),
        (PARENT,),
        {k: v for k, v in _CHART_TREE.items() if k != "chart/Chart.yaml"},
    ),
    "values": Kind(
        "chart/values.yaml",
        "yaml",
        ("**/values*.yaml",),
        (VALUES,),
        {k: v for k, v in _CHART_TREE.items() if k != "chart/values.yaml"},
    ),
    "values-alone": Kind("values-prod.yaml", "yaml", ("**/values*.yaml",), (VALUES,)),
    "template": Kind(
        "chart/templates/d.yaml",
        "yaml",
        ("**/templates/*.yaml",),
        (TEMPLATE,),
        {k: v for k, v in _CHART_TREE.items() if "templates" not in k},
    ),
    "tpl": Kind("chart/templates/_helpers.tpl", "lines", ("**/*.tpl",), (TEMPLATE,), _CHART_TREE),
    "chart-lock": Kind(
        "chart/Chart.lock", "yaml", ("**/Chart.lock",), (LOCK,), {**_CHART_TREE, "chart/Chart.yaml": PARENT}
    ),
    "requirements": Kind(
        "chart/requirements.yaml",
        "yaml",
        ("**/requirements.yaml",),
        (LOCK,),
        {**_CHART_TREE, "chart/Chart.yaml": b"apiVersion: v1\nname: c\nversion: 1.0.0\n"},
    ),
    "helmfile": Kind(
        "helmfile.yaml", "yaml", ("**/helmfile.yaml",), (HELMFILE,), {**_CHART_TREE, "values.yaml": VALUES}
    ),
    "helmignore": Kind("chart/.helmignore", "lines", ("**/.helmignore",), (IGNORE,), _CHART_TREE),
    "gitignore": Kind(
        ".gitignore",
        "lines",
        (),
        (IGNORE,),
        {**_CHART_TREE, "main.tf": CALL, "x/.gitignore": b"!*\n", "x/main.tf": MODULE},
    ),
    "tgz": Kind(
        "chart/charts/d.tgz",
        "bytes",
        (),
        (packed(archive([("d/Chart.yaml", CHART), ("d/values.yaml", VALUES), ("d/templates/d.yaml", TEMPLATE)])),),
        {**_CHART_TREE, "chart/Chart.yaml": PARENT},
    ),
    "tgz-tar": Kind(
        "chart/charts/d.tgz",
        "bytes",
        (),
        (archive([("d/Chart.yaml", CHART), ("d/values.yaml", VALUES), ("d/templates/d.yaml", TEMPLATE)]),),
        {**_CHART_TREE, "chart/Chart.yaml": PARENT},
        pack=packed,
    ),
    "tgz-values": Kind(
        "chart/charts/d.tgz",
        "yaml",
        ("**/values*.yaml",),
        (VALUES,),
        {**_CHART_TREE, "chart/Chart.yaml": PARENT},
        pack=lambda data: packed(
            archive([("d/Chart.yaml", CHART), ("d/values.yaml", data), ("d/templates/d.yaml", TEMPLATE)])
        ),
    ),
    "github": Kind(
        ".github/workflows/w.yml",
        "yaml",
        ("**/workflows/*.yml", "**/workflows/*.yaml"),
        (
            b"on: push\nenv: {AWS_REGION: us-east-1}\njobs:\n  a:\n    runs-on: [ubuntu-latest]\n    strategy: {matrix: {os: [ubuntu-latest, {a: b}]}}\n    container: {image: docker.io/x:1}\n    services: {db: {image: postgres}}\n    steps:\n      - uses: actions/checkout@v4\n      - uses: docker://alpine\n      - run: |\n          curl https://x.example\n        with: {a: b}\n  b:\n    uses: a/b/.github/workflows/c.yml@main\n",
        ),
    ),
    "github-action": Kind(
        ".github/actions/x/action.yml",
        "yaml",
        ("**/action.yml",),
        (b"name: a\nruns:\n  using: composite\n  steps:\n    - uses: actions/cache@v4\n",),
        {
            ".github/workflows/w.yml": b"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./.github/actions/x\n"
        },
    ),
    "gitlab": Kind(
        ".gitlab-ci.yml",
        "yaml",
        ("**/.gitlab-ci.yml", "**/*.gitlab-ci.yml"),
        (
            b"include: [{project: a/b, file: c.yml}, {remote: 'https://x.example/y.yml'}, {local: x.yml}]\nimage: docker.io/x:1\nvariables: {AWS_REGION: us-east-1}\ndefault: {image: {name: ghcr.io/a}, tags: [a]}\n.t: &t {image: a, services: [{name: b}, c]}\njob:\n  <<: *t\n  extends: [.t]\n  script: [!reference [.t, script], 'curl x']\n",
        ),
        {"x.yml": b"y: {image: z}\n"},
    ),
    "config": Kind(
        ".sovlint.yaml",
        "yaml",
        (),
        (CONFIG,),
        {"main.tf": CALL, **_MODULES, "a.tfvars": b'r = "us-east-1"\n', "base.json": BASELINE},
        configured=True,
    ),
    "config-toml": Kind("pyproject.toml", "lines", (), (PYPROJECT,), {"main.tf": CALL, **_MODULES}, configured=True),
    "baseline": Kind(
        "base.json", "yaml", (), (BASELINE,), {"main.tf": CALL, **_MODULES}, {"baseline": "{tree}/base.json"}
    ),
    "policy-rule": Kind(
        "mine/rules/MIN001.yaml",
        "yaml",
        (),
        (INDEX_POLICY,),
        {"main.tf": CALL, **_MODULES},
        {"policies": ("{tree}/mine",)},
    ),
    "policy-hosts": Kind(
        "mine/catalogue/hosts/x.yaml",
        "yaml",
        (),
        (),
        {
            "main.tf": CALL,
            **_MODULES,
            "mine/catalogue/operators/a.yaml": _example("internal-registry/catalogue/operators/agency.yaml"),
        },
        {"policies": ("{tree}/mine",)},
    ),
    "policy-operators": Kind(
        "mine/catalogue/operators/x.yaml", "yaml", (), (), {"main.tf": CALL, **_MODULES}, {"policies": ("{tree}/mine",)}
    ),
    "policy-countries": Kind(
        "mine/catalogue/countries.yaml", "yaml", (), (), {"main.tf": CALL, **_MODULES}, {"policies": ("{tree}/mine",)}
    ),
    "policy-profile": Kind(
        "mine/profiles/mine.yaml",
        "yaml",
        (),
        (),
        {
            "main.tf": CALL,
            **_MODULES,
            "mine/catalogue/countries.yaml": _example("ministry-zone/catalogue/countries.yaml"),
        },
        {"policies": ("{tree}/mine",)},
    ),
    "comments": Kind(
        "main.tf",
        "lines",
        (),
        (
            b'# sovlint:waive SOV101 until=2027-01-01 owner="a b" reason="c"\n' + CALL,
            CALL.replace(
                b'"us-east-1"\n', b'"us-east-1" # sovlint:waive SOV101,SOV1 until=2027-01-01 owner=a reason=b\n'
            ),
        ),
        _MODULES,
    ),
    "named": Kind("any.file", "yaml", ("**/*.yaml", "**/*.tf"), (POD, CALL), {}, {"paths": ("any.file",)}),
}
"""Name → kind. What is not among them is not read."""


@cache
def seeds_of(name: str) -> tuple[bytes, ...]:
    """Real files of a kind, shortest first; deterministic, and at most `MAX_SEEDS`."""
    kind = KINDS[name]
    found = {path.read_bytes() for glob in kind.globs for path in FIXTURES.glob(glob) if path.is_file()}
    extra = {
        "policy-hosts": "examples/policies/*/catalogue/hosts/*.yaml",
        "policy-operators": "examples/policies/*/catalogue/operators/*.yaml",
        "policy-countries": "examples/policies/*/catalogue/countries.yaml",
        "policy-profile": "examples/policies/*/profiles/*.yaml",
        "policy-rule": "examples/policies/*/rules/*.yaml",
    }
    if name in extra:
        found |= {path.read_bytes() for path in REPOSITORY.glob(extra[name])}
    chosen = sorted((data for data in found if len(data) <= MAX_SEED), key=lambda data: (len(data), data))
    stride = max(1, len(chosen) // MAX_SEEDS)
    return (*kind.seeds, *chosen[::stride])
