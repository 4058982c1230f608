"""Policies of the user's own, laid over those that belong to sovlint: rules, profiles and entries of the catalogue.

What they define is added. What they define again is a mistake, since nobody could tell which one counts. The result is
the shards that differ; all others are read as ever.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from pathlib import Path

from sovlint.catalogue.compile import ADDERS
from sovlint.catalogue.custom_read import Keys, MistakeError, PolicyFile, files_in
from sovlint.catalogue.read import PROVENANCE, Data, inherit
from sovlint.catalogue.regexes import flaw
from sovlint.catalogue.violations import fits, short
from sovlint.model.errors import PolicyError

OWN = "own"
"""The operator of a host that the users run themselves; the catalogue calls it `private`."""

MAX_MISTAKES = 50
"""As many are said when a run cannot begin."""


class Custom:
    """What came of folders of custom policies.

    Attributes:
        files: those that could be read.
        mistakes: with file, line and column, in order; without any the rest can be used.
        shards: that differ from the ones below.
    """

    def __init__(self, read: Callable[[str], Data]) -> None:
        self._read = read
        self.files: list[PolicyFile] = []
        self.mistakes: list[str] = []
        self.shards: dict[str, Data] = {}
        self._defined: dict[tuple[str, str], str] = {}

    def shard(self, name: str) -> Data:
        """A shard with the additions."""
        return self.shards[name] if name in self.shards else self._read(name)

    def own(self, name: str) -> Data:
        """A shard that may be changed."""
        if name not in self.shards:
            self.shards[name] = copy.deepcopy(self._read(name))
        return self.shards[name]

    def wrong(self, file: PolicyFile, keys: Keys, text: str, *, key: bool = False) -> None:
        """Notes a mistake at a value, or at its key."""
        self.mistakes.append(f"{file.at(keys, key=key)}: {text}")

    def add(self, table: Data, name: str, value: object, what: str, file: PolicyFile, keys: Keys) -> None:
        """Puts something into a table, once; where `value` is None, only notes that it is there."""
        before = self._defined.get((what, name)) or ("sovlint's own policies" if name in table else "")
        if before:
            self.wrong(file, keys, f"{what} {name} is already defined in {before}", key=True)
            return
        self._defined[what, name] = file.at(keys, key=True)
        table[name] = value


def compile_custom(folders: Iterable[str], read: Callable[[str], Data], schemas: Path) -> Custom:
    """Reads and checks folders of custom policies.

    Args:
        folders: absolute paths.
        read: the shards that belong to sovlint.
        schemas: the folder with the schemas of policies.
    """
    out = Custom(read)
    for folder in folders:
        try:
            found = list(files_in(Path(folder)))
        except (MistakeError, OSError) as error:
            out.mistakes.append(str(error))
            continue
        for file in found:
            try:
                file.read()
            except MistakeError as error:
                out.mistakes.append(str(error))
                continue
            if fits(file, schemas, out):
                out.files.append(file)
    for file in out.files:
        defaults = {k: v for k, v in (file.data.get("defaults") or {}).items() if k in PROVENANCE}
        _MERGE[file.kind](out, file, inherit(file.data, defaults))
    _zones(out)
    _select(out)
    if not out.mistakes:
        from sovlint.catalogue.references import check_references

        check_references(out)
    return out


def custom_shards(folders: Iterable[str], read: Callable[[str], Data], schemas: Path) -> dict[str, Data]:
    """The shards that differ because of custom policies.

    Raises:
        PolicyError: they are not usable; a line for each mistake.
    """
    found = compile_custom(folders, read, schemas)
    if found.mistakes:
        more = len(found.mistakes) - MAX_MISTAKES
        lines = found.mistakes[:MAX_MISTAKES] + ([f"… {more} more"] if more > 0 else [])
        raise PolicyError("\n".join(lines))
    return found.shards


# --- kinds of file


def _scratch(file: PolicyFile, data: Data) -> dict[str, Data]:
    """The shards of one file alone, as the compiler of sovlint's own makes them.

    Raises:
        PolicyError: the file contradicts itself.
    """
    core: Data = {key: {} for key in ("operators", "providers", "sources", "rules", "profiles")}
    core.update(namespaces=[], services=[])
    shards: dict[str, Data] = {"core": core, "alternatives": {}, "frameworks": {}, "texts": {}}
    ADDERS[file.kind](shards, data)
    return shards


def _countries(out: Custom, file: PolicyFile, data: Data) -> None:
    core = out.own("core")
    for code, entry in data.get("countries", {}).items():
        out.add(core["countries"], code, entry["name"], "country", file, ("countries", code))
        if "in_sentence" in entry:
            core["country_phrases"].setdefault(code, entry["in_sentence"])
    for name, zone in data.get("zones", {}).items():
        out.add(core["zones"], name, {**zone, "file": (file, name)}, "zone", file, ("zones", name))
    for table in ("adequacy", "territories"):
        if table in data:
            out.wrong(file, (table,), f"{table} is sovlint's own; countries and zones can be added", key=True)


def _operators(out: Custom, file: PolicyFile, data: Data) -> None:
    table = out.own("core")["operators"]
    for name, entry in data.get("operators", {}).items():
        if name in (OWN, "private"):
            out.wrong(file, ("operators", name), f"{name} is reserved for hosts of your own", key=True)
            continue
        out.add(table, name, entry, "operator", file, ("operators", name))


def _hosts(out: Custom, file: PolicyFile, data: Data) -> None:
    hosts = out.own("hosts")

    def entry_of(entry: Data) -> Data:
        return {**entry, "operator": "private"} if entry["operator"] == OWN else entry

    for name, entry in data.get("hosts", {}).items():
        if name != name.lower() or "/" in name or ":" in name or name.startswith("."):
            out.wrong(file, ("hosts", name), f"{name}: a host in lower case, without scheme, port and path", key=True)
            continue
        out.add(hosts["hosts"], name, entry_of(entry), "host", file, ("hosts", name))
    for number, row in enumerate(data.get("patterns", ())):
        keys: Keys = ("patterns", number, "pattern")
        problem = flaw(row["pattern"], "region" if "regions" in row else "")
        if problem:
            out.wrong(file, keys, f"pattern {problem}")
        else:
            hosts["patterns"].append(entry_of(row))
    hosts["private"] = list(dict.fromkeys([*hosts["private"], *data.get("private_suffixes", ())]))


def _regions(out: Custom, file: PolicyFile, data: Data) -> None:
    namespace = data["namespace"]
    core = out.own("core")
    if "zone_pattern" in data and (problem := flaw(data["zone_pattern"], "region")):
        out.wrong(file, ("zone_pattern",), f"zone_pattern {problem}")
        return
    known = out.shard(f"regions-{namespace}")
    if not known:
        shard = _scratch(file, data)[f"regions-{namespace}"]
        core["namespaces"].append(namespace)
        shard = {**shard, "regions": {}, "multi": {}, "global": {}}
        out.shards[f"regions-{namespace}"] = shard
    else:
        shard = out.own(f"regions-{namespace}")
        for key in ("normalise", "zone_pattern"):
            if key in data and data[key] != known.get(key):
                out.wrong(file, (key,), f"{key} of {namespace} is {known.get(key)!r}, which cannot be changed")
    names = {
        alias
        for table in ("regions", "multi", "global")
        for name, entry in (shard.get(table) or {}).items()
        for alias in (name, *entry.get("aliases", ()))
    }
    for table in ("regions", "multi", "global"):
        for name, entry in (data.get(table) or {}).items():
            for alias in entry.get("aliases", ()):
                if alias in names:
                    out.wrong(file, (table, name, "aliases"), f"{alias} is already a place of {namespace}")
            if name in names and name not in (shard.get(table) or {}):
                out.wrong(file, (table, name), f"{name} is already a place of {namespace}", key=True)
                continue
            row = entry if table == "global" else {"operator": data["operator"], **entry}
            target = shard.setdefault(table, {})
            out.add(target, name, dict(row), f"place {namespace}:", file, (table, name))
            names.update((name, *entry.get("aliases", ())))
    shard["suggest"] = list(dict.fromkeys([*data.get("suggest", ()), *shard.get("suggest", ())]))
    for name, entry in (data.get("multi") or {}).items():
        found = set(entry.get("countries", ()))
        for number, member in enumerate(entry.get("members", ())):
            region = shard["regions"].get(member)
            if region is None:
                out.wrong(file, ("multi", name, "members", number), f"{member} is no region of {namespace}")
            else:
                found.add(region["country"])
        if name in shard["multi"]:
            shard["multi"][name]["countries"] = sorted(found)


def _services(out: Custom, file: PolicyFile, data: Data) -> None:
    provider = data["provider"]
    name = provider["name"]
    core = out.own("core")
    try:
        new = _scratch(file, data)
    except PolicyError as error:
        out.wrong(file, ("services",), str(error))
        return
    known = core["providers"].get(name)
    if known is None:
        out.add(core["providers"], name, provider, "provider", file, ("provider",))
        core["services"].append(name)
        for number, source in enumerate(provider["sources"]):
            out.add(core["sources"], source, name, "source", file, ("provider", "sources", number))
    else:
        for key in provider:
            written = file.data["provider"]
            if key in written and key not in PROVENANCE and written[key] != known.get(key):
                out.wrong(file, ("provider", key), f"{key} of {name} is {short(known.get(key))} and cannot be changed")
    types, services = out.own(f"types-{name}"), out.own(f"services-{name}")
    types.update({key: types.get(key, {}) for key in ("exact", "types", "lock_in")}, patterns=types.get("patterns", []))
    fresh = new[f"types-{name}"]
    for service, entry in new[f"services-{name}"].items():
        out.add(services, service, entry, f"service {name}/", file, ("services", service))
        types["lock_in"].setdefault(service, fresh["lock_in"][service])
        for role in ("primary", "auxiliary"):
            for number, kind in enumerate(data["services"][service].get(role, ())):
                keys: Keys = ("services", service, role, number)
                if not kind.endswith("*"):
                    out.add(types["exact"], kind, fresh["exact"][kind], "type", file, keys)
                elif any(row[0] == kind[:-1] for row in types["patterns"]):
                    out.wrong(file, keys, f"types {kind} are already those of a service of {name}")
                else:
                    types["patterns"].append([kind[:-1], service, role == "primary"])
    types["patterns"].sort(key=lambda row: (-len(row[0]), row[0]))
    for kind, entry in fresh["types"].items():
        out.add(types["types"], kind, entry, "reading of type", file, ("types", kind))


def _alternatives(out: Custom, file: PolicyFile, data: Data) -> None:
    """New capabilities, and more ways out of those there are: the user's own come first."""
    table = out.own("alternatives")
    for name, entry in data["alternatives"].items():
        known = table.get(name)
        if known is None:
            out.add(table, name, entry, "capability", file, ("alternatives", name))
            continue
        titles = {option["title"] for option in known["options"]}
        for number, option in enumerate(entry["options"]):
            if option["title"] in titles:
                keys: Keys = ("alternatives", name, "options", number, "title")
                out.wrong(file, keys, f"{option['title']} is already an alternative for {name}")
        known["options"] = [*entry["options"], *known["options"]]


def _framework(out: Custom, file: PolicyFile, data: Data) -> None:
    entry = {key: value for key, value in data.items() if key != "defaults"}
    out.add(out.own("frameworks"), data["id"], entry, "framework", file, ("id",))


def _rule(out: Custom, file: PolicyFile, data: Data) -> None:
    code = data["code"]
    if code.startswith("SOV"):
        out.wrong(file, ("code",), "codes that begin with SOV are sovlint's own; take letters of yours, such as MIN001")
        return
    rules, texts = out.own("core")["rules"], out.own("texts")
    if any(rule["name"] == data["name"] for rule in rules.values()):
        out.wrong(file, ("name",), f"a rule named {data['name']} is already there")
    new = _scratch(file, data)
    out.add(rules, code, {**new["core"]["rules"][code], "custom": True}, "rule", file, ("code",))
    texts.setdefault(code, new["texts"][code])


def _profile(out: Custom, file: PolicyFile, data: Data) -> None:
    profiles = out.own("core")["profiles"]
    out.add(profiles, data["name"], {**data, "custom": True}, "profile", file, ("name",))


_MERGE: dict[str, Callable[[Custom, PolicyFile, Data], None]] = {
    "countries": _countries,
    "operators": _operators,
    "hosts": _hosts,
    "regions": _regions,
    "services": _services,
    "alternatives": _alternatives,
    "framework": _framework,
    "rule": _rule,
    "profile": _profile,
}


def _zones(out: Custom) -> None:
    """Replaces `includes` of new zones by the countries themselves."""
    zones: Data = out.shard("core")["zones"]

    def members(name: str, above: tuple[str, ...]) -> set[str]:
        zone = zones[name]
        if "file" not in zone:
            return set(zone["countries"])
        file, key = zone["file"]
        found = set(zone["countries"])
        for number, other in enumerate(zone.get("includes", ())):
            if other in (*above, name) or other not in zones:
                text = "includes itself" if other in zones else f"is unknown; there are {', '.join(sorted(zones))}"
                out.wrong(file, ("zones", key, "includes", number), f"zone {other} {text}")
            else:
                found |= members(other, (*above, name))
        return found

    flat = {name: sorted(members(name, ())) for name, zone in zones.items() if "file" in zone}
    for name, countries in flat.items():
        zones[name]["countries"] = countries
        del zones[name]["file"]
        zones[name].pop("includes", None)


def _select(out: Custom) -> None:
    """Rules of the user's own belong to every profile, apart from profiles of their own that say what they select."""
    codes = sorted(code for code, rule in out.shard("core")["rules"].items() if rule.get("custom"))
    if not codes:
        return
    for profile in out.own("core")["profiles"].values():
        if not profile.get("custom") or "select" not in profile:
            profile["select"] = [*profile.get("select", ("SOV",)), *codes]
