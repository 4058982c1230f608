"""Hosts in the addresses that GitOps objects, kustomizations and pipelines are written with."""

from __future__ import annotations

import pytest

from sovlint.survey.gitops import source_host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://github.com/a/b.git", "github.com"),
        ("HTTPS://GitHub.com/a/b", "github.com"),
        ("https://user:pass@github.com:443/a/b", "github.com"),
        ("https://github.com./a", "github.com"),
        ("ssh://git@github.com/a/b", "github.com"),
        ("git@github.com:a/b.git", "github.com"),
        ("git::https://github.com/a/b", "github.com"),
        ("oci://ghcr.io/a/b", "ghcr.io"),
        ("registry-1.docker.io/bitnamicharts", "registry-1.docker.io"),
        ("localhost:5000/charts", ""),
        ("s3.amazonaws.com", "s3.amazonaws.com"),
        ("https://github.com/{{.org}}/{{.name}}", "github.com"),
        ("https://[2001:db8::1]:443/a", "[2001:db8::1]"),
        ("{{.url}}", ""),
        ("https://{{.host}}/a", ""),
        ("https://*/a", ""),
        ("*", ""),
        ("!https://github.com/a", ""),
        ("./charts", ""),
        ("../charts.git", ""),
        ("/charts", ""),
        ("charts/web", ""),
        ("https://", ""),
        ("", ""),
        ("a" * 5_000, ""),
    ],
)
def test_hosts(text: str, host: str) -> None:
    assert source_host(text) == host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("github.com/a/b/deploy", "github.com"),
        ("github.com/a/b?ref=v1", "github.com"),
        ("git.example.org/a/b.git", "git.example.org"),
        ("git.example.org/a//deploy?ref=v1", "git.example.org"),
        ("deploy.d/web", ""),
        ("v1.2/deployment.yaml", ""),
        ("deployment.yaml", ""),
        ("../base", ""),
        (".gitops", ""),
        ("gitea.d/resources", ""),
    ],
)
def test_paths_of_a_kustomization_are_no_hosts(text: str, host: str) -> None:
    assert source_host(text, remote_only=True) == host
