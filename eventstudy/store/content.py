"""The hash of everything that is stored of an analysis, and of a collection; standard library only.

It proves accident, not intent: who can write the file can write its hashes too.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import math
import sqlite3
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from eventstudy.database.reading import Answer
from eventstudy.errors import AlteredResults
from eventstudy.store import notices, sealed

MOST_RESULTS = 1_000  # that a question, or the page of an asset, holds against their hashes
# Tables of results: a number that was altered there may leave a result out of an answer, or put it in another's place.
_RESULTS = {"analyses", "window_results", "window_tests", "event_tests", "event_days", "placebos", "clock_documents"}
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
    "select tau, return, expected, ar_se, car, car_se, beaver_u_p, session from event_days where analysis_id = ? "
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

_EVENTS = (
    "select e.event_id from events e {join} event_versions v on (v.event_id, v.version) = (e.event_id, e.version) "
    "where {which} and ((e.title, e.earliest, e.latest, e.zone, e.kind, e.url, e.note, e.tags, "
    "e.assets) is not (v.title, v.earliest, v.latest, v.zone, v.kind, v.url, v.note, v.tags, v.assets) "
    "or e.announced_at is not iif(v.earliest = v.latest, v.earliest, coalesce(v.stated, v.earliest))) order by 1"
)
_COLLECTION = (
    (
        "select collection_id, study_id, title, asset, tag, kind, is_list, n_members, settings, differences, "
        "regressions, checked, verdict, stands_since, notified_verdict, times_looked, first_looked_at, "
        "looked_at, code_version, config_hash, input_hash, run_id, members_hash from collection_studies "
        "where collection_id = ?"
    ),
    "select * from collection_groups where collection_id = ? order by group_name",
    "select * from collection_windows where collection_id = ? order by group_name, window_start, window_end",
    (
        "select t.*, d.name, d.null_hypothesis, d.distribution, d.source from collection_window_tests t "
        "join test_descriptions d using (description_id) where t.collection_id = ? "
        "order by t.group_name, t.window_start, t.window_end, t.position"
    ),
)
_MEMBERS = (
    "select * from collection_members where collection_id = ? order by event_id, asset",
    "select warnings from collection_studies where collection_id = ?",
)


_LOST = (
    (
        "the stored results of the collection",
        "select collection_id from collection_groups except select collection_id from collection_studies",
    ),
    (
        "what is stored of pass",
        # in two steps, so that SQLite goes from pass to pass, not over all changes: every page asks this
        "select * from (select distinct run_id from verdict_changes) except select run_id from runs",
    ),
)
_LOST_RESULTS = (
    ("what is stored of the event", "select event_id from analyses except select event_id from events"),
    (
        "the stored results of the study",
        # studies that were emptied are told of by the hash of their table
        "select study_id from analyses where exists (select 1 from studies) except select study_id from studies",
    ),
    (
        "the stored results of the event",
        "select event_id from analyses group by study_id, event_id, asset having not sum(alignment = 'main')",
    ),
    (
        "the stored windows of analysis",
        "select analysis_id from window_results except select analysis_id from analyses",
    ),
)

# Of what lists show: the last pass, the first one, those of the newest results, and the newest title of each asset.
_SHOWN_PASSES = (
    "where run_id in (select run_id from runs where status <> 'running' order by run_id desc limit 1) "
    "or run_id in (select min(run_id) from runs) "
    "or run_id in (select distinct run_id from analyses order by run_id desc limit 50)"
)
_NEWEST_OF_ASSETS = (
    "where a.analysis_id in (select analysis_id from (select a.analysis_id, max(a.day0) from analyses a "
    "join studies s using (study_id) where s.position = 0 and a.alignment = 'main' group by a.asset) limit ?)"
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
    of_windows: Rows = [row[:_WINDOW_TEXTS] for row in windows]
    of_tests: Rows = [row[:-1] for row in tests]
    if any(row[0].__class__ is str or row[1].__class__ is str for row in windows):
        of_windows, of_tests = ([_plain(row, texts) for row in rows] for rows in (of_windows, of_tests))
    of_days, of_placebos = ([row[:-1] for row in rows] for rows in (days, placebos))
    for rows in (of_windows, of_tests, of_days, of_placebos):
        numbers += chain.from_iterable(rows)
    texts += chain.from_iterable([row[_WINDOW_TEXTS:] for row in windows])
    texts += [row[-1] for row in chain(tests, days)]
    held = hashlib.sha256(joint)
    held.update(_packed(numbers))
    held.update(_joined([v for v in texts if v.__class__ is str]))
    held.update(b"".join([described.get(row[2], b"") for row in tests]))
    held.update(b"".join([row[-1] for row in placebos]))
    held.update((document or "").encode("utf-8", "surrogatepass"))
    return held.hexdigest()


def _plain(row: tuple[Any, ...], texts: list[Any]) -> tuple[Any, ...]:
    """The numbers of a row; a text among them, such as the end of a window by the clock, goes to `texts`."""
    if row[0].__class__ is not str and row[1].__class__ is not str:
        return row
    texts += row[:2]
    return tuple(None if v.__class__ is str else v for v in row)


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
    """Raise where an event or its stored results are not what was written.

    Raises
    ------
    AlteredResults
    """
    from eventstudy.archive import seal  # `query` does without numpy

    wrong = next(_altered_tables(connection), None) or next(_altered_events(connection, _ONE, event_id), None)
    wrong = wrong or next(_altered_claims(connection, event_id), None) or next(_lost(connection), None)
    if wrong := wrong or next(_altered(connection, "where a.event_id = ?", (event_id,)), None):
        raise wrong
    with _readable(connection):
        used = (
            "select distinct n.source, coalesce(n.symbol, j.value), n.bar from analyses a join texts t "
            "on t.text_id = a.answers_id, json_each(t.text) j left join snapshots n on n.snapshot_id = j.value "
            "where a.event_id = ?"
        )
        for key in connection.execute(used, (event_id,)).fetchall():
            if key[0] is None or next(seal.broken(connection, key), None):
                raise AlteredResults(f"the record of the prices of {key[1]}", event_id=event_id)


def refuse_altered_index(connection: sqlite3.Connection) -> None:
    """Raise where what lists show of events, studies, collections and the last pass is not what was written.

    Raises
    ------
    AlteredResults
    """
    for found in (
        _altered_tables(connection),
        _altered_events(connection, "1", join="join"),
        _altered_collections(connection, None),
        _altered_passes(connection, _SHOWN_PASSES),
        _altered(connection, _NEWEST_OF_ASSETS, (MOST_RESULTS,)),
    ):
        if wrong := next(found, None):
            raise wrong


def refuse_altered_pass(connection: sqlite3.Connection, run_id: int) -> None:
    """Raise where what is stored of a pass is not what was written: its row, steps, changed verdicts and notices.

    Raises
    ------
    AlteredResults
    """
    if wrong := next(_altered_passes(connection, "where run_id = ?", (run_id,)), None):
        raise wrong
    if any(notices.altered_passes(connection, run_id)):
        raise AlteredResults(f"what is to be told of pass {run_id}")


def refuse_altered_studies(connection: sqlite3.Connection) -> None:
    """Raise where studies or events, by which everything is found, are not what was written.

    Raises
    ------
    AlteredResults
    """
    if wrong := next(_altered_tables(connection), None) or next(_lost(connection), None):
        raise wrong


def refuse_altered_asset(connection: sqlite3.Connection, asset: str, *, but_of: int | None = None) -> None:
    """Raise where one of the newest `MOST_RESULTS` of the headline study for an asset is not what was written.

    Not those of the pass `but_of`, which wrote them a moment ago.

    Raises
    ------
    AlteredResults
    """
    newest = (
        "join studies s using (study_id) join events e using (event_id) where a.asset = ? "
        "and a.alignment = 'main' and s.position = 0 and a.run_id is not ? order by e.announced_at desc limit ?"
    )
    refuse_altered_studies(connection)
    wrong = next(_altered_events(connection, _OF_ASSET, asset), None)
    if wrong := wrong or next(_altered(connection, newest, (asset, but_of, MOST_RESULTS)), None):
        raise wrong


def _altered_passes(
    connection: sqlite3.Connection, where: str, parameters: Sequence[int] = ()
) -> Iterator[AlteredResults]:
    with _readable(connection):
        for (run_id,) in connection.execute(f"select run_id from runs {where}", parameters).fetchall():  # noqa: S608  # ours
            if sealed.is_altered(connection, sealed.PASSES, run_id):
                yield AlteredResults(f"what is stored of pass {run_id}")


def _altered_claims(connection: sqlite3.Connection, event_id: str) -> Iterator[AlteredResults]:
    with _readable(connection):
        if sealed.is_altered(connection, sealed.CLAIMS, event_id):
            yield AlteredResults(f"what is stored of the claims of {event_id}", event_id=event_id)


def _altered_tables(connection: sqlite3.Connection, *names: str, most: int | None = None) -> Iterator[AlteredResults]:
    with _readable(connection):
        for what in sealed.altered_tables(connection, names or (sealed.STUDIES,), most):
            yield AlteredResults(what)


def checked(
    connection: sqlite3.Connection, answer: Answer, most: int | None = None, event_id: str | None = None
) -> Answer:
    """The answer, whose rows come after the results that they show were held against their hashes.

    Results are known by the columns ``event_id`` and ``asset``, and ``study`` where there is one, collections by
    ``collection_id``, passes by ``run_id``; of averages over events the table that keeps them is held against its hash.
    What is read of results may be of others than it seems, or lack some: first all of one event are checked where no
    other is asked for, and else all where they are no more than `MOST_RESULTS`. Other answers are not checked. A row
    that shows what was altered raises `AlteredResults`.

    Parameters
    ----------
    connection : Connection
    answer : Answer
    most : int, optional
        Results after which the rest of the rows is not checked; then the members of collections, of which there may be
        any number, are checked only where the answer shows them.
    event_id : str, optional
        The only event that was asked for.
    """
    kept = [name for name in sealed.KEPT if name in answer.tables]
    shows = kept or {"study", "study_id", "asset", "bar"} & set(answer.columns)
    if shows and (wrong := next(_altered_tables(connection, sealed.STUDIES, *kept, most=sealed.MOST_ROWS), None)):
        raise wrong
    # averages that are worked out anew are checked by the results that they are of
    is_worked_out = "share_clear" in answer.columns and not (
        sealed.AVERAGES in answer.tables and sealed.hold(connection)
    )
    are_all = bool(answer.tables & _RESULTS) and _are_few(connection)
    if event_id is not None:
        chosen = _altered(connection, "where a.event_id = ?", (event_id,))
    elif is_worked_out or are_all:
        chosen = _altered(connection, "order by a.analysis_id limit ?", (most or -1,))
    else:
        chosen = iter(())
    if wrong := next(chosen, None):
        raise wrong
    if {"collection_id", "event_id", "run_id"} & set(answer.columns) and (wrong := next(_lost(connection), None)):
        raise wrong
    with_members = most is None or bool({"event_id", "warnings"} & set(answer.columns))
    of_collection = functools.partial(refuse_altered_collection, with_members=with_members)
    of_result = functools.partial(_refuse_altered_analysis, is_held=are_all or event_id is not None)
    results: tuple[tuple[tuple[str, ...], Callable[..., None]], ...] = (
        (("collection_id",), of_collection),
        (("event_id", "asset", "study"), of_result),
        (("event_id", "asset"), of_result),
        (("event_id", "study_id"), _refuse_altered_tests),
        (("analysis_id",), _refuse_altered_number),
        (("event_id",), _refuse_altered_event),
    )
    shown = [found for found in results if set(found[0]) <= set(answer.columns)][:1]
    if "run_id" in answer.columns:
        shown.append((("run_id",), refuse_altered_pass))
    rows = answer.rows
    for names, refuse in shown:
        places = [answer.columns.index(name) for name in names]
        rows = _checked(connection, rows, places, refuse, most)
    return Answer(answer.columns, rows)


def first_checked(connection: sqlite3.Connection, answer: Answer, event_id: str | None = None) -> Answer:
    """As `checked`, for the first `MOST_RESULTS`: those of a large database would take longer than the answer."""
    return checked(connection, answer, MOST_RESULTS, event_id)


def _checked(
    connection: sqlite3.Connection,
    rows: Iterator[tuple[Any, ...]],
    places: Sequence[int],
    refuse: Callable[..., None],
    most: int | None,
) -> Iterator[tuple[Any, ...]]:
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        key = tuple(row[place] for place in places)
        if key not in seen and None not in key and (most is None or len(seen) < most):
            seen.add(key)
            refuse(connection, *key)
        yield row


def refuse_altered_collection(connection: sqlite3.Connection, collection_id: str, *, with_members: bool = True) -> None:
    """Raise where what is stored of a collection, or of it but its members, is not what was written.

    Raises
    ------
    AlteredResults
    """
    if wrong := next(_altered_collections(connection, collection_id, with_members=with_members), None):
        raise wrong


def refuse_altered_members(connection: sqlite3.Connection, collection_id: str, *, but_of: int | None = None) -> None:
    """Raise where a collection, or one of the first `MOST_RESULTS` that it averages, is not what was written.

    Not the results of the pass `but_of`, which wrote them a moment ago.

    Raises
    ------
    AlteredResults
    """
    refuse_altered_collection(connection, collection_id)
    where = (
        "where (a.study_id, a.event_id, a.asset) in (select c.study_id, m.event_id, m.asset from collection_members m "
        "join collection_studies c using (collection_id) where collection_id = ?) and a.run_id is not ? "
        "order by a.day0 limit ?"
    )
    if wrong := next(_altered(connection, where, (collection_id, but_of, MOST_RESULTS)), None):
        raise wrong


def _refuse_altered_analysis(
    connection: sqlite3.Connection, event_id: str, asset: str, study_id: str | None = None, *, is_held: bool = False
) -> None:
    """Raise where a result, its event or its claims are not what was written; `is_held` says that the result is."""
    wrong = next(_altered_events(connection, _ONE, event_id), None)
    wrong = wrong or next(_altered_claims(connection, event_id), None)
    where = "where a.event_id = ?1 and a.asset = ?2 and (?3 is null or a.study_id = ?3)"
    if wrong := wrong or (None if is_held else next(_altered(connection, where, (event_id, asset, study_id)), None)):
        raise wrong
    # what an answer names must be there: an index that is damaged may name what no row has
    here = f"select 1 from events join analyses a using (event_id) {where}"  # noqa: S608  # ours
    if connection.execute(here, (event_id, asset, study_id)).fetchone() is None:
        raise AlteredResults(f"the stored results of {event_id}, {asset}", event_id=event_id)


def _refuse_altered_tests(connection: sqlite3.Connection, event_id: str, study_id: str) -> None:
    """Those over all assets of an event, which are in the hash of each of its results."""
    where = "where a.event_id = ? and a.study_id = ?"
    if wrong := next(_altered(connection, where, (event_id, study_id)), None):
        raise wrong


def _refuse_altered_event(connection: sqlite3.Connection, event_id: str) -> None:
    if wrong := next(_altered_events(connection, _ONE, event_id), None):
        raise wrong


def _refuse_altered_number(connection: sqlite3.Connection, analysis_id: int) -> None:
    if wrong := next(_altered(connection, "where a.analysis_id = ?", (analysis_id,)), None):
        raise wrong


def refuse_first_altered(connection: sqlite3.Connection) -> None:
    """Raise where something of what lists show, or one of the first `MOST_RESULTS`, is not what was written.

    Raises
    ------
    AlteredResults
    """
    refuse_altered_index(connection)
    if wrong := next(_altered(connection, "order by a.analysis_id limit ?", (MOST_RESULTS,)), None):
        raise wrong


def altered(connection: sqlite3.Connection, *, but_of: int | None = None) -> Iterator[AlteredResults]:
    """Every event, analysis, collection and pass whose stored rows are not what was written.

    Not analyses of the pass `but_of`, which wrote them a moment ago.
    """
    yield from _altered_tables(connection, sealed.STUDIES, *sealed.KEPT)
    yield from _altered_events(connection, "1")
    for name in sealed.altered_answers(connection):
        yield AlteredResults(f"what the index says of the event {name}", event_id=name)
    yield from _altered(connection, "where a.run_id is not ? order by a.event_id, a.study_id, a.position", (but_of,))
    yield from _altered_collections(connection, None)
    with _readable(connection):
        for run_id in sealed.altered_parts(connection, sealed.PASSES):
            yield AlteredResults(f"what is stored of pass {run_id}")
        for number in notices.altered_passes(connection):
            yield AlteredResults("what is to be told of " + ("the next pass" if number is None else f"pass {number}"))
        for event_id in sealed.altered_parts(connection, sealed.CLAIMS):
            yield AlteredResults(f"what is stored of the claims of {event_id}", event_id=str(event_id))


def collection_hash(connection: sqlite3.Connection, collection_id: str) -> str:
    """The hash of all rows of a collection but its members, which have their own, and whether its page is due."""
    return _rows_hash(connection, _COLLECTION, collection_id)


def members_hash(connection: sqlite3.Connection, collection_id: str) -> str:
    """The hash of the members of a collection and of what is noted of them, as they stand in the database."""
    return _rows_hash(connection, _MEMBERS, collection_id)


def _rows_hash(connection: sqlite3.Connection, parts: Sequence[str], collection_id: str) -> str:
    with _readable(connection):
        return sealed.hash_of(*(connection.execute(part, (collection_id,)) for part in parts))


def _altered_collections(
    connection: sqlite3.Connection, collection_id: str | None, *, with_members: bool = True
) -> Iterator[AlteredResults]:
    found = connection.execute(
        "select collection_id, content_hash, members_hash from collection_studies "
        "where ?1 is null or collection_id = ?1 order by 1",
        (collection_id,),
    )
    for name, written, of_members in found.fetchall():
        is_sound = collection_hash(connection, name) == written
        if not is_sound or (with_members and members_hash(connection, name) != of_members):
            yield AlteredResults(f"the stored results of the collection {name}")
    yield from _lost(connection)


_ONE = "e.event_id = ?"
_OF_ASSET = "e.event_id in (select event_id from analyses where asset = ?)"


def _lost(connection: sqlite3.Connection) -> Iterator[AlteredResults]:
    """What has another name than that by which it is found: answers, which join by names, would be without it.

    Results are asked only where they are no more than `MOST_RESULTS`; doctor and backup check the references of all.
    """
    for what, names in (*_LOST, *(_LOST_RESULTS if _are_few(connection) else ())):
        for (name,) in connection.execute(names):
            yield AlteredResults(f"{what} {name}")


def _are_few(connection: sqlite3.Connection) -> bool:
    """Whether a question can look at all results."""
    counted = "select count(*) from (select 1 from analyses limit ?)"  # the highest number may be an altered one
    (results,) = connection.execute(counted, (MOST_RESULTS + 1,)).fetchone()
    return bool(results <= MOST_RESULTS)


def altered_event(event_id: str) -> AlteredResults:
    """The error of an event that is not as it was written, or is not there although something is of it."""
    return AlteredResults(f"what is stored of the event {event_id}", event_id=event_id)


def _altered_events(
    connection: sqlite3.Connection, which: str, *parameters: str, join: str = "left join"
) -> Iterator[AlteredResults]:
    """Events that are not as their newest version is: what is stored twice must be the same twice."""
    with _readable(connection):
        for (name,) in connection.execute(_EVENTS.format(which=which, join=join), parameters).fetchall():
            yield altered_event(name)


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
            try:
                rows = (windows, tests, placebos, days)
                found = hash_of((*texts, *analysis), *rows, joint, described, document)
            except TypeError:  # a damaged page may hold a text where a number was
                found = ""
            if found != written:
                what = f"the stored results of {event_id}, {asset}, in study {study_id}"
                yield AlteredResults(what, event_id=event_id)


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
    values = array("d", [math.nan if v is None or v != v else v + 0.0 for v in numbers])  # noqa: PLR0124  # NaN
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def _joined(texts: Iterable[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogatepass")
