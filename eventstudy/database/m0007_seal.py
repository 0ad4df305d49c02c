"""Migration 7: a seal on every answer, so that a change behind the archive's back is seen."""

from __future__ import annotations

from sqlite_utils import Database


def m0007_seal(db: Database) -> None:
    """The column `snapshots.seal`; null for every older answer, which nobody sealed."""
    db.execute("alter table snapshots add column seal text")
