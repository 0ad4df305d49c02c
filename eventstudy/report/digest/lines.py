"""What the digest lists beside the studied announcements: changed verdicts, revised prices, failures, what waits."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.archive import read as archive
from eventstudy.database import reading
from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.titles import titled
from eventstudy.report.words import say
from eventstudy.store import read
from eventstudy.study.clock.stored_ends import bounds_of

MOST_LETTERS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A verdict that the night changed; `why` is a clause."""

    event_id: str
    title: str
    study: str
    asset: str
    window: str
    old: str
    new: str
    sentence: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A thing with its reason: an announcement, or a source and symbol (`event_id` is then None)."""

    event_id: str | None
    title: str
    status: str
    reason: str


def changes(connection: sqlite3.Connection, ids: str) -> list[Change]:
    """Verdicts that the passes `ids` (a JSON list) changed, the newest pass first."""
    found = reading.rows(
        connection,
        "select v.*, e.title, e.kind, e.latest, e.assets, r.started_at, s.title as study_title, s.spec, s.window_unit, "
        "a.asset_title, a.analysis_id from verdict_changes v join events e using (event_id) join runs r using (run_id) "
        "join studies s using (study_id) left join analyses a on a.alignment = 'main' "
        "and (a.study_id, a.event_id, a.asset) = (v.study_id, v.event_id, v.asset) "
        "where v.run_id in (select value from json_each(?)) "
        "order by v.run_id desc, e.announced_at desc, v.event_id, s.position, v.asset, v.window_start, v.window_end",
        (ids,),
    )
    revised = _revised_symbols(connection, ids) if found else set()
    return [_change(row, _rests_on(connection, row) & revised != set()) for row in _net(found)]


def _rests_on(connection: sqlite3.Connection, row: Row) -> set[tuple[str, str]]:
    """Source and symbol of the answers that a result rests on now."""
    found = read.answers(connection, [row["analysis_id"]] if row["analysis_id"] else ())
    return {(answer["source"], answer["symbol"]) for answer in found}


_PLACE = ("event_id", "study_id", "asset", "window_start", "window_end")
_OLD = ("old_verdict", "old_car", "old_t", "old_day0")
_CAUSES = ("is_new_version", "is_new_settings", "is_new_inputs")


def _net(found: Sequence[Row]) -> list[Row]:
    """Of several changes of one verdict, the newest first, one from the first to the last, or none if these agree."""
    kept: dict[tuple[object, ...], Row] = {}
    for row in found:
        later = kept.setdefault(tuple(row[name] for name in _PLACE), row)
        later |= {name: row[name] for name in _OLD} | {name: max(later[name], row[name]) for name in _CAUSES}
    return [row for row in kept.values() if row["old_verdict"] != row["new_verdict"]]


def _window(row: Row, unit: str) -> str:
    """The window of a row; `unit` stands behind its ends."""
    ends = [f"{end}{unit}" if isinstance(end, int) else end for end in (row["window_start"], row["window_end"])]
    return re.sub(r"-(?=\d)", text.MINUS, f"[{', '.join(ends)}]")


def _change(row: Row, is_revised: bool) -> Change:
    asset = titled(row["asset_title"] or row["asset"])
    unit = "m" if row["window_unit"] == "minutes" else ""
    window = _window(row, unit)
    old, new = (_figures(row[f"{n}_verdict"], row[f"{n}_car"], row[f"{n}_t"]) for n in ("old", "new"))
    key = "change.by_minute" if unit else "change.sentence"
    sentence = say(key, asset=text.capital(asset), window=window, old=old, new=new)
    why = _why(row, is_revised)
    return Change(
        event_id=row["event_id"],
        title=text.plain(row["title"]),
        study=text.given(row["study_title"]),
        asset=asset,
        window=window,
        old=row["old_verdict"],
        new=row["new_verdict"],
        sentence=sentence,
        why=why,
    )


def _figures(verdict: str, car: float | None, t: float | None) -> str:
    word = text.verdict_word(verdict).lower()
    return word if car is None else say("change.figures", verdict=word, car=text.percent(car), t=text.statistic(t))


def _has_window(row: Row) -> bool:
    """Whether the study still has the window; those by the minute may have it under a name."""
    first, last, listed = row["window_start"], row["window_end"], json.loads(row["spec"])["windows"]
    if row["window_unit"] == "sessions":
        return [first, last] in listed
    written = ":".join(bounds_of(first, last))
    return not listed or written in listed or any(name[0].isalpha() for name in listed)


def _why(row: Row, is_revised: bool) -> str:
    if row["new_verdict"] == "not computable":
        if row["kind"] == "context":
            return say("change.context")
        if row["latest"] > row["started_at"]:
            return say("change.to_come")
        if row["asset"] not in json.loads(row["assets"]):
            return say("change.no_asset")
        if row["asset_title"] is None:
            return say("change.no_study")
        if not _has_window(row):
            return say("change.no_window")
    causes = []
    if row["is_new_version"]:
        causes.append(say("change.version"))
    if row["is_new_settings"]:
        causes.append(say("change.settings"))
    if row["is_new_inputs"]:
        moved = row["old_day0"] and row["new_day0"] and row["old_day0"] != row["new_day0"]
        causes.append(
            say("change.day0", old=text.day(row["old_day0"]), new=text.day(row["new_day0"]))
            if moved
            else say("change.revised" if is_revised else "change.inputs")
        )
    return text.listed(causes)


def _revised_symbols(connection: sqlite3.Connection, ids: str) -> set[tuple[str, str]]:
    between = _span(connection, ids)
    rebased = connection.execute(
        "select source, symbol from price_rebases where field = 'close' and fetched_at between ? and ?", between
    )
    return {*rebased, *((source, symbol) for source, symbol, *_ in archive.revised_closes(connection, *between))}


def _span(connection: sqlite3.Connection, ids: str) -> tuple[str, str]:
    """The first and the last instant of the passes `ids`, between which their answers came."""
    first, last = connection.execute(
        "select min(started_at), max(coalesce(finished_at, started_at)) from runs "
        "where run_id in (select value from json_each(?))",
        (ids,),
    ).fetchone()
    return first, last


def revisions(connection: sqlite3.Connection, runs: Sequence[Row]) -> list[Line]:
    """Prices that a source changed, largest change first, a line per symbol."""
    between = _span(connection, json.dumps([run["run_id"] for run in runs]))
    by_symbol: dict[tuple[str, str], list[tuple[str, float, float]]] = {}
    for source, symbol, session, close, before in archive.revised_closes(connection, *between):
        if close is not None and close != before:
            by_symbol.setdefault((source, symbol), []).append((session, close, before))
    lines = [(key, _revision(versions)) for key, versions in by_symbol.items()]
    rebased = reading.rows(
        connection,
        "select source, symbol, first_session, last_session, factor, why from price_rebases "
        "where field = 'close' and fetched_at between ? and ? order by source, symbol, first_session",
        between,
    )
    lines += [((row["source"], row["symbol"]), _rebase(row)) for row in rebased]
    return [
        Line(event_id=None, title=_of_source(symbol, source), status="revised", reason=reason)
        for (source, symbol), reason in lines
    ]


def _of_source(symbol: str, source: str) -> str:
    return say("line.symbol", symbol=text.plain(symbol), source=source)


def _rebase(row: Row) -> str:
    first, last = (text.day(row[name]) for name in ("first_session", "last_session"))
    factor, why = f"{row['factor']:.6g}", text.spoken(row["why"])
    return say("line.rebase", first=first, last=last, factor=factor, why=why)


def _revision(versions: Sequence[tuple[str, float, float]]) -> str:
    session, close, before = versions[0]
    prices = {"old": text.price(before), "new": text.price(close)}
    said = say("line.revision", date=text.day(session), change=text.percent(close / before - 1), **prices)
    return said if len(versions) == 1 else say("line.revisions", n=len(versions), revision=said)


def failures(connection: sqlite3.Connection, ids: str) -> list[Line]:
    """Steps that went wrong, each once, and passes that broke off, or could not begin."""
    found = reading.rows(
        connection,
        "select r.step, r.subject, r.status, r.reason, e.event_id, e.title, r.run_id, r.position from run_steps r "
        "left join events e on e.event_id = r.subject "
        "where r.run_id in (select value from json_each(?1)) and r.status <> 'ok' "
        "union all select n.step, null, 'failed', n.reason, null, null, n.run_id, -1 from notices n "
        "where n.run_id in (select value from json_each(?1)) and n.kind = 'failure' and n.step = 'pass' "
        "order by 7 desc, 8",
        (ids,),
    )
    return list(dict.fromkeys(map(_failure, found)))


# Steps whose subject is source:symbol.
_OF_SYMBOLS = ("pull", "capture")


def _failure(row: Row) -> Line:
    subject = row["subject"] or say("line.pass")
    source, _, symbol = subject.partition(":")
    named = _of_source(symbol, source) if symbol and row["step"] in _OF_SYMBOLS else subject
    title, reason = text.plain(row["title"] or named), text.spoken(row["reason"] or say("line.no_reason"))
    # most reasons begin with what they are of, which stands in front already
    reason = reason.removeprefix(f"{title}: ")
    # a mistake in a feed names file and line: what step met it says nothing more
    if row["step"] not in ("events", "pass", "source"):
        reason = say("line.step", step=row["step"], reason=reason)
    return Line(event_id=row["event_id"], title=title, status=row["status"], reason=_short(reason))


def _short(reason: str) -> str:
    """A reason that a person reads to its end; the whole of it stands in the database."""
    return reason if len(reason) <= MOST_LETTERS else f"{reason[:MOST_LETTERS].rstrip()} …"


def events(connection: sqlite3.Connection, statuses: Sequence[str]) -> list[Line]:
    """Announcements that stand at one of `statuses`, with the reason."""
    found = reading.rows(
        connection,
        "select event_id, title, status, reason from events where kind <> 'context' and status in (select value from "  # noqa: S608  # see LIVE
        f"json_each(?)) and {read.LIVE} order by announced_at, event_id",
        (json.dumps(statuses),),
    )
    return _lines(found)


def called_off(connection: sqlite3.Connection, ids: str) -> list[Line]:
    """Announcements that were taken out of the passes, as the passes `ids` noticed first, and why."""
    found = reading.rows(
        connection,
        "select event_id, title, 'retired' as status, retired_reason as reason from events "
        "where retired_at is not null and event_id in (select event_id from notices where kind = 'retired' "
        "and run_id in (select value from json_each(?))) order by announced_at, event_id",
        (ids,),
    )
    return _lines(found)


def moved(connection: sqlite3.Connection, ids: str) -> list[Line]:
    """Announcements that were moved, as the passes `ids` noticed first, from their first time to their last."""
    found = connection.execute(
        "select n.event_id, e.title, n.payload from notices n join events e using (event_id) where n.kind = 'moved' "
        "and n.run_id in (select value from json_each(?)) order by e.announced_at, n.event_id, n.notice_id",
        (ids,),
    )
    moves: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for event_id, title, payload in found:
        move = json.loads(payload)
        first, _ = moves.get((event_id, title), (move["from"], None))
        moves[event_id, title] = (first, move["to"])
    return [
        Line(
            event_id=event_id,
            title=text.plain(title),
            status="moved",
            reason=say("line.moved", old=_interval(before), new=_interval(after)),
        )
        for (event_id, title), (before, after) in moves.items()
        if before != after
    ]


def _interval(between: Sequence[str]) -> str:
    earliest, latest = map(text.moment, between)
    return earliest if earliest == latest else say("time.between", start=earliest, end=latest)


def collections(connection: sqlite3.Connection, ids: str) -> list[Line]:
    """Collections whose conclusion had stood for two passes when one of the passes `ids` noticed it."""
    found = reading.rows(
        connection,
        "select c.title, c.times_looked, w.caar, w.p_adjusted, w.n_events, w.window_start, w.window_end, "
        "json_extract(c.settings, '$.bar') as bar, n.payload "
        "from notices n join collection_studies c on c.collection_id = n.subject "
        "join collection_windows w using (collection_id) where n.kind = 'collection' and w.group_name = 'all' "
        "and w.position = 0 and n.run_id in (select value from json_each(?)) order by n.notice_id",
        (ids,),
    )
    return [
        Line(event_id=None, title=text.plain(row["title"]), status="concluded", reason=_average(row)) for row in found
    ]


def _average(row: Row) -> str:
    payload = json.loads(row["payload"])
    word = text.verdict_word(payload["to"]).lower()
    if payload["from"]:
        word = say("line.average.was", verdict=word, before=text.verdict_word(payload["from"]).lower())
    window = _window(row, "m" if row["bar"] else "")
    numbers = "" if row["caar"] is None else _mean(row)
    return say("line.average", n=row["times_looked"], window=window, verdict=word, numbers=numbers)


def _mean(row: Row) -> str:
    said = {"n": row["n_events"], "caar": text.percent(row["caar"])}
    if row["p_adjusted"] is None:
        return say("line.average.mean", **said)
    return say("line.average.mean_p", p=text.p_phrase(row["p_adjusted"]), **said)


def repaired(connection: sqlite3.Connection, ids: str) -> list[Line]:
    """What went wrong before the passes `ids`, or in the first of them, and goes well again."""
    found = reading.rows(
        connection,
        "select n.step, n.subject, 'repaired' as status, n.reason, e.event_id, e.title from notices n "
        "left join events e on e.event_id = n.subject "
        "where n.kind = 'repair' and n.run_id in (select value from json_each(?)) order by n.notice_id",
        (ids,),
    )
    return list(dict.fromkeys(map(_failure, found)))


def _lines(found: Sequence[Row]) -> list[Line]:
    return [
        Line(
            event_id=row["event_id"],
            title=text.plain(row["title"]),
            status=row["status"],
            reason=_short(text.spoken(row["reason"] or say("line.no_reason"))),
        )
        for row in found
    ]
