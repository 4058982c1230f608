"""The region, country, operator, host and framework files, read as plain YAML."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
CATALOGUE = POLICIES / "catalogue"
FACTS = ROOT / "tests" / "data" / "regions"


class _Loader(yaml.SafeLoader):
    """Safe loader that leaves dates alone."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


def namespace(name: str) -> Any:
    return load(CATALOGUE / "regions" / f"{name}.yaml")


def region_files() -> list[Path]:
    return sorted((CATALOGUE / "regions").glob("*.yaml"))


def operators() -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for path in sorted((CATALOGUE / "operators").glob("*.yaml")):
        entries = load(path)["operators"]
        assert not set(entries) & set(merged), f"{path.name} repeats operators"
        merged.update(entries)
    return merged


def normalise(data: dict[str, Any], value: str) -> str:
    how = data.get("normalise", "exact")
    if how == "exact":
        return value
    value = value.lower()
    return value.replace(" ", "").replace("-", "") if how == "azure" else value


def find(data: dict[str, Any], value: str) -> tuple[str, str] | None:
    """(section, key) of a name, through aliases and the zone pattern."""
    value = normalise(data, value)
    for section in ("regions", "multi", "global"):
        for key, entry in data.get(section, {}).items():
            if value in (normalise(data, name) for name in (key, *entry.get("aliases", []))):
                return section, key
    pattern = data.get("zone_pattern")
    match = re.fullmatch(pattern, value) if pattern else None
    return find({k: v for k, v in data.items() if k != "zone_pattern"}, match["region"]) if match else None


def country(name: str, value: str) -> str | None:
    data = namespace(name)
    found = find(data, value)
    return data["regions"][found[1]]["country"] if found and found[0] == "regions" else None


def countries_of(name: str, value: str) -> set[str]:
    data = namespace(name)
    entry = data["multi"][normalise(data, value)]
    return set(entry.get("countries", [])) | {data["regions"][member]["country"] for member in entry.get("members", [])}


def zone(name: str) -> set[str]:
    zones = load(CATALOGUE / "countries.yaml")["zones"]
    members = set(zones[name]["countries"])
    for other in zones[name].get("includes", []):
        members |= zone(other)
    return members


SCHEMAS = [
    *((path, "regions") for path in region_files()),
    *((path, "operators") for path in sorted((CATALOGUE / "operators").glob("*.yaml"))),
    *((CATALOGUE / "hosts" / f"{name}.yaml", "hosts") for name in ("registries", "services")),
    *((path, "framework") for path in sorted((POLICIES / "frameworks").glob("*.yaml"))),
    (CATALOGUE / "countries.yaml", "countries"),
]


@pytest.mark.parametrize(("path", "schema"), SCHEMAS, ids=lambda value: getattr(value, "stem", value))
def test_follows_its_schema(path: Path, schema: str) -> None:
    rules = json.loads((POLICIES / "schema" / f"{schema}.schema.json").read_text(encoding="utf-8"))
    data = load(path)
    jsonschema.Draft202012Validator(rules).validate(data)
    assert data["defaults"]["source"].startswith("https://")
    assert data["defaults"]["as_of"]


@pytest.mark.parametrize("path", [path for path, _ in SCHEMAS], ids=lambda path: path.stem)
def test_no_key_is_written_twice(path: Path) -> None:
    def check(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), sorted({key for key in keys if keys.count(key) > 1})
            for _, value in node.value:
                check(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                check(value)

    root = yaml.compose(path.read_text(encoding="utf-8"), _Loader)
    assert root is not None
    check(root)


@pytest.mark.parametrize("path", region_files(), ids=lambda path: path.stem)
def test_region_file_is_coherent(path: Path) -> None:
    data = load(path)
    known = load(CATALOGUE / "countries.yaml")["countries"]
    assert data["namespace"] == path.stem
    assert data["operator"] in operators()
    names: list[str] = []
    for section in ("regions", "multi", "global"):
        for key, entry in data.get(section, {}).items():
            names += [key, *entry.get("aliases", [])]
            assert entry.get("operator", data["operator"]) in operators(), key
            for code in [*entry.get("countries", []), *([entry["country"]] if "country" in entry else [])]:
                assert code in known, f"{key}: {code}"
            assert set(entry.get("members", [])) <= set(data["regions"]), key
    names = [normalise(data, name) for name in names]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    for name in data.get("suggest", []):
        assert find(data, name), name
    if "zone_pattern" in data:
        assert list(re.compile(data["zone_pattern"]).groupindex) == ["region"]


def _inside(data: dict[str, Any], name: str) -> bool:
    section, key = find(data, name) or ("", "")
    entry = data[section][key]
    members = entry.get("members", [key])
    places = set(entry.get("countries", [])) | {data["regions"][m]["country"] for m in members if m in data["regions"]}
    return places <= zone("eea")


@pytest.mark.parametrize("path", region_files(), ids=lambda path: path.stem)
def test_suggestions_begin_inside_the_eea(path: Path) -> None:
    data = load(path)
    flags = [_inside(data, name) for name in data.get("suggest", [])]
    assert flags == sorted(flags, reverse=True)


# ------------------------------------------------------------------ completeness


def test_every_aws_region_and_its_partition() -> None:
    data = namespace("aws")
    for partition, entry in json.loads((FACTS / "aws_partitions.json").read_text(encoding="utf-8")).items():
        for name in entry["regions"]:
            section, key = find(data, name) or ("", "")
            assert (section, key) == ("global" if name.endswith("-global") else "regions", name)
            if section == "regions":
                assert data["regions"][key].get("partition", "aws") == partition


def test_every_azure_location() -> None:
    data = namespace("azure")
    for entry in json.loads((FACTS / "azure_locations.json").read_text(encoding="utf-8")):
        assert find(data, entry["name"]), entry["name"]
        assert find(data, entry["display"]) == find(data, entry["name"]), entry["display"]


def test_every_oci_region_by_name_and_key() -> None:
    data = namespace("oci")
    for entry in json.loads((FACTS / "oci_regions.json").read_text(encoding="utf-8")):
        name = entry["regionIdentifier"]
        assert find(data, name) == ("regions", name)
        assert find(data, entry["regionKey"]) == ("regions", name)
        assert data["regions"][name]["partition"] == entry["realmKey"]


def test_every_google_region() -> None:
    data = namespace("google")
    for name in json.loads((FACTS / "gcp_regions_2025-08.json").read_text(encoding="utf-8")):
        assert find(data, name) == ("regions", name)
        assert find(data, f"{name}-a") == ("regions", name)
        assert find(namespace("google-spanner"), f"regional-{name}") == ("regions", name)
    assert {"europe-north2", "northamerica-south1", "asia-southeast3"} <= set(data["regions"])


def test_aws_knows_no_region_that_the_partitions_do_not() -> None:
    """The facts are botocore's partitions; Local Zones and Wavelength Zones stand beside the regions."""
    known = {
        name
        for entry in json.loads((FACTS / "aws_partitions.json").read_text(encoding="utf-8")).values()
        for name in entry["regions"]
    }
    own = {name for name in namespace("aws")["regions"] if re.fullmatch(r"[a-z]+(-[a-z]+)+-[0-9]", name)}
    assert own - known == set()


def test_oci_knows_no_region_that_the_facts_do_not() -> None:
    oci = {entry["regionIdentifier"] for entry in json.loads((FACTS / "oci_regions.json").read_text(encoding="utf-8"))}
    assert set(namespace("oci")["regions"]) - oci == set()


#: Where the region names of services on several clouds come from, and how they are written there.
CLOUDS = {
    "aws": ("aws-", "aws_"),
    "azure": ("azure-", "azure_"),
    "google": ("gcp-", "gcp_"),
    "scaleway": ("scw-", "scw_"),
}


def test_regions_of_several_clouds_lie_where_their_cloud_says() -> None:
    data = namespace("clouds")
    for name, entry in data["regions"].items():
        cloud = entry["operator"]
        assert namespace(cloud)["regions"][name]["country"] == entry["country"], name
        first, second = CLOUDS[cloud]
        assert entry["aliases"] == [f"{first}{name}", f"{second}{name.replace('-', '_')}"]
    public = [n for n, e in namespace("aws")["regions"].items() if e.get("partition", "aws") == "aws"]
    missing = {name for name in public if re.fullmatch(r"[a-z]+(-[a-z]+)+-[0-9]", name)} - set(data["regions"])
    assert missing == set()


def test_atlas_writes_the_regions_of_amazon_in_capitals() -> None:
    for name, entry in namespace("mongodbatlas")["regions"].items():
        if entry.get("operator") == "aws":
            assert country("aws", name.lower().replace("_", "-")) == entry["country"], name


def test_a_namespace_for_every_provider_of_the_domain() -> None:
    wanted = [
        *(
            "aws",
            "azure",
            "google",
            "google-spanner",
            "oci",
            "scaleway",
            "ovh",
            "outscale",
            "clevercloud",
            "ionoscloud",
        ),
        *(
            "stackit",
            "hcloud",
            "gridscale",
            "opentelekomcloud",
            "upcloud",
            "exoscale",
            "aiven",
            "leaseweb",
            "cloudscale",
        ),
        *(
            "infomaniak",
            "bunnynet",
            "gcore",
            "digitalocean",
            "linode",
            "vultr",
            "alicloud",
            "tencentcloud",
            "huaweicloud",
        ),
        *("ibm", "scalingo"),
        *("arubacloud", "civo", "clouds", "contabo", "heroku", "koyeb", "mongodbatlas", "render", "thalassa", "yandex"),
    ]
    assert set(wanted) <= {path.stem for path in region_files()}


# ------------------------------------------------------------------ zones


def test_zones_nest() -> None:
    own_code = {"AX", "RE", "GP", "MQ", "YT", "GF", "MF"}
    assert own_code <= zone("eu27")
    assert len(zone("eu27") - own_code) == 27
    assert zone("eea") - zone("eu27") == {"NO", "IS", "LI"}
    assert zone("eea_ch") - zone("eea") == {"CH"}
    assert zone("eea") < zone("adequate")
    assert {"GB", "CH", "JP", "BR"} <= zone("adequate")
    assert not {"US", "RS", "CN", "RU"} & zone("adequate")
    assert not {"BQ", "NC", "PF", "GL", "AW", "CW", "SX", "BL", "PM", "SJ"} & zone("eea_ch")


def test_the_adequate_zone_is_the_table_of_decisions() -> None:
    data = load(CATALOGUE / "countries.yaml")
    counted = {code for code, entry in data["adequacy"].items() if entry.get("zone", True)}
    assert zone("adequate") - zone("eea") == counted
    assert set(data["adequacy"]) - counted == {"US"}
    assert set(data["adequacy"]) <= set(data["countries"])
    assert data["adequacy"]["GB"]["until"] == "2031-12-27"
    for code, entry in data["adequacy"].items():
        assert entry["adopted"] <= data["defaults"]["as_of"], code
        assert entry.get("until", "9999") > data["defaults"]["as_of"], f"{code}: ended"


def test_territories_are_in_the_eu_only_if_outermost() -> None:
    data = load(CATALOGUE / "countries.yaml")
    for code, entry in data["territories"].items():
        assert code in data["countries"]
        assert entry["of"] in zone("eea"), code
        inside = entry["status"] in ("outermost", "integral")
        assert (code in zone("eu27")) == inside, code
        assert (code in zone("eea_ch")) == inside, code


def test_every_country_of_a_zone_has_a_name() -> None:
    data = load(CATALOGUE / "countries.yaml")
    for name in data["zones"]:
        assert zone(name) <= set(data["countries"])
    assert data["countries"]["NO"]["name"] == "Norway"


# ------------------------------------------------------------------ traps


@pytest.mark.parametrize(
    ("provider", "value", "expected"),
    [
        ("aws", "eu-west-2", "GB"),
        ("outscale", "eu-west-2", "FR"),
        ("aws", "eu-central-2", "CH"),
        ("aws", "eusc-de-east-1", "DE"),
        ("aws", "eusc-de-east-1a", "DE"),
        ("aws", "eu-isoe-west-1", "GB"),
        ("aws", "eu-west-1b", "IE"),
        ("aws", "euc1-az2", "DE"),
        ("aws", "us-gov-west-1a", "US"),
        ("aws", "us-west-2-lax-1a", "US"),
        ("aws", "eu-central-1-ham-1a", "DE"),
        ("aws", "eu-central-1-waw-1a", "PL"),
        ("aws", "eu-central-1-ist-1a", "TR"),
        ("aws", "us-east-1-scl-1a", "CL"),
        ("aws", "us-east-1-wl1-bos-wlz-1", "US"),
        ("aws", "eu-west-3-wl1-cmn-wlz-1", "MA"),
        ("aws", "eu-central-1-xyz-1a", None),
        ("oci", "eu-jovanovac-1", "RS"),
        ("oci", "eu-zurich-1", "CH"),
        ("oci", "eu-crissier-1", "CH"),
        ("oci", "eu-frankfurt-2", "DE"),
        ("oci", "fra", "DE"),
        ("oci", "Uocm:PHX-AD-1", "US"),
        ("oci", "abcd:EU-FRANKFURT-1-AD-2", "DE"),
        ("azure", "West Europe", "NL"),
        ("azure", "WestEurope", "NL"),
        ("azure", "westeurope-1", "NL"),
        ("azure", "westus2-1", "US"),
        ("azure", "eastasia-1", "HK"),
        ("azure", "norwayeast", "NO"),
        ("azure", "switzerlandnorth", "CH"),
        ("azure", "UK South", "GB"),
        ("azure", "usgovvirginia", "US"),
        ("azure", "China East 2", "CN"),
        ("google", "EUROPE-WEST2", "GB"),
        ("google", "europe-west6-a", "CH"),
        ("google", "europe-north2", "SE"),
        ("google", "us-south1-ai1b", "US"),
        ("hcloud", "fsn1-dc14", "DE"),
        ("hcloud", "ash-dc1", "US"),
        ("hcloud", "sin", "SG"),
        ("ionoscloud", "gb/lhr", "GB"),
        ("ionoscloud", "us/las", "US"),
        ("ionoscloud", "de/txl", "DE"),
        ("ovh", "GRA11", "FR"),
        ("ovh", "BHS5", "CA"),
        ("ovh", "DE1", "DE"),
        ("ovh", "UK1", "GB"),
        ("ovh", "RBX-A", "FR"),
        ("ovh", "EU-WEST-PAR", "FR"),
        ("ovh", "EU-WEST-PAR-A", "FR"),
        ("ovh", "EU-WEST-LZ-BRU-A", "BE"),
        ("ovh", "US-EAST-VA-1", "US"),
        ("ovh", "AP-SOUTH-MUM-1", "IN"),
        ("scaleway", "fr-par-1", "FR"),
        ("scaleway", "pl-waw-2", "PL"),
        ("stackit", "eu01-m", "DE"),
        ("stackit", "eu02", "AT"),
        ("upcloud", "us-nyc1", "US"),
        ("upcloud", "no-svg1", "NO"),
        ("exoscale", "ch-gva-2", "CH"),
        ("exoscale", "at-vie-1", "AT"),
        ("opentelekomcloud", "eu-de-01", "DE"),
        ("opentelekomcloud", "eu-ch2", "CH"),
        ("aiven", "aws-eu-west-2", "GB"),
        ("aiven", "upcloud-de-fra", "DE"),
        ("cloudscale", "rma1", "CH"),
        ("alicloud", "eu-central-1a", "DE"),
        ("alicloud", "cn-beijing-h", "CN"),
        ("huaweicloud", "eu-west-101a", "IE"),
        ("tencentcloud", "eu-frankfurt-1", "DE"),
        ("ibm", "eu-gb-1", "GB"),
        ("linode", "eu-west", "GB"),
        ("digitalocean", "ams3", "NL"),
        ("aws", "eu-west-9", None),
        ("clouds", "eu-west-2", "GB"),
        ("clouds", "gcp-europe-west3", "DE"),
        ("clouds", "azure-westeurope", "NL"),
        ("clouds", "AWS_EU_CENTRAL_2", "CH"),
        ("clouds", "GCP_EUROPE_WEST4", "NL"),
        ("clouds", "me-central1", "QA"),
        ("clouds", "me-central-1", "AE"),
        ("mongodbatlas", "EU_CENTRAL_1", "DE"),
        ("mongodbatlas", "WESTERN_EUROPE", "BE"),
        ("mongodbatlas", "EUROPE_WEST", "NL"),
        ("mongodbatlas", "EUROPE_WEST_2", "GB"),
        ("mongodbatlas", "US_EAST_2", "US"),
        ("yandex", "ru-central1-d", "RU"),
        ("heroku", "eu", "IE"),
        ("civo", "lon1", "GB"),
        ("koyeb", "was", "US"),
        ("render", "frankfurt", "DE"),
        ("arubacloud", "ITBG-Bergamo", "IT"),
        ("arubacloud", "ITBG-2", "IT"),
        ("contabo", "European Union", "DE"),
        ("contabo", "US-central", "US"),
        ("thalassa", "nl-01", "NL"),
        ("thalassa", "nl-01a", "NL"),
    ],
)
def test_where_a_name_lies(provider: str, value: str, expected: str | None) -> None:
    assert country(provider, value) == expected


@pytest.mark.parametrize(
    ("provider", "value", "has", "lacks"),
    [
        ("google", "EU", "DE NL FI BE", "GB CH"),
        ("google", "EUR4", "FI NL", "GB CH"),
        ("google", "EUR5", "BE GB", "CH"),
        ("google", "EUR7", "GB DE", "CH"),
        ("google", "EUR8", "DE CH", "GB"),
        ("google", "eur3", "BE NL FI", "GB CH"),
        ("google-spanner", "eur5", "GB BE NL", "CH"),
        ("google-spanner", "eur6", "NL DE CH", "GB"),
        ("google-spanner", "eur7", "IT DE", "GB CH"),
        ("google-spanner", "nam-eur-asia1", "US BE TW", "GB"),
        ("google-spanner", "nam14", "US CA", "GB"),
        ("hcloud", "eu-central", "DE FI", "US"),
        ("azure", "europe", "IE NL", "GB CH NO"),
        ("aws", "eu", "DE IE FR SE IT ES", "GB CH"),
    ],
)
def test_members_of_a_multi_region(provider: str, value: str, has: str, lacks: str) -> None:
    places = countries_of(provider, value)
    assert set(has.split()) <= places
    assert not set(lacks.split()) & places


def test_all_of_europe_on_aws_is_six_regions_and_the_sovereign_one() -> None:
    inside = {
        name
        for name, entry in namespace("aws")["regions"].items()
        if entry["country"] in zone("eu27") and re.fullmatch(r"[a-z]+(-[a-z]+)+-[0-9]", name)
    }
    six = {"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"}
    assert inside == six | {"eusc-de-east-1"}


@pytest.mark.parametrize("provider", ["aws", "azure", "google", "ibm"])
def test_global_promises_no_place(provider: str) -> None:
    assert (find(namespace(provider), "global") or ("",))[0] == "global"


@pytest.mark.parametrize(
    ("provider", "value", "operator"),
    [
        ("aws", "eusc-de-east-1", "aws-esc"),
        ("oci", "eu-frankfurt-2", "oracle-eu-sovereign"),
        ("oci", "eu-madrid-2", "oracle-eu-sovereign"),
        ("azure", "usgovvirginia", "azure-us-gov"),
        ("azure", "chinaeast2", "azure-china"),
        ("aiven", "google-europe-west1", "google"),
        ("aiven", "do-fra", "digitalocean"),
        ("aiven", "upcloud-fi-hel", "upcloud"),
        ("ovh", "us-east-va", "ovh-us"),
    ],
)
def test_who_runs_a_region(provider: str, value: str, operator: str) -> None:
    data = namespace(provider)
    section, key = find(data, value) or ("", "")
    assert data[section][key].get("operator", data["operator"]) == operator


# ------------------------------------------------------------------ operators


def test_operators_name_known_countries() -> None:
    known = load(CATALOGUE / "countries.yaml")["countries"]
    for name, entry in operators().items():
        codes = [entry["seat"], entry["parent_country"], *(item["country"] for item in entry.get("nexus", []))]
        assert set(codes) <= set(known), name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aws", "US"),
        ("aws-esc", "US"),
        ("azure", "US"),
        ("google", "US"),
        ("oracle-eu-sovereign", "US"),
        ("hashicorp", "US"),
        ("elastic", "US"),
        ("exoscale", "MX"),
        ("infomaniak", "CH"),
        ("gridscale", "FR"),
        ("outscale", "FR"),
        ("s3ns", "FR"),
        ("bleu", "FR"),
        ("delos", "DE"),
        ("aiven", "FI"),
        ("alibaba-cloud", "CN"),
    ],
)
def test_country_of_the_ultimate_parent(name: str, expected: str) -> None:
    assert operators()[name]["parent_country"] == expected


def test_sovereign_offers_have_a_foreign_parent() -> None:
    offers = {name for name, entry in operators().items() if entry.get("sovereign_offer")}
    assert {"aws-esc", "oracle-eu-sovereign"} <= offers
    assert all(operators()[name]["parent_country"] not in zone("eea_ch") for name in offers)


@pytest.mark.parametrize("name", ["ovh", "upcloud", "hetzner", "ionos"])
def test_european_operators_with_regions_abroad_have_a_nexus(name: str) -> None:
    assert any(item["country"] not in zone("eea_ch") for item in operators()[name]["nexus"])


# ------------------------------------------------------------------ hosts


def hosts(name: str) -> Any:
    return load(CATALOGUE / "hosts" / f"{name}.yaml")


def who(host: str) -> tuple[str, str | None] | None:
    """(operator, country) of a host: patterns first, then the longest suffix."""
    files = [hosts("registries"), hosts("services")]
    for data in files:
        for entry in data["patterns"]:
            match = re.fullmatch(entry["pattern"], host)
            if match:
                return entry["operator"], country(entry["regions"], match["region"]) if "regions" in entry else None
    labels = host.split(".")
    for start in range(len(labels)):
        suffix = ".".join(labels[start:])
        for data in files:
            entry = data["hosts"].get(suffix)
            if entry and (start == 0 or not entry.get("exact")):
                return entry["operator"], None
    return None


@pytest.mark.parametrize("name", ["registries", "services"])
def test_host_file_is_coherent(name: str) -> None:
    data = hosts(name)
    for host, entry in data["hosts"].items():
        assert entry["operator"] in operators(), host
        assert host == host.lower()
    for entry in data["patterns"]:
        assert entry["operator"] in operators(), entry["pattern"]
        assert ("regions" in entry) == ("(?P<region>" in entry["pattern"]), entry["pattern"]
        if "regions" in entry:
            assert (CATALOGUE / "regions" / f"{entry['regions']}.yaml").is_file()


@pytest.mark.parametrize("name", ["registries", "services"])
def test_patterns_answer_at_once_on_long_hosts(name: str) -> None:
    started = time.perf_counter()
    for entry in hosts(name)["patterns"]:
        for text in ("a." * 120, "a-" * 120 + ".b", "s3." * 80 + "x", "1" * 250):
            re.fullmatch(entry["pattern"], text)
    assert time.perf_counter() - started < 2


def test_no_host_is_in_both_files_and_there_are_enough() -> None:
    assert not set(hosts("registries")["hosts"]) & set(hosts("services")["hosts"])
    assert len(hosts("registries")["hosts"]) + len(hosts("services")["hosts"]) >= 120


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("docker.io", ("docker", None)),
        ("index.docker.io", ("docker", None)),
        ("registry-1.docker.io", ("docker", None)),
        ("registry.hub.docker.com", ("docker", None)),
        ("ghcr.io", ("github", None)),
        ("europe-west4-docker.pkg.dev", ("google", "NL")),
        ("eu.gcr.io", ("google", None)),
        ("123456789012.dkr.ecr.eu-west-2.amazonaws.com", ("aws", "GB")),
        ("123456789012.dkr-ecr.eu-west-1.on.aws", ("aws", "IE")),
        ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", ("aws-esc", "DE")),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", ("aws-china-sinnet", "CN")),
        ("example.azurecr.io", ("azure", None)),
        ("registry.k8s.io", ("cncf", None)),
        ("rg.fr-par.scw.cloud", ("scaleway", "FR")),
        ("fra.ocir.io", ("oracle", "DE")),
        ("app.terraform.io", ("hashicorp", None)),
        ("s3.fr-par.scw.cloud", ("scaleway", "FR")),
        ("bucket.s3.nl-ams.scw.cloud", ("scaleway", "NL")),
        ("s3.gra.io.cloud.ovh.net", ("ovh", "FR")),
        ("s3.bhs.io.cloud.ovh.net", ("ovh", "CA")),
        ("s3.eu-west-par.io.cloud.ovh.net", ("ovh", "FR")),
        ("s3-eu-central-1.ionoscloud.com", ("ionos", "DE")),
        ("s3.us-central-1.ionoscloud.com", ("ionos", "US")),
        ("object.storage.eu01.onstackit.cloud", ("stackit", "DE")),
        ("fsn1.your-objectstorage.com", ("hetzner", "DE")),
        ("bucket.hel1.your-objectstorage.com", ("hetzner", "FI")),
        ("sos-ch-gva-2.exo.io", ("exoscale", "CH")),
        ("bucket.sos-de-fra-1.exo.io", ("exoscale", "DE")),
        ("oos.eu-west-2.outscale.com", ("outscale", "FR")),
        ("obs.eu-de.otc.t-systems.com", ("open-telekom-cloud", "DE")),
        ("abc.upcloudobjects.com", ("upcloud", None)),
        ("s3.eu-west-2.amazonaws.com", ("aws", "GB")),
        ("bucket.s3.eu-central-1.amazonaws.com", ("aws", "DE")),
        ("bucket.s3.dualstack.eu-central-1.amazonaws.com", ("aws", "DE")),
        ("s3.amazonaws.com", ("aws", None)),
        ("sqs.eu-west-1.amazonaws.com", ("aws", "IE")),
        ("db.abc123.eu-central-2.rds.amazonaws.com", ("aws", "CH")),
        ("vpce-1-2.s3.eu-west-3.vpce.amazonaws.com", ("aws", "FR")),
        ("search-x.eu-west-1.es.amazonaws.com", ("aws", "IE")),
        ("sqs.eusc-de-east-1.amazonaws.eu", ("aws-esc", "DE")),
        ("s3.cn-northwest-1.amazonaws.com.cn", ("aws-china-nwcd", "CN")),
        ("s3.us-gov-west-1.amazonaws.com", ("aws-us-gov", "US")),
        ("bedrock-runtime.us-east-1.amazonaws.com", ("aws", "US")),
        ("com.amazonaws.eu-west-1.s3", ("aws", "IE")),
        ("acc.blob.core.windows.net", ("azure", None)),
        ("x.westeurope.azurecontainer.io", ("azure", "NL")),
        ("westeurope-5.in.applicationinsights.azure.com", ("azure", "NL")),
        ("westus2-1.in.applicationinsights.azure.com", ("azure", "US")),
        ("europe-west3-aiplatform.googleapis.com", ("google", "DE")),
        ("storage.googleapis.com", ("google", None)),
        ("objectstorage.eu-frankfurt-1.oraclecloud.com", ("oracle", "DE")),
        ("ns.compat.objectstorage.eu-zurich-1.oraclecloud.com", ("oracle", "CH")),
        ("objectstorage.eu-madrid-2.oraclecloud.eu", ("oracle-eu-sovereign", "ES")),
        ("ams3.digitaloceanspaces.com", ("digitalocean", "NL")),
        ("bucket.oss-eu-central-1.aliyuncs.com", ("alibaba-cloud", "DE")),
        ("8.8.8.8", ("google", None)),
        ("o1.ingest.de.sentry.io", ("sentry", None)),
        ("dev-x.eu.auth0.com", ("okta", None)),
        ("registry.opencode.de", ("zendis", None)),
        ("codeberg.org", ("codeberg", None)),
        ("ab12345.eu-central-1.snowflakecomputing.com", ("snowflake", "DE")),
        ("ab12345.europe-west2.gcp.snowflakecomputing.com", ("snowflake", "GB")),
        ("ab12345.snowflakecomputing.com", ("snowflake", None)),
        ("example.com", None),
        ("registry.notacompany.eu", None),
        ("notdocker.io", None),
    ],
)
def test_who_is_behind_a_host(host: str, expected: tuple[str, str | None] | None) -> None:
    assert who(host) == expected


def test_private_names() -> None:
    private = set(hosts("services")["private_suffixes"])
    assert {"local", "internal", "svc", "cluster.local", "lan", "home.arpa", "intern", "corp"} <= private
    assert {"localhost", "test", "invalid"} <= private
    assert not {"example.com", "example.org", "example.net"} & private


# ------------------------------------------------------------------ frameworks


def test_frameworks_and_their_criteria() -> None:
    found = {path.stem: load(path) for path in sorted((POLICIES / "frameworks").glob("*.yaml"))}
    wanted = {"csf", "gaia-x", "c3a", "gdpr", "data-act", "dora", "nis2", "cada"}
    wanted |= {"nl-cloud-2026", "secnumcloud", "bio2", "bio-cloud", "haven"}
    assert wanted <= set(found)
    assert all(data["id"] == name for name, data in found.items())
    assert set(found["csf"]["criteria"]) == {f"SOV-{number}" for number in range(1, 9)}
    assert found["cada"]["status"] == "proposed"
    assert len([name for name in found["c3a"]["criteria"] if name.startswith("SOV-")]) == 59
    assert {"1-02", "1-03", "2-01", "3-01", "3-02", "3-03", "3-04", "3-05", "4-09", "5-01", "5-03"} <= set(
        found["c3a"]["criteria"]
    )
    labels = [data["label"] for data in found.values()]
    assert len(labels) == len(set(labels))
    assert {"4.6", "3.2", "4.3", "4.5", "5.2", "5.4"} == set(found["nl-cloud-2026"]["criteria"])


WORDS = re.compile(r"\b(illegal|compliant|certified)\b", re.IGNORECASE)


@pytest.mark.parametrize("path", [path for path, _ in SCHEMAS], ids=lambda path: path.stem)
def test_language(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not WORDS.search(text)


# ------------------------------------------------------------------ looked up


def _sourced(path: Path, section: str) -> set[str]:
    data = load(path)
    default = data["defaults"].get("confidence", "sourced")
    return {name for name, entry in data[section].items() if entry.get("confidence", default) == "sourced"}


def sourced_operators() -> set[str]:
    return {name for path in sorted((CATALOGUE / "operators").glob("*.yaml")) for name in _sourced(path, "operators")}


def test_the_operators_that_people_meet_are_looked_up() -> None:
    """An assumed operator makes every finding that rests on it a guess."""
    clouds = {"aws", "azure", "google", "oracle", "ibm", "alibaba-cloud", "digitalocean", "akamai", "vultr"}
    registries = {"docker", "github", "red-hat", "microsoft", "nvidia", "gitlab", "cncf", "elastic", "jfrog"}
    services = {"hashicorp", "cloudflare", "fastly", "datadog", "new-relic", "snowflake", "databricks", "mongodb"}
    services |= {"confluent", "okta", "pagerduty", "grafana", "sentry", "atlassian", "twilio", "mailgun", "slack"}
    models = {"openai", "anthropic", "mistral", "hugging-face"}
    europe = {"ovh", "scaleway", "hetzner", "ionos", "stackit", "exoscale", "upcloud", "open-telekom-cloud", "outscale"}
    assert clouds | registries | services | models | europe <= sourced_operators()
    assert len(sourced_operators()) >= 100


def test_the_hosts_that_people_meet_are_looked_up() -> None:
    registries = _sourced(CATALOGUE / "hosts" / "registries.yaml", "hosts")
    assert {"docker.io", "ghcr.io", "gcr.io", "mcr.microsoft.com", "public.ecr.aws", "registry.k8s.io"} <= registries
    assert {"registry.gitlab.com", "azurecr.io", "docker.elastic.co", "registry.access.redhat.com"} <= registries
    services = _sourced(CATALOGUE / "hosts" / "services.yaml", "hosts")
    assert {"github.com", "app.terraform.io", "datadoghq.com", "sentry.io", "api.anthropic.com", "8.8.8.8"} <= services
    assert len(registries | services) >= 300
