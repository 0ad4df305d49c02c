"""Hashes of whole tables that are shown beside results: what studies are, and what passes keep of many events.

Standard library only.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

STUDIES, AVERAGES, MEMBERS, DISAGREEMENTS = "studies", "average_reactions", "average_members", "study_disagreements"
KEPT = (AVERAGES, MEMBERS, DISAGREEMENTS)  # while `summaries` has a row
_ORDERS = {STUDIES: "study_id", AVERAGES: "1", MEMBERS: "1, 2", DISAGREEMENTS: "1, 2, 3, 4, 5, 6, 7"}
ANSWERS = "select event_id, answer, answer_hash from event_states where answer is not null"
MOST_ROWS = 5_000  # that a question holds against their hash; doctor, backup and the weekly look take any number


def seal(connection: sqlite3.Connection, *names: str) -> None:
    """Write down the hashes of tables as they are, inside a transaction of the caller."""
    connection.executemany(
        "insert into table_hashes values (?, ?) on conflict (table_name) do update set content_hash = "
        "excluded.content_hash",
        [(name, _hash(connection, name)) for name in names],
    )


def hold(connection: sqlite3.Connection) -> bool:
    """Whether what is kept of many events is of the results as they are."""
    return connection.execute("select 1 from summaries").fetchone() is not None


def altered_tables(
    connection: sqlite3.Connection, names: Sequence[str] = (STUDIES, *KEPT), most: int | None = None
) -> Iterator[str]:
    """Those of the tables that are not what was written, in words.

    Parameters
    ----------
    connection : sqlite3.Connection
    names : sequence of str
    most : int, optional
        Tables of more rows are passed over.
    """
    written = dict(connection.execute("select table_name, content_hash from table_hashes").fetchall())
    holds = hold(connection)
    for name in names:
        if name in KEPT and not holds:
            continue
        counted = f"select count(*) from (select 1 from {name} limit ?)"  # noqa: S608  # names of ours
        (rows,) = connection.execute(counted, (-1 if most is None else most + 1,)).fetchone()
        if rows and (most is None or rows <= most) and written.get(name) != _hash(connection, name):
            yield f"the table {name}"


def answer_hash(event_id: str, text: str) -> str:
    """The hash of what the index says of an event."""
    return hashlib.sha256(f"{event_id}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


def altered_answers(connection: sqlite3.Connection) -> Iterator[str]:
    """Ids of the events whose verdict and sentences for the index are not what was written."""
    for event_id, text, held in connection.execute(ANSWERS):
        if held is not None and held != answer_hash(event_id, text):
            yield event_id


def _hash(connection: sqlite3.Connection, name: str) -> str:
    held = hashlib.sha256()
    for row in connection.execute(f"select * from {name} order by {_ORDERS[name]}"):  # noqa: S608  # names of ours
        held.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
    return held.hexdigest()
