"""Runs of many files: facts are kept for the next run, and units are shared among workers."""

from __future__ import annotations

from sovlint.discovery import Found
from sovlint.run.gather import gather_manifests, gather_terraform
from sovlint.run.gathered import Gathered
from sovlint.run.reader import Reader
from sovlint.run.shares import Sharing, jobs_for
from sovlint.run.store import open_store
from sovlint.run.storing import Storing


def gather_many(reader: Reader, found: Found, out: Gathered) -> None:
    """What all units give.

    Args:
        reader: reads them; is given a store, if this run may use one.
        found: what is linted.
        out: is added to.
    """
    config = reader.config
    # A comparison surveys parts of the tree, and a plan is no file of it.
    store = None
    if config.cache and out.changed is None and not config.plan:
        store = open_store(config, reader.catalogue, reader.tree, out)
    if store is None:
        _gather(reader, found, out)
        return
    storing = Storing(store, reader.tree)
    reader.use(storing)
    try:
        _gather(reader, found, out)
        storing.save(found)
    finally:
        store.close()


def _gather(reader: Reader, found: Found, out: Gathered) -> None:
    jobs = jobs_for(reader.config, found)
    if jobs == 1:
        gather_terraform(reader, found, out)
        gather_manifests(reader, found, out)
        return
    with Sharing(jobs, reader, out) as sharing:
        gather_terraform(reader, found, out, sharing)
        later = out.beside(out.watch)
        gather_manifests(reader, found, later, sharing)
        for part in sharing.roots():
            out.add(part)
        out.add(later)
