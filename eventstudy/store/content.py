"""The hash of everything that is stored of an analysis.

It proves accident, not intent: who can write the file can write its hashes too.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from eventstudy.errors import AlteredResults

_WINDOW_TEXTS = -3  # verdict, context and reason

Rows = Sequence[tuple[Any, ...]]
Described = Mapping[int, bytes]  # hash of the description of a test, by its number

# The rows of an analysis, without its number, in the order of their primary keys; texts stand last.
_WINDOWS = (
    "select window_start, window_end, is_primary, n_days, price_before, price_at, car, car_se, car_low, car_high, "
    "bhar, avar, mde, t, p, p_adjusted, placebo_p, verdict, context, reason from window_results "
    "where analysis_id = ? order by window_start, window_end"
)
_TESTS = (
    "select window_start, window_end, description_id, statistic, df, p_value, n, reason from window_tests "
    "where analysis_id = ? order by window_start, window_end, description_id"
)
_PLACEBOS = (
    "select window_start, window_end, cars from placebos where analysis_id = ? order by window_start, window_end"
)
_DAYS = (
    "select tau, return, expected, ar_se, car_se, beaver_u_p, session from event_days where analysis_id = ? "
    "order by tau"
)
_JOINT = (
    "select window_start, window_end, description_id, statistic, df, p_value, n, reason, alignment from event_tests "
    "where event_id = ? and study_id = ? order by alignment, window_start, window_end, description_id"
)
_ANALYSES = (
    "select x.text, n.text, m.text, c.document, a.* from analyses a left join texts x on x.text_id = a.answers_id "
    "left join texts n on n.text_id = a.notes_id left join texts m on m.text_id = a.method_id "
    "left join clock_documents c using (analysis_id)"
)


def hash_of(
    analysis: Iterable[Any],
    windows: Rows,
    tests: Rows,
    placebos: Rows,
    days: Rows,
    joint: bytes,
    described: Described,
    document: str | None = None,
) -> str:
    """The hash of what is stored of an analysis.

    Parameters
    ----------
    analysis : iterable
        Its texts, and its row without its number and its hash.
    windows, tests, placebos, days : sequence of tuple
        Its rows in the tables of them, as this module reads them.
    joint : bytes
        `joint_of` its event and study.
    described : mapping of int to bytes
    document : str, optional
        What a study by the minute found.
    """
    texts = list(analysis)
    numbers = [len(windows), len(tests), len(placebos), len(days), *(v for v in texts if v.__class__ is not str)]
    cars = []
    for row in windows:
        numbers += _plain(row[:_WINDOW_TEXTS], texts)
        texts += row[_WINDOW_TEXTS:]
    for row in tests:
        numbers += _plain(row[:-1], texts)
        texts.append(row[-1])
    for row in days:
        numbers += row[:-1]
        texts.append(row[-1])
    for row in placebos:
        numbers += row[:-1]
        cars.append(row[-1])
    held = hashlib.sha256(joint)
    held.update(_packed(numbers))
    held.update(_joined(v for v in texts if v.__class__ is str))
    held.update(b"".join([described.get(row[2], b"") for row in tests]))
    held.update(b"".join(cars))
    held.update((document or "").encode("utf-8", "surrogatepass"))
    return held.hexdigest()


def _plain(row: tuple[Any, ...], texts: list[Any]) -> Sequence[Any]:
    """The numbers of a row; a text among them, such as the end of a window by the clock, goes to `texts`."""
    if row[0].__class__ is not str and row[1].__class__ is not str:
        return row
    texts += row[:2]
    return [None if v.__class__ is str else v for v in row]


def joint_of(tests: Rows, described: Described) -> bytes:
    """What the hash holds of the tests over all assets of an event, rows as this module reads them."""
    numbers = [value for row in tests for value in row[:-2]]
    texts = [value for row in tests for value in row[-2:] if value is not None]
    return _packed(numbers) + _joined(texts) + b"".join([described.get(row[2], b"") for row in tests])


def description_hash(description: Sequence[str]) -> bytes:
    """The hash of name, null hypothesis, law and source of a test."""
    return hashlib.sha256(_joined(description)).digest()


def descriptions(connection: sqlite3.Connection) -> dict[int, bytes]:
    """The hash of the description of every test."""
    found = connection.execute(
        "select description_id, name, null_hypothesis, distribution, source from test_descriptions"
    )
    return {row[0]: description_hash(row[1:]) for row in found}


def refuse_altered(connection: sqlite3.Connection, event_id: str) -> None:
    """Raise where the stored results of an event are not what was written.

    Raises
    ------
    AlteredResults
    """
    if wrong := next(_altered(connection, "where a.event_id = ?", (event_id,)), None):
        raise wrong


def altered(connection: sqlite3.Connection, *, but_of: int | None = None) -> Iterator[AlteredResults]:
    """Every analysis whose stored rows are not what was written, by event, study and asset.

    Not those of the pass `but_of`, which wrote them a moment ago.
    """
    return _altered(connection, "where a.run_id is not ? order by a.event_id, a.study_id, a.position", (but_of,))


def _altered(
    connection: sqlite3.Connection, where: str, parameters: Sequence[str | int | None]
) -> Iterator[AlteredResults]:
    unit, joint = None, b""
    with _readable(connection):
        described = descriptions(connection)
        for row in connection.execute(f"{_ANALYSES} {where}", parameters):
            texts, document, number, analysis, written = row[:3], row[3], row[4], row[5:-1], row[-1]
            study_id, event_id, asset = analysis[:3]
            if (event_id, study_id) != unit:
                unit = (event_id, study_id)
                joint = joint_of(connection.execute(_JOINT, unit).fetchall(), described)
            windows, tests, placebos, days = (
                connection.execute(part, (number,)).fetchall() for part in (_WINDOWS, _TESTS, _PLACEBOS, _DAYS)
            )
            rows = (windows, tests, placebos, days)
            if hash_of((*texts, *analysis), *rows, joint, described, document) != written:
                yield AlteredResults(event_id, study_id, asset)


@contextlib.contextmanager
def _readable(connection: sqlite3.Connection) -> Iterator[None]:
    """Let texts be read that are none any more."""
    before = connection.text_factory
    connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        connection.text_factory = before


def _packed(numbers: Sequence[float | None]) -> bytes:
    """Numbers by their eight bytes, alike for all that SQLite gives back as one: null and NaN, 0 and -0, 1 and 1.0."""
    values = np.array(numbers, dtype=float) + 0.0
    values[np.isnan(values)] = np.nan
    return values.astype("<f8", copy=False).tobytes()


def _joined(texts: Iterable[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogatepass")
