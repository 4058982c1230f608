"""Every Terraform provider of the catalogue has a namespace that knows its places, or a reason why there is none."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CATALOGUE = Path(__file__).resolve().parents[2] / "policies" / "catalogue"

#: Providers without names of regions of their own, and where the place comes from instead.
WITHOUT_REGIONS = {
    "akamai": "an edge network: no attribute promises a place",
    "auth0": "the host of the tenant (eu.auth0.com)",
    "azuread": "the tenant; its place is chosen when it is made, outside Terraform",
    "azuredevops": "the organisation; its place is chosen when it is made, outside Terraform",
    "cloudflare": "an edge network: jurisdictions and location hints are read per type, not as regions",
    "datadog": "the site, a host (datadoghq.eu); region attributes name the clouds it looks into",
    "dnsimple": "name servers everywhere",
    "dynatrace": "the host of the environment",
    "equinix": "metros of two letters (DE is Denver): not listed, lest they vote on Kubernetes labels",
    "fastly": "an edge network; region attributes name other services that logs are sent to",
    "github": "GitHub promises no place; a host names an enterprise server or data residency",
    "gitlab": "gitlab.com promises no place; a host names an instance of your own",
    "googleworkspace": "the tenant; its data regions are not in the provider",
    "hetznerdns": "name servers of Hetzner, no attribute names a place",
    "honeycombio": "the host (api.eu1.honeycomb.io)",
    "launchdarkly": "the host (app.eu.launchdarkly.com)",
    "okta": "the host of the tenant",
    "sentry": "the host (de.sentry.io)",
    "signalfx": "the realm in the host (api.eu0.signalfx.com)",
    "spotinst": "the account of another cloud; its region attributes name that cloud's regions",
    "tfe": "the host (app.eu.terraform.io, or an instance of your own)",
    "vercel": "an edge network; regions of functions are airport codes that are not listed yet",
}


@cache
def providers() -> dict[str, Any]:
    # BaseLoader: NO is Norway, dates stay text.
    found = (
        yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["provider"]
        for path in sorted((CATALOGUE / "services").glob("*.yaml"))
    )
    return {entry["name"]: entry for entry in found}


def test_a_namespace_or_a_reason() -> None:
    clouds = {name for name, entry in providers().items() if entry["kind"] in ("cloud", "saas")}
    without = {name for name in clouds if "regions" not in providers()[name]}
    assert without == set(WITHOUT_REGIONS)


@pytest.mark.parametrize("name", [name for name, entry in providers().items() if "default_place" in entry])
def test_a_default_place_is_known(name: str) -> None:
    entry = providers()[name]
    regions = CATALOGUE / "regions" / f"{entry['regions']}.yaml"
    data = yaml.load(regions.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert entry["default_place"] in data["regions"]
