"""Hashes of what is shown beside results: studies, passes, claims, and what is kept of many events.

Standard library only.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import sqlite3
from collections.abc import Iterator, Sequence

STUDIES, AVERAGES = "studies", "average_reactions"
# What passes keep of many events, while `summaries` has a row.
KEPT = (
    "event_classes",
    "kept_windows",
    "kept_events",
    "kept_reactions",
    AVERAGES,
    "average_members",
    "study_disagreements",
)
_ORDERS = {STUDIES: "study_id", "average_members": "1, 2", "study_disagreements": "1, 2, 3, 4, 5, 6, 7"}
ANSWERS = "select event_id, answer, answer_hash from event_states where answer is not null"
AT_ONCE = 1_000  # rows of a hash: another number makes another hash
MOST_ROWS = 5_000  # that a question holds against their hash; doctor, backup and the weekly look take any number

PASSES, CLAIMS = "runs", "claims"
# The rows that belong to one pass, and the claims of one event.
_PARTS = {
    PASSES: (
        "select * from runs where run_id = ?",
        "select * from run_steps where run_id = ? order by position",
        "select * from verdict_changes where run_id = ? order by study_id, event_id, asset, window_start, window_end",
        "select count(*) from notices where run_id = ?",  # each has a hash of its own, but for what is no longer here
    ),
    CLAIMS: ("select * from claims where event_id = ? order by position",),
}

# All that have rows or a hash.
_STORED = {
    PASSES: "select run_id from runs union select cast(part as integer) from table_hashes where table_name = 'runs'",
    CLAIMS: "select event_id from claims union select part from table_hashes where table_name = 'claims'",
}

# Whether there is something that must have a hash: a pass at work has none yet.
_ENDED = {
    PASSES: "select 1 from runs where run_id = ? and status <> 'running'",
    CLAIMS: "select 1 from claims where event_id = ?",
}


def seal(connection: sqlite3.Connection, *names: str) -> None:
    """Write down the hashes of tables as they are, inside a transaction of the caller."""
    for name in names:
        _put(connection, name, "", _hash(connection, name))


def seal_part(connection: sqlite3.Connection, name: str, part: str | int) -> None:
    """Write down the hash of the rows of one pass, or of the claims of one event, as `seal`."""
    _put(connection, name, str(part), _hash_of_part(connection, name, part))


@contextlib.contextmanager
def sealing(connection: sqlite3.Connection, name: str) -> Iterator[None]:
    """Seal a table after rows of it were written; one that was altered before keeps the hash that tells so."""
    is_sound = next(altered_tables(connection, (name,)), None) is None
    before = connection.total_changes
    yield
    if is_sound and connection.total_changes != before:
        seal(connection, name)


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
    holds = hold(connection)
    for name in names:
        if name in KEPT and not holds:
            continue
        counted = f"select count(*) from (select 1 from {name} limit ?)"  # noqa: S608  # names of ours
        (rows,) = connection.execute(counted, (-1 if most is None else most + 1,)).fetchone()
        written = _written(connection, name, "")
        if (rows or written) and (most is None or rows <= most) and written != _hash(connection, name):
            yield f"the table {name}"


def is_altered(connection: sqlite3.Connection, name: str, part: str | int) -> bool:
    """Whether the rows of a pass that ended, or the claims of an event, are not what was written."""
    written = _written(connection, name, str(part))
    if written is None:
        return connection.execute(_ENDED[name], (part,)).fetchone() is not None
    return written != _hash_of_part(connection, name, part)


def altered_parts(connection: sqlite3.Connection, name: str) -> Iterator[str | int]:
    """The passes that ended, or the events, whose rows are not what was written, those without any included."""
    for (part,) in connection.execute(f"{_STORED[name]} order by 1").fetchall():
        if is_altered(connection, name, part):
            yield part


def answer_hash(event_id: str, text: str) -> str:
    """The hash of what the index says of an event."""
    return hashlib.sha256(f"{event_id}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


def altered_answers(connection: sqlite3.Connection) -> Iterator[str]:
    """Ids of the events whose verdict and sentences for the index are not what was written."""
    for event_id, text, held in connection.execute(ANSWERS):
        if held is not None and held != answer_hash(event_id, text):
            yield event_id


def _put(connection: sqlite3.Connection, name: str, part: str, content_hash: str) -> None:
    connection.execute("insert or replace into table_hashes values (?, ?, ?)", (name, part, content_hash))


def _written(connection: sqlite3.Connection, name: str, part: str) -> str | None:
    sql = "select content_hash from table_hashes where table_name = ? and part = ?"
    found = connection.execute(sql, (name, part)).fetchone()
    return None if found is None else str(found[0])


def _hash(connection: sqlite3.Connection, name: str) -> str:
    return hash_of(connection.execute(f"select * from {name} order by {_ORDERS.get(name, '1')}"))  # noqa: S608  # names of ours


def _hash_of_part(connection: sqlite3.Connection, name: str, part: str | int) -> str:
    return hash_of(*(connection.execute(sql, (part,)) for sql in _PARTS[name]))


def hash_of(*parts: sqlite3.Cursor) -> str:
    """The hash of rows as version 2 of `marshal` writes them: every bit of them, in half the time that text takes."""
    held = hashlib.sha256()
    for found in parts:
        found.row_factory = None
        while rows := found.fetchmany(AT_ONCE):
            held.update(marshal.dumps(rows, 2))  # later versions write what stands twice otherwise
    return held.hexdigest()
