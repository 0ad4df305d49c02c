"""Migration 6: the first day that an answer speaks of, where that is not the first day asked for."""

from __future__ import annotations

from sqlite_utils import Database


def m0006_reach(db: Database) -> None:
    """The column `snapshots.covered_from`; null, as for every older answer, means `asked_from`."""
    db.execute("alter table snapshots add column covered_from text")
