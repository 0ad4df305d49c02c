"""Named queries: what `eventstudy query NAME` asks, in SQL that runs in any program that reads the database.

A query of another distribution is a `NamedQuery` too, named by an entry point of the group ``eventstudy.queries``; one
of the settings is made by `saved`. Standard library only: a query must answer at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventstudy.database import units
from eventstudy.database.columns import COMMON, meaning
from eventstudy.database.tables import TABLES
from eventstudy.errors import InputError
from eventstudy.registry import Registry
from eventstudy.store import summaries

# What `--since` and its like ask of a row, where its columns have their usual names. No instant has a ~, which sorts
# after all that it has: so a year, month or day is held until its end.
FILTERS: dict[str, str] = {
    "event": "event_id = :event",
    "asset": "asset = :asset",
    "study": "study = :study",
    "kind": "kind = :kind",
    "tag": "exists (select 1 from (select event_id as its_event, tag from event_tags) "
    "where its_event = event_id and tag = :tag)",
    "verdict": "verdict = :verdict",
    "since": "announced_at >= :since",
    "until": "announced_at <= :until || '~'",
    "min_t": "abs(t) >= :min_t",
    "window": "window_start = :window_start and window_end = :window_end",
}
NAME = re.compile(r"[A-Za-z0-9_][\w.-]*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_PARAMETER = re.compile(r"[:@$]([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the rows of a query look like: a number of each, with its interval.

    Attributes
    ----------
    label : tuple of str
        Columns that name a row.
    value, low, high : str
        Columns, decimal returns.
    """

    label: tuple[str, ...]
    value: str
    low: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """One named query.

    Attributes
    ----------
    name : str
    words : str
        What it answers, for people.
    sql : str
        One SELECT that ends with its ORDER BY; ``{where}`` stands for the conditions of the options given.
    filters : mapping
        Option → its condition, with the option as parameter: ``asset = :asset``.
    defaults : mapping
        Option → condition that holds while the option is not given.
    table : str
        Table or view whose columns those of the answer are named after.
    columns : mapping
        Meaning of the columns that it has not.
    brief : tuple of str
        Columns that a terminal shows; as many as it has room for when empty.
    limit : int, optional
        Most rows, unless another limit is asked for.
    quick : tuple of NamedQuery
        They answer the same, and sooner, where no other options are given than they have; the first that does is asked.
    holds : str
        When it may be asked, as an SQL condition; of what passes keep of many events. Empty where it always may.
    picture : Picture, optional
        What `eventstudy browse` draws above its rows.
    """

    name: str
    words: str
    sql: str
    filters: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    brief: tuple[str, ...] = ()
    limit: int | None = None
    quick: tuple[NamedQuery, ...] = ()
    holds: str = ""
    picture: Picture | None = None

    def statement(self, given: Mapping[str, Any], most: int | None = None) -> str:
        """The SQL for the options that are given, and for `most` rows, where it takes options."""
        asked = given.keys() & self.filters.keys()
        ways = [way for way in (*self.quick, self) if asked <= way.filters.keys()]
        found = next(way for way in ways if not way.holds)
        sql = found.narrowed(given)
        if holds := ways[0].holds:  # a limit of 0 is seen before anything is read, which a condition is not
            sql = f"""\
select * from (
{ways[0].narrowed(given)}
limit iif({holds}, -1, 0)
)
union all
select * from (
{sql}
limit iif({holds}, 0, -1)
)"""  # noqa: S608  # texts of ours
        return sql + (f"\nlimit {most}" if most is not None and self.filters else "")

    def narrowed(self, given: Mapping[str, Any]) -> str:
        """The SQL with the conditions of the options that are given."""
        held = [sql for option, sql in self.defaults.items() if option not in given]
        held += [sql for option, sql in self.filters.items() if option in given]
        return self.sql.replace("{where}", " and ".join(held) or "true")

    def only_event(self, given: Mapping[str, Any]) -> str | None:
        """The event that alone is asked for by the options given, if one is."""
        event: str | None = given.get("event") if "event" in self.filters else None
        return event

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names that the SQL takes values for beside the options."""
        return parameters(self.sql)

    def unit(self, column: str) -> str:
        """The unit of a column of the answer; empty for text."""
        return units.unit(column, self.table)

    def meaning(self, column: str) -> str:
        """What a column of the answer means; empty where nobody said."""
        return self.columns.get(column) or meaning(self.table, column) or COMMON.get(column, "")


def parameters(sql: str) -> tuple[str, ...]:
    """Names of the parameters of a statement, in their order."""
    return tuple(dict.fromkeys(_PARAMETER.findall(_QUOTED.sub(" ", sql))))


def saved(name: str, settings: object) -> NamedQuery:
    """A query of the settings: ``{sql: …, words: …}``.

    Raises
    ------
    InputError
        When it is written otherwise.
    """
    where = f"queries.{name}"
    if not isinstance(settings, dict) or not isinstance(settings.get("sql"), str) or not settings["sql"].strip():
        raise InputError("has no SQL", where=where, remedy="write for example {sql: select * from events}")
    if unknown := sorted(str(key) for key in settings.keys() - {"sql", "words"}):
        raise InputError("unknown key", where=f"{where}.{unknown[0]}", remedy="known here: sql, words")
    if not NAME.fullmatch(name):
        raise InputError("not a name", where=where, remedy="use letters, digits, - and _")
    if any(name == query.name for query in QUERIES.ours):
        raise InputError("a query of ours has this name", where=where, remedy="rename it")
    words = settings.get("words") or "Of the settings."
    return NamedQuery(name=name, words=str(words), sql=settings["sql"].strip().rstrip(";"))


def of_table(name: str) -> NamedQuery:
    """All of a table or view, if there is one of that name."""
    return NamedQuery(name=name, words=TABLES.get(name, ""), sql=f'select * from "{name}"', table=name)  # noqa: S608  # an identifier


def _only(*options: str, **others: str) -> dict[str, str]:
    """Filters on columns with their usual names, and `others` with another condition."""
    return {**{option: FILTERS[option] for option in options}, **others}


# Of the event of a row that is read anyway, which is sooner than to look through the tags of all events.
_TAGGED = "exists (select 1 from json_each({}.tags) where value = :tag)"
_EVENTS = ("event", "asset", "kind", "tag", "since", "until")
# As `is_headline` says too, but by the index of analyses.
_HEADLINE = {"study": "study = (select study_id from studies where position = 0)"}
_PRIMARY = {**_HEADLINE, "window": "is_primary"}

_AVERAGED = {
    "n": "Events with a number.",
    "median_car": "Median of their `car`, decimal.",
    "mean_car": "Mean of their `car`, decimal.",
    "mean_low": "Lower end of the 95 % interval of the mean by Student's t, as if the events were independent.",
    "mean_high": "Upper end of the same; `collections` has intervals and tests that allow for dates and correlation.",
    "share_positive": "Share of events with a positive `car`.",
    "share_clear": "Share of events with the verdict `strong` or `moderate`.",
}


def _kept(
    sql: str, defaults: Mapping[str, str], *options: str, holds: str = summaries.HOLDS, **others: str
) -> NamedQuery:
    """A way by what passes keep, narrowed by its columns, and by `others` with another condition."""
    return NamedQuery(
        name="kept",
        words="",
        sql=sql,
        filters={**{option: summaries.FILTERS[option] for option in options}, **others},
        defaults=defaults,
        holds=holds,
    )


def _averages(name: str, words: str, meaning: str) -> NamedQuery:
    """Averages of the primary reactions of the headline study, by what the name says and asset."""
    column = name.removeprefix("by-")
    by_tag = {"tag": "label = :tag"} if column == "tag" else {}
    whole, usual = ("asset", "study", "window"), summaries.DEFAULTS
    return NamedQuery(
        name=name,
        words=words,
        sql=summaries.averages(column),
        filters=_only(*_EVENTS, "study", "window", **dict.fromkeys(by_tag, "tag = :tag")),
        defaults=_PRIMARY,
        quick=(
            _kept(summaries.kept_averages(column), usual, *whole, **by_tag),
            _kept(summaries.some_averages(column), usual, *whole, "kind", "tag", "since", "until", **by_tag),
        ),
        table="reactions",
        columns={column: meaning, **_AVERAGED},
        picture=Picture(label=(column, "asset"), value="mean_car", low="mean_low", high="mean_high"),
    )


QUERIES: Registry[NamedQuery] = Registry(
    "named query",
    NamedQuery,
    NamedQuery(
        name="reactions",
        words="Every reaction: study by study, window by window.",
        sql="select * from reactions where {where} "
        "order by announced_at, event_id, is_headline desc, study, position, window_start, window_end",
        filters=_only(*_EVENTS, "study", "verdict", "min_t", "window"),
        quick=(
            _kept(
                summaries.REACTIONS_OF_EVENTS,
                {},
                *("study", "window", "kind", "tag"),
                holds=summaries.LISTED,
                **summaries.OF_EVENTS,
            ),
            _kept(
                summaries.REACTIONS,
                {"since": "k.place > 0"},
                *summaries.FILTERS,
                holds=summaries.LISTED,
                **summaries.OF_REACTIONS,
            ),
            NamedQuery(
                name="reactions",
                words="",
                sql="""\
select r.* from events o cross join reactions r on r.event_id = o.event_id
where {where}
order by o.announced_at, o.event_id, is_headline desc, study, position, window_start, window_end""",
                filters={
                    **_only("study", "verdict", "min_t", "window"),
                    "kind": "o.kind = :kind",
                    "tag": _TAGGED.format("o"),
                    "since": "o.announced_at >= :since",
                    "until": "o.announced_at <= :until || '~'",
                },
            ),
        ),
        table="reactions",
        brief=("event_id", "day0", "study", "asset", "window_start", "window_end", "car", "t", "p_adjusted", "verdict"),
    ),
    NamedQuery(
        name="strongest",
        words="The 20 clearest reactions, by the size of t, of the headline study over its primary window.",
        sql="""\
select event_id, title, announced_at, asset, day0, window_start, window_end, move, car, car_low, car_high, t,
       p_adjusted, placebo_p, verdict
from reactions
where car is not null and {where}
order by abs(t) desc, event_id, asset""",
        filters=_only(*_EVENTS, "study", "verdict", "min_t", "window"),
        defaults=_PRIMARY,
        quick=(
            _kept(summaries.STRONGEST, summaries.DEFAULTS, *summaries.FILTERS, holds=summaries.LISTED),
            NamedQuery(
                name="strongest",
                words="",
                sql="""\
select a.event_id, e.title, e.announced_at, a.asset, a.day0, w.window_start, w.window_end,
       w.price_at / w.price_before - 1 as move, w.car, w.car_low, w.car_high, w.t, w.p_adjusted, w.placebo_p, w.verdict
from window_results w cross join analyses a using (analysis_id) cross join events e using (event_id)
where w.is_primary and w.car is not null and iif(w.is_primary, a.alignment = 'main', 0) and {where}
order by abs(w.t) desc, a.event_id, a.asset""",
                filters={
                    **_only("kind", "since", "until", "min_t"),
                    "study": "iif(w.is_primary, a.study_id = :study, 0)",
                    "verdict": "is_primary = 1 and verdict = :verdict",
                    "tag": _TAGGED.format("e"),
                },
                # iif reads both tables: else SQLite goes over all analyses first, for a filter of few rows
                defaults={
                    "study": "iif(w.is_primary, a.study_id = (select study_id from studies where position = 0), 0)"
                },
            ),
        ),
        table="reactions",
        brief=("event_id", "asset", "day0", "move", "car", "t", "p_adjusted", "verdict"),
        limit=20,
        picture=Picture(label=("day0", "asset"), value="car", low="car_low", high="car_high"),
    ),
    _averages(
        "by-tag",
        "Median and mean reaction by tag and asset, with its interval and shares.",
        "The tag; an event counts under each of its tags.",
    ),
    _averages(
        "by-year",
        "Median and mean reaction by year and asset, with its interval and shares.",
        "Year of the event day.",
    ),
    _averages(
        "by-weekday",
        "Median and mean reaction by weekday and asset, with its interval and shares.",
        "Weekday of the event day.",
    ),
    NamedQuery(
        name="disagreements",
        words="Reactions of which another study, over the same window, has another verdict than the headline study.",
        sql="""\
with others as (
    select event_id as its_event, asset as its_asset, window_start as its_start, window_end as its_end,
           bar as its_bar, study as other_study, verdict as other_verdict, car as other_car, t as other_t
    from reactions
    where not is_headline and car is not null
)
select event_id, title, announced_at, asset, window_start, window_end, study, verdict, car, t,
       other_study, other_verdict, other_car, other_t
from reactions join others
    on its_event = event_id and its_asset = asset and its_start = window_start and its_end = window_end
    and its_bar = bar
where is_headline and car is not null and verdict <> other_verdict and {where}
order by announced_at, event_id, asset, other_study, window_start, window_end""",
        filters=_only(*_EVENTS, "verdict", "min_t", "window", study="other_study = :study"),
        defaults={"window": "is_primary"},
        quick=(
            _kept(
                summaries.DISAGREEMENTS,
                {"window": "k.is_primary"},
                *("asset", "kind", "tag", "verdict", "min_t"),
                study="k.other_study = :study",
                event="k.event_id = :event",
                since="k.announced_at >= :since",
                until="k.announced_at <= :until || '~'",
                window="k.window_start = :window_start and k.window_end = :window_end",
            ),
        ),
        table="reactions",
        columns={
            "other_study": "Id of the study that says otherwise.",
            "other_verdict": "Its verdict.",
            "other_car": "Its `car`, decimal.",
            "other_t": "Its `t`.",
        },
        brief=("event_id", "asset", "study", "verdict", "t", "other_study", "other_verdict", "other_t"),
    ),
    NamedQuery(
        name="changed",
        words="Every verdict that a pass changed, took away or brought back; the newest first.",
        sql="select * from verdict_history where {where} "
        "order by run_id desc, event_id, study, asset, window_start, window_end",
        filters=_only(
            "event", "asset", "study", "tag", "window",
            verdict="new_verdict = :verdict",
            since="started_at >= :since",
            until="started_at <= :until || '~'",
        ),
        table="verdict_history",
        brief=("started_at", "event_id", "study", "asset", "window_start", "window_end", "old_verdict", "new_verdict"),
    ),
    NamedQuery(
        name="revised",
        words="Results with a price in their windows that its source changed later; the newest change first.",
        sql="select * from revised_results where {where} order by fetched_at desc, event_id, study, asset, session",
        filters=_only(
            "event", "asset", "study", "tag",
            since="fetched_at >= :since",
            until="fetched_at <= :until || '~'",
        ),
        table="revised_results",
        brief=("event_id", "study", "asset", "symbol", "session", "previous_close", "close", "is_computed_since"),
    ),
    NamedQuery(
        name="failed",
        words="Events without a result, or without one for some of their assets; why, and when they are tried again.",
        sql="""\
with again as (
    select event_id as its_event, attempts, next_attempt, gave_up from retry_queue
)
select event_id, title, announced_at, kind, status, reason, attempts, next_attempt, gave_up
from events left join again on its_event = event_id
where status in ('failed', 'skipped', 'partial') and retired_at is null and {where}
order by announced_at desc, event_id""",
        filters=_only("event", "kind", "since", "until", tag=_TAGGED.format("events")),
        table="events",
        columns={
            "attempts": "Attempts that failed in a row; null when the last one did not.",
            "next_attempt": "Not before this instant, UTC; null when none is due.",
            "gave_up": "1 when no further attempt is made by itself.",
        },
        brief=("event_id", "status", "reason", "next_attempt"),
    ),
    NamedQuery(
        name="before",
        words="The abnormal move before the event day: did it begin before the news? The clearest first.",
        sql="""\
select d.event_id, e.title, e.announced_at, d.study, d.asset, d.session, d.car, d.car_se, d.car / d.car_se as t
from daily_reactions d join events e using (event_id)
where d.tau = -1 and d.car is not null and {where}
order by abs(d.car / d.car_se) desc, d.event_id, d.asset""",
        filters=_only(*_EVENTS, "study", min_t="abs(d.car / d.car_se) >= :min_t"),
        defaults=_HEADLINE,
        quick=(
            _kept(
                summaries.BEFORE,
                {"study": summaries.DEFAULTS["study"]},
                *("asset", "study", "kind", "tag", "since", "until", "min_t"),
                holds=summaries.LISTED,
            ),
            NamedQuery(
                name="before",
                words="",
                sql="""\
select a.event_id, e.title, e.announced_at, a.study_id as study, a.asset, d.session, d.car, d.car_se,
       d.car / d.car_se as t
from event_days d cross join analyses a using (analysis_id) cross join events e using (event_id)
where d.tau = -1 and d.car is not null and a.alignment = 'main' and {where}
order by abs(d.car / d.car_se) desc, a.event_id, a.asset""",
                filters={
                    **_only("kind", "since", "until", min_t="abs(d.car / d.car_se) >= :min_t"),
                    "study": "a.study_id = :study",
                    "tag": _TAGGED.format("e"),
                },
                defaults={"study": "a.study_id = (select study_id from studies where position = 0)"},
            ),
        ),
        table="daily_reactions",
        columns={
            "session": "The session before the event day.",
            "car": "Abnormal return from the start of the event window to it, decimal.",
            "car_se": "Standard error of that `car`, decimal.",
            "t": "`car` divided by `car_se`.",
        },
        brief=("event_id", "asset", "session", "car", "car_se", "t"),
    ),
    NamedQuery(
        name="collections",
        words="Averages over events by tag, kind, asset or list, with the test that holds.",
        sql="select * from collections where {where} "
        "order by title, collection_id, group_name <> 'all', group_name, is_primary desc, window_start, window_end",
        filters=_only("asset", "study", "kind", "verdict", "window", tag="tag = :tag"),
        table="collections",
        brief=(
            "collection_id", "group_name", "window_start", "window_end", "n_events", "caar", "test", "p_adjusted",
            "verdict",
        ),
    ),
    NamedQuery(
        name="captures",
        words="Intraday bars that were asked for around announcements; the newest first.",
        sql="""\
select event_id, title, announced_at, c.source, c.symbol, c.bar, c.due_at, c.done_at, c.asked_from, c.asked_to,
       c.new_rows, c.reason
from captures c cross join (select event_id, title, announced_at, kind, tags from events) e using (event_id)
where {where}
order by due_at desc, event_id, symbol, bar""",
        filters=_only("event", "kind", "since", "until", tag=_TAGGED.format("e")),
        table="captures",
        brief=("event_id", "source", "symbol", "bar", "due_at", "new_rows", "reason"),
    ),
    group="eventstudy.queries",
)  # fmt: skip

# What `eventstudy export` writes, by name; prices are read by the archive, which knows what was rebased.
EXPORTS: dict[str, NamedQuery] = {
    "reactions": QUERIES["reactions"],
    "daily": NamedQuery(
        name="daily",
        words="Every session of every event window.",
        sql="select d.* from daily_reactions d join (select event_id, announced_at, kind from events) using (event_id) "
        "where {where} order by announced_at, event_id, is_headline desc, study, asset, tau",
        filters=_only(*_EVENTS, "study"),
        table="daily_reactions",
    ),
    "collections": QUERIES["collections"],
    "study": NamedQuery(
        name="study",
        words="Every average of a study over events, with every test of it.",
        sql="""\
select c.study, c.collection_id, c.title, c.asset, group_name, window_start, window_end, c.n_events, c.caar, c.caar_low,
       c.caar_high, t.name as test, t.statistic, t.distribution, t.df, t.p_value, t.is_valid, t.validity, t.reason
from collections c join collection_tests t using (collection_id, group_name, window_start, window_end)
where {where}
order by c.study, c.title, collection_id, group_name <> 'all', group_name, c.is_primary desc, window_start, window_end,
         t.is_valid desc, t.name""",
        filters=_only("asset", "study", "kind", "window", tag="tag = :tag"),
        table="collection_tests",
        columns={
            "title": "What the collection is called.",
            "n_events": "Events with a number.",
            "caar": "Cumulative average abnormal return.",
            "caar_low": "Lower end of its interval.",
            "caar_high": "Upper end of its interval.",
            "test": "Name of the test.",
            "p_value": "Its p; `collections` has the one that Holm adjusts over all collections.",
        },
    ),
}
