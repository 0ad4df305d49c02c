"""The only writer and reader of collections: averages over events, and what they come to."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy.database import reading
from eventstudy.database.reading import Row
from eventstudy.events.known import Known
from eventstudy.inference.multiple import holm
from eventstudy.instants import stamp
from eventstudy.records import Event
from eventstudy.store import content, notices
from eventstudy.store.history import newest
from eventstudy.store.read import LIVE
from eventstudy.store.write import Descriptions, put_rows
from eventstudy.study.clock.stored_ends import bounds_of, window_of
from eventstudy.study.conclusion import answering, verdict_of_all

Key = tuple[str, str, str]  # code version, config hash, input hash
OfWindow = tuple[str, str, int | str, int | str]  # event, asset, and both ends of a window

_WINDOW = ("caar", "caar_se", "median_car", "share_positive", "mean_bhar", "mde")
_MEMBER = ("event_id", "asset", "group", "reason")
_TEST = ("name", "null", "statistic", "distribution", "df", "p_value", "n", "reason", "source", "is_valid", "validity")
# Of what was never notified: nothing that a person would have to hear of.
_NO_NEWS = ("none", "not computable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a collection is.

    Attributes
    ----------
    collection_id, title, study_id : str
    asset, tag, kind : str or None
        What all its members have.
    is_list : bool
        Whether its announcements are listed one by one.
    """

    collection_id: str
    title: str
    study_id: str
    asset: str | None
    tag: str | None
    kind: str | None
    is_list: bool = False


def live_events(connection: sqlite3.Connection) -> list[Event]:
    """Events that are stored and not taken out, by id."""
    live = {event_id for (event_id,) in connection.execute(f"select event_id from events where {LIVE}")}  # noqa: S608  # see LIVE
    found = (Known(row).event for row in newest(connection) if row["event_id"] in live)
    return sorted(found, key=lambda event: event.event_id)


def candidates(connection: sqlite3.Connection) -> list[Row]:
    """Every event and asset with a result, by study: what collections are made of, with the hashes of the result."""
    return reading.rows(
        connection,
        "select a.study_id, a.event_id, a.asset, a.asset_title, a.config_hash, a.input_hash, e.kind, e.tags "  # noqa: S608  # see LIVE
        f"from analyses a join events e using (event_id) where a.alignment = 'main' and a.status = 'ok' and {LIVE} "
        "order by a.event_id, a.asset",
    )


def stored_t(connection: sqlite3.Connection, study_id: str) -> dict[OfWindow, float | None]:
    """Event, asset and both ends of a window → its t, as a study stored it."""
    found = connection.execute(
        "select a.event_id, a.asset, w.window_start, w.window_end, w.t from analyses a "
        "join window_results w using (analysis_id) where a.study_id = ? and a.alignment = 'main'",
        (study_id,),
    )
    return {tuple(place): t for *place, t in found}


def keys(connection: sqlite3.Connection) -> dict[str, Key]:
    """Code version, config hash and input hash of every stored collection."""
    found = connection.execute("select collection_id, code_version, config_hash, input_hash from collection_studies")
    return {name: (code, config, inputs) for name, code, config, inputs in found}


def drop(connection: sqlite3.Connection, collection_ids: Collection[str]) -> None:
    """Delete collections, inside a transaction of the caller."""
    connection.executemany(
        "delete from collection_studies where collection_id = ?", [(name,) for name in collection_ids]
    )


def put(
    connection: sqlite3.Connection,
    collected: Collected,
    document: Mapping[str, Any],
    *,
    checked: str,
    key: Key,
    run_id: int,
    at: dt.datetime,
) -> None:
    """Replace all that is stored of a collection but what it came to so far; inside a transaction of the caller.

    Parameters
    ----------
    collected : Collected
    document : mapping
        The document of its study: spec, events, aggregate, group_differences, warnings; the plan, where there is one.
    checked : str
        How many of its fits were computed a second time.
    key : (str, str, str)
        Code version, config hash and input hash.
    run_id : int
    at : datetime
        When it is looked at.
    """
    name = collected.collection_id
    now = stamp(at)
    row = {
        "collection_id": name,
        "study_id": collected.study_id,
        "title": collected.title,
        "asset": collected.asset,
        "tag": collected.tag,
        "kind": collected.kind,
        "is_list": int(collected.is_list),
        "n_members": len(document["events"]),
        "settings": json.dumps(document["spec"]),
        "differences": json.dumps(document["group_differences"]),
        "regressions": json.dumps(document["regressions"]),
        "warnings": json.dumps(document["warnings"]),
        "plan": json.dumps(document["plan"]) if "plan" in document else None,
        "checked": checked,
        "times_looked": 1,
        "first_looked_at": now,
        "looked_at": now,
        "is_page_due": 1,
        "code_version": key[0],
        "config_hash": key[1],
        "input_hash": key[2],
        "run_id": run_id,
    }
    columns, marks = ", ".join(row), ", ".join("?" for _ in row)
    updates = ", ".join(
        f"{column} = excluded.{column}"
        for column in row
        if column not in ("collection_id", "times_looked", "first_looked_at")
    )
    connection.execute(
        f"insert into collection_studies ({columns}) values ({marks}) "  # noqa: S608  # names of ours
        f"on conflict (collection_id) do update set {updates}, times_looked = times_looked + 1",
        tuple(row.values()),
    )
    connection.execute("delete from collection_members where collection_id = ?", (name,))
    connection.execute("delete from collection_groups where collection_id = ?", (name,))
    members = ((name, *(event[key] for key in _MEMBER)) for event in document["events"])
    put_rows(connection, "collection_members", members)
    describe = Descriptions(connection)
    for position, group in enumerate(document["aggregate"]):
        label = group["group"]
        design, days = json.dumps(group["design"]), json.dumps(group["days"])
        put_rows(connection, "collection_groups", [(name, label, position, design, days)])
        for place, window in enumerate(group["windows"]):
            at_window = (name, label, *_ends(window["window"]))
            put_rows(connection, "collection_windows", [(*at_window, place, *_window(window))])
            tests = (
                (*at_window, _described(describe, test), order, *_test(test))
                for order, test in enumerate(window["tests"])
            )
            put_rows(connection, "collection_window_tests", tests)
    _seal(connection, [name])


def _seal(connection: sqlite3.Connection, collection_ids: Iterable[str]) -> None:
    """Write the hash of what is stored of them; after every change but that a page is published."""
    for column, hashed in (("members_hash", content.members_hash), ("content_hash", content.collection_hash)):
        connection.executemany(
            f"update collection_studies set {column} = ? where collection_id = ?",  # noqa: S608  # names of ours
            [(hashed(connection, name), name) for name in sorted(collection_ids)],
        )


def _ends(bounds: Sequence[int | str]) -> tuple[int | str, int | str]:
    """Both ends of a window: sessions, or minutes, or what stands for them, such as ``close``."""
    if all(isinstance(end, int) for end in bounds):
        start, end = bounds
        return start, end
    found = window_of([str(end) for end in bounds])
    return found.start, found.end


def _bounds(row: Row, spec: Mapping[str, Any]) -> list[int] | list[str]:
    """The same as the document of its study has them."""
    ends = (row["window_start"], row["window_end"])
    return bounds_of(*ends) if "bar" in spec else list(ends)


def _window(window: Mapping[str, Any]) -> tuple[Any, ...]:
    """The columns of `collection_windows` after its place."""
    test = answering(window)
    known = {"window", "n", "caar_ci", "tests", "verdict", "left_out", *_WINDOW}
    measures = {name: value for name, value in window.items() if name not in known}
    decided = (test["name"], test["statistic"], test["p_value"]) if test else (None, None, None)
    caar, *others = (window.get(name) for name in _WINDOW)
    return (
        window["n"],
        caar,
        *window["caar_ci"],
        *others,
        json.dumps(measures),
        *decided,
        None,  # Holm's p and the verdict follow when all collections are known
        None,
    )


def _described(describe: Descriptions, test: Mapping[str, Any]) -> int:
    return describe(test["name"], test["null"], test["distribution"], test["source"])


def _test(test: Mapping[str, Any]) -> tuple[Any, ...]:
    """The columns of `collection_window_tests` after its place and order."""
    details = {name: value for name, value in test.items() if name not in _TEST}
    numbers = tuple(test[name] for name in ("statistic", "df", "p_value", "n", "reason"))
    return (*numbers, int(test["is_valid"]), test["validity"], json.dumps(details))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """What is to be written so that what is stored of all collections agrees, and what is to be notified.

    Attributes
    ----------
    windows : sequence of tuple
        (p_adjusted, verdict, collection, start, end) of windows that come to something else.
    changed : mapping of str to str
        Collection → its verdict, where that is another than before.
    news : mapping of str to (str or None, str)
        Collection → the verdict notified last and that of now, which has stood since an earlier pass.
    """

    windows: Sequence[tuple[float | None, str, str, int | str, int | str]]
    changed: Mapping[str, str]
    news: Mapping[str, tuple[str | None, str]]

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.windows or self.changed or self.news)


def conclusions(connection: sqlite3.Connection, at: dt.datetime) -> Conclusions:
    """Holm's p over the collections, window by window, and what follows; `at` is when the pass began."""
    found = reading.rows(
        connection,
        "select w.collection_id, w.window_start, w.window_end, w.position, w.p, w.p_adjusted, w.verdict, "
        "json_extract(c.settings, '$.alpha') as alpha, coalesce(json_extract(c.settings, '$.bar'), '') as bar, "
        "c.verdict as stood, c.stands_since, c.notified_verdict "
        "from collection_windows w join collection_studies c using (collection_id) where w.group_name = 'all' "
        "order by w.collection_id, w.position",
    )
    families: dict[tuple[str, int | str, int | str], list[Row]] = {}
    for row in found:
        families.setdefault((row["bar"], row["window_start"], row["window_end"]), []).append(row)
    windows, changed, news = [], {}, {}
    for family in families.values():
        raw = np.array([np.nan if row["p"] is None else row["p"] for row in family])
        for row, adjusted in zip(family, holm(raw).tolist(), strict=True):
            p = adjusted if row["p"] is not None else None
            word = verdict_of_all(p, row["alpha"])
            name = row["collection_id"]
            if (p, word) != (row["p_adjusted"], row["verdict"]):
                windows.append((p, word, name, row["window_start"], row["window_end"]))
            if row["position"]:
                continue
            if word != row["stood"]:
                changed[name] = word
            elif row["stands_since"] < stamp(at) and word != (row["notified_verdict"] or word * (word in _NO_NEWS)):
                news[name] = (row["notified_verdict"], word)
    return Conclusions(windows=windows, changed=changed, news=news)


def conclude(connection: sqlite3.Connection, found: Conclusions, *, run_id: int, at: dt.datetime) -> None:
    """Write what the collections come to, and the notices; inside a transaction of the caller."""
    connection.executemany(
        "update collection_windows set p_adjusted = ?, verdict = ? "
        "where collection_id = ? and group_name = 'all' and window_start = ? and window_end = ?",
        found.windows,
    )
    now = stamp(at)
    connection.executemany(
        "update collection_studies set verdict = ?, stands_since = ? where collection_id = ?",
        [(word, now, name) for name, word in found.changed.items()],
    )
    due = {name for _, _, name, _, _ in found.windows} | set(found.changed)
    connection.executemany(
        "update collection_studies set is_page_due = 1 where collection_id = ?", [(name,) for name in sorted(due)]
    )
    for name, (before, word) in found.news.items():
        payload = {"from": before, "to": word}
        notices.put(connection, "collection", (name, run_id), now, run_id=run_id, subject=name, payload=payload)
        connection.execute("update collection_studies set notified_verdict = ? where collection_id = ?", (word, name))
    _seal(connection, due | set(found.news))


def overview(connection: sqlite3.Connection) -> list[Row]:
    """Every collection with what it came to, by title."""
    return reading.rows(
        connection,
        "select c.collection_id, c.title, c.verdict, c.times_looked, c.n_members, c.is_page_due, w.n_events, w.caar, "
        "w.test, w.p_adjusted from collection_studies c join collection_windows w using (collection_id) "
        "where w.group_name = 'all' and w.position = 0 order by c.title, c.collection_id",
    )


def put_all_pages_due(connection: sqlite3.Connection) -> None:
    """Note that every page of a collection must be made anew, inside a transaction of the caller."""
    connection.execute("update collection_studies set is_page_due = 1")


def published(connection: sqlite3.Connection, collection_ids: Collection[str]) -> None:
    """Note that pages show what is stored, inside a transaction of the caller."""
    connection.executemany(
        "update collection_studies set is_page_due = 0 where collection_id = ?", [(name,) for name in collection_ids]
    )


def stored_document(
    connection: sqlite3.Connection, collection_id: str, *, but_of: int | None = None
) -> tuple[Row, dict[str, Any]]:
    """A collection and its document, in the form that `eventstudy study --json` has, as far as a page shows it.

    Results of the pass `but_of`, which wrote them a moment ago, are not held against their hashes.

    Raises
    ------
    AlteredResults
        When it is not what was written.
    """
    content.refuse_altered_members(connection, collection_id, but_of=but_of)
    (head,) = reading.rows(connection, "select * from collection_studies where collection_id = ?", (collection_id,))
    (head["n_collections"],) = connection.execute("select count(*) from collection_studies").fetchone()
    groups = reading.rows(
        connection, "select * from collection_groups where collection_id = ? order by position", (collection_id,)
    )
    spec = json.loads(head["settings"])
    return head, {
        "spec": spec,
        "events": _events(connection, head),
        "aggregate": [_group(connection, group, spec) for group in groups],
        "group_differences": json.loads(head["differences"]),
        "regressions": json.loads(head["regressions"]),
        "warnings": json.loads(head["warnings"]),
        **({"plan": json.loads(head["plan"])} if head["plan"] else {}),
    }


def _group(connection: sqlite3.Connection, group: Row, spec: Mapping[str, Any]) -> dict[str, Any]:
    of = (group["collection_id"], group["group_name"])
    tests: dict[tuple[int | str, int | str], list[dict[str, Any]]] = {}
    for row in reading.rows(
        connection,
        "select t.*, d.name, d.null_hypothesis, d.distribution, d.source from collection_window_tests t "
        "join test_descriptions d using (description_id) where (collection_id, group_name) = (?, ?) order by position",
        of,
    ):
        test = {**row, "null": row["null_hypothesis"], "is_valid": bool(row["is_valid"])}
        shown = {name: test[name] for name in _TEST} | json.loads(row["details"])
        tests.setdefault((row["window_start"], row["window_end"]), []).append(shown)
    windows = []
    for row in reading.rows(
        connection,
        "select * from collection_windows where (collection_id, group_name) = (?, ?) order by position",
        of,
    ):
        place = (row["window_start"], row["window_end"])
        window = {
            "window": _bounds(row, spec),
            "n": row["n_events"],
            **{name: row[name] for name in _WINDOW},
            "caar_ci": [row["caar_low"], row["caar_high"]],
            **json.loads(row["measures"]),
            "tests": tests.get(place, []),
        }
        if row["p_adjusted"] is not None:
            window["p_adjusted"] = row["p_adjusted"]
        windows.append(window)
    return {
        "group": group["group_name"],
        "n_events": max((window["n"] for window in windows), default=0),
        "design": json.loads(group["design"]),
        "days": json.loads(group["days"]),
        "windows": windows,
    }


def _events(connection: sqlite3.Connection, head: Row) -> list[dict[str, Any]]:
    """Members with what is stored of them in the collection's study: days, and the first window with its t test."""
    first = json.loads(head["settings"])["windows"][0]
    # a window by the clock of Frankfurt has other minutes with each announcement, which its name stands for
    found = reading.rows(
        connection,
        "with first as (select window_start, window_end from collection_windows "
        "where (collection_id, group_name, position) = (?2, 'all', 0)) "
        "select m.event_id, m.asset, m.group_name, m.reason, a.analysis_id, a.day0, w.car, w.t, w.p, "
        "w.reason as window_reason from collection_members m left join analyses a on a.alignment = 'main' "
        "and (a.study_id, a.event_id, a.asset) = (?1, m.event_id, m.asset) left join window_results w "
        "on w.analysis_id = a.analysis_id and ((w.window_start, w.window_end) in (select * from first) "
        "or w.is_primary and 'ea-mpd' in (select window_start from first)) where m.collection_id = ?2 "
        "order by a.day0, m.event_id, m.asset",
        (head["study_id"], head["collection_id"]),
    )
    days: dict[int, list[dict[str, Any]]] = {}
    for row in reading.rows(
        connection,
        "select d.analysis_id, d.tau, d.return - d.expected as ar from event_days d where d.analysis_id in "
        "(select value from json_each(?)) order by d.analysis_id, d.tau",
        (json.dumps([row["analysis_id"] for row in found if row["analysis_id"] is not None]),),
    ):
        days.setdefault(row["analysis_id"], []).append({"tau": row["tau"], "ar": row["ar"]})
    adjusted = holm(np.array([np.nan if row["p"] is None else row["p"] for row in found])).tolist()
    return [
        {
            "event_id": row["event_id"],
            "asset": row["asset"],
            "group": row["group_name"],
            "day0": row["day0"],
            "status": "ok" if row["reason"] is None else "skipped",
            "reason": row["reason"],
            "days": days.get(row["analysis_id"], []),
            "windows": [
                {
                    "car": row["car"],
                    "window": first,
                    "reason": row["window_reason"],
                    "tests": [
                        {
                            "name": "t",
                            "statistic": row["t"],
                            "p_value": row["p"],
                            "p_holm": None if row["p"] is None else p_holm,
                        }
                    ],
                }
            ],
        }
        for row, p_holm in zip(found, adjusted, strict=True)
    ]
