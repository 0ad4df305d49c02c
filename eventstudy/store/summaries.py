"""Answers about all events that take long to make: kept by passes, and given by named queries while they hold.

What narrows an answer stands in the rows that are gone through for it, as numbers, in the order of the answer: so a
question reads results for no row but those that it shows, and stops at the last of them. Standard library only.
"""

from __future__ import annotations

import sqlite3

from eventstudy.store import sealed

# Student's t, 97.5 %: by table up to 4 degrees of freedom, then Hill's expansion, whose error is below 0.0003.
_T975 = """case n - 1
           when 1 then 12.70620 when 2 then 4.302653 when 3 then 3.182446 when 4 then 2.776445
           else 1.959964 + (2.372271 + (2.822490 + (2.555841 + 1.589530 / (n - 1)) / (n - 1)) / (n - 1)) / (n - 1)
       end"""
_NUMBERS = """n, median_car, mean_car, mean_car - quantile * car_se as mean_low,
       mean_car + quantile * car_se as mean_high, share_positive, share_clear"""
_KEPT = "n, median_car, mean_car, mean_low, mean_high, share_positive, share_clear"

# Labels sort as people would have them; of a weekday it is the number, Monday's 1.
LABELS = {
    "tag": "tag",
    "year": "cast(substr(day0, 1, 4) as integer)",
    "weekday": "cast(julianday(day0) + 0.5 as integer) % 7 + 1",
}
_SHOWN = {
    "weekday": "case label when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' "
    "when 4 then 'Thursday' when 5 then 'Friday' when 6 then 'Saturday' else 'Sunday' end",
}

HOLDS = "exists (select 1 from summaries)"
LISTED = f"{HOLDS} and exists (select 1 from kept_reactions)"  # noqa: S608  # texts of ours
FEWEST_LISTED = 20_000  # results from which on they are listed: fewer are gone through as fast
A_DAY = 1_000_000_000  # places of the reactions of a day, which begin with it: more than it ever has
_SINCE = "cast(substr(replace(:since, '-', '') || '0000', 1, 8) as integer)"
_UNTIL = "cast(substr(replace(:until, '-', '') || '9999', 1, 8) as integer)"
# What options ask of what is kept: of the windows `w`, of the rows `k`, and of the classes and days of members.
FILTERS = {
    "study": "w.study_id = :study",
    "window": "w.window_start = :window_start and w.window_end = :window_end",
    "asset": "k.asset = :asset",
    "kind": "class_id in (select class_id from event_classes where kind = :kind)",
    "tag": "class_id in (select class_id from event_classes c "
    "where exists (select 1 from json_each(c.tags) where value = :tag))",
    "since": f"announced_on >= {_SINCE}",
    "until": f"announced_on <= {_UNTIL}",
    "verdict": "k.verdict = :verdict",
    "min_t": "k.size >= :min_t",
}
DEFAULTS = {"study": "w.study_id = (select study_id from studies where position = 0)", "window": "w.is_primary"}

# `likelihood`: few are read before there are enough; SQLite would make a filter of all analyses first
_REACTIONS = """\
select r.*
from {listed} cross join kept_windows w using (window_id) cross join analyses a using (analysis_id)
cross join reactions r on r.study = a.study_id and r.event_id = a.event_id and r.asset = a.asset
           and r.window_start is w.window_start and r.window_end is w.window_end
where likelihood({few} > 0, 0.0001) and {{where}}
order by {order}"""
# Of an asset, by its index; else by events, of which there are fewer than of reactions.
REACTIONS = _REACTIONS.format(few="k.analysis_id", listed="kept_reactions k", order="k.place")
REACTIONS_OF_EVENTS = _REACTIONS.format(
    few="e.last_place",
    listed="kept_events e cross join (select place, window_id, analysis_id, verdict, size from kept_reactions) k "
    "on k.place between e.place and e.last_place",
    order="e.place, k.place",
)


def _placed(row: str) -> dict[str, str]:
    return {
        "since": f"{row}.place >= {_SINCE} * {A_DAY}",
        "until": f"{row}.place < ({_UNTIL} + 1) * {A_DAY}",
    }


# What options ask of them otherwise than of others.
OF_REACTIONS = {"min_t": "+k.size >= :min_t", **_placed("k")}
OF_EVENTS = {
    "min_t": "e.size >= :min_t and k.size >= :min_t",
    "verdict": "instr(e.verdicts, ',' || :verdict || ',') and k.verdict = :verdict",
    **_placed("e"),
}

STRONGEST = """\
select a.event_id, e.title, e.announced_at, a.asset, a.day0, r.window_start, r.window_end,
       r.price_at / r.price_before - 1 as move, r.car, r.car_low, r.car_high, r.t, r.p_adjusted, r.placebo_p, r.verdict
from kept_windows w cross join kept_reactions k using (window_id) cross join analyses a using (analysis_id)
cross join window_results r on r.analysis_id = k.analysis_id and iif(
           w.window_start is null, r.is_primary, r.window_start = w.window_start and r.window_end = w.window_end)
cross join events e using (event_id)
where r.car is not null and {where}
order by k.size desc, a.event_id, a.asset"""

BEFORE = """\
select a.event_id, e.title, e.announced_at, a.study_id as study, a.asset, d.session, d.car, d.car_se,
       d.car / d.car_se as t
from kept_windows w cross join kept_reactions k using (window_id) cross join analyses a using (analysis_id)
cross join event_days d on d.analysis_id = k.analysis_id and d.tau = -1 cross join events e using (event_id)
where w.is_before and {where}
order by k.size desc, a.event_id, a.asset"""

DISAGREEMENTS = """\
select k.event_id, e.title, k.announced_at, k.asset, k.window_start, k.window_end, k.study_id as study, w.verdict,
       w.car, w.t, k.other_study, x.verdict as other_verdict, x.car as other_car, x.t as other_t
from study_disagreements k cross join events e using (event_id)
cross join window_results w on w.analysis_id = k.analysis_id and w.window_start = k.window_start
           and w.window_end = k.window_end
cross join window_results x on x.analysis_id = k.other_analysis and x.window_start = k.window_start
           and x.window_end = k.window_end
where k.study_id = (select study_id from studies where position = 0) and {where}
order by k.announced_at, k.event_id, k.asset, k.other_study, k.window_start, k.window_end"""

_CLASSES = "insert into event_classes select null, kind, tags from events group by kind, tags"
_FACTS = """\
create temp table facts as
select a.analysis_id, a.study_id, w.window_start, w.window_end, coalesce(w.is_primary, 0) as is_primary, a.asset,
       e.rowid as event,
       cast(replace(substr(e.announced_at, 1, 10), '-', '') as integer) as announced_on, c.class_id, a.day0, w.car,
       coalesce(w.verdict, 'not computable') as verdict, abs(w.t) as size
from events e cross join analyses a using (event_id) join event_classes c on c.kind = e.kind and c.tags = e.tags
     join studies s using (study_id) left join window_results w using (analysis_id)
where a.alignment = 'main'
order by e.announced_at, e.event_id, s.position = 0 desc, a.study_id, a.position, w.window_start, w.window_end"""
# A window that is primary wherever it stands is also the list of the study's primary ones; else these have their own.
_WINDOWS = """\
insert into kept_windows
with found as (
    select study_id, window_start, window_end, min(is_primary) as is_always, max(is_primary) as is_ever
    from facts group by study_id, window_start, window_end
), single as (
    select study_id from found group by study_id having sum(is_ever) = 1 and sum(is_always) = 1
)
select null, study_id, window_start, window_end, is_always and study_id in single, 0 from found
union all select distinct null, study_id, null, null, 1, 0 from found where study_id not in single
union all select null, study_id, null, null, 0, 1 from studies"""
_PLACE = f"f.announced_on * {A_DAY} + f.rowid"
_LISTED = f"""\
create temp table listed as
select iif(w.is_primary and w.window_start is null, -f.rowid, {_PLACE}) as place, w.window_id, f.*
from facts f join kept_windows w on w.study_id = f.study_id and not w.is_before and iif(
    w.is_primary and w.window_start is null, f.is_primary,
    w.window_start is f.window_start and w.window_end is f.window_end)"""  # noqa: S608  # texts of ours
_OF_EVENTS = f"""\
insert into kept_events
select min({_PLACE}), max({_PLACE}), class_id, max(size), ',' || group_concat(distinct verdict) || ','
from facts f group by event"""  # noqa: S608  # texts of ours
_PLACES = """\
insert into kept_reactions
select place, window_id, analysis_id, asset, announced_on, class_id, verdict, size from listed order by place"""
_PLACES_BEFORE = """\
insert into kept_reactions
select (select min(0, min(place)) from kept_reactions) - row_number() over (), window_id, analysis_id, a.asset,
       announced_on, class_id, null, abs(d.car / d.car_se)
from (select distinct analysis_id, announced_on, class_id from facts) join analyses a using (analysis_id)
     join event_days d using (analysis_id) join kept_windows w on w.study_id = a.study_id and is_before
where d.tau = -1 and d.car is not null"""
_CHOSEN = """\
insert into chosen
select window_id, {label} as label, asset, car, analysis_id, verdict in ('strong', 'moderate'), announced_on, class_id
from listed{tags}
where car is not null and label is not null
order by window_id, label, asset, car, analysis_id"""
_TAGS = " join (select class_id, value as tag from event_classes c, json_each(c.tags)) using (class_id)"
_DISAGREE = """\
insert into study_disagreements
select a.study_id, b.study_id, a.event_id, a.asset, w.window_start, w.window_end, e.announced_at, a.analysis_id,
       b.analysis_id, w.is_primary, c.class_id, w.verdict, abs(w.t)
from analyses a join window_results w using (analysis_id)
     join analyses b on b.event_id = a.event_id and b.asset = a.asset and b.study_id <> a.study_id
     join window_results x on x.analysis_id = b.analysis_id and x.window_start = w.window_start
          and x.window_end = w.window_end
     join studies s on s.study_id = a.study_id join studies o on o.study_id = b.study_id
     join events e on e.event_id = a.event_id join event_classes c on c.kind = e.kind and c.tags = e.tags
where a.alignment = 'main' and b.alignment = 'main' and w.car is not null and x.car is not null
      and w.verdict <> x.verdict and s.bar = o.bar"""


def averages(grouping: str) -> str:
    """SQL of the averages of reactions by what `grouping` names, asked of the results themselves."""
    join = " join event_tags using (event_id)" if grouping == "tag" else ""
    return f"""\
with chosen as (
    select {LABELS[grouping]} as label, asset, car, verdict, count(*) over same as n, avg(car) over same as mean_car,
           row_number() over (partition by {LABELS[grouping]}, asset order by car) as place
    from reactions{join}
    where car is not null and {{where}}
    window same as (partition by {LABELS[grouping]}, asset)
), averaged as (
    select label, asset, n, avg(case when place in ((n + 1) / 2, n / 2 + 1) then car end) as median_car, mean_car,
           sqrt(sum((car - mean_car) * (car - mean_car)) / (n - 1) / n) as car_se,
           avg(car > 0) as share_positive, avg(verdict in ('strong', 'moderate')) as share_clear
    from chosen
    group by label, asset
), judged as (
    select *, {_T975} as quantile from averaged
)
select {_SHOWN.get(grouping, "label")} as {grouping}, asset, {_NUMBERS}
from judged
order by label, asset"""  # noqa: S608  # texts of ours


def kept_averages(grouping: str) -> str:
    """The same, as passes keep it."""
    return f"""\
select {_SHOWN.get(grouping, "label")} as {grouping}, k.asset, {_KEPT}
from kept_windows w cross join average_reactions k using (window_id)
where grouping = '{grouping}' and {{where}}
order by label, k.asset"""  # noqa: S608  # texts of ours


def some_averages(grouping: str) -> str:
    """The same of some of the reactions: by kind, tag, and the day of the announcement."""
    # squares are of the distance from the mean of all members, whichever are asked for: no digits cancel; rows come in
    # the order of the index, one by one: an order asked for outside would need all of them first
    return f"""\
with averaged as (
    select average_id, label, k.asset, count(*) as n, json_group_array(place) as places, avg(car) as mean_car,
           max(sum((car - k.mean_car) * (car - k.mean_car)) - count(*) * pow(avg(car) - k.mean_car, 2), 0) as squares,
           avg(car > 0) as share_positive, avg(is_clear) as share_clear
    from kept_windows w cross join average_reactions k using (window_id) cross join average_members using (average_id)
    where grouping = '{grouping}' and {{where}}
    group by label, k.asset
    order by label, k.asset
), judged as (
    select label, asset, n, mean_car, sqrt(squares / (n - 1) / n) as car_se, share_positive, share_clear,
           (select avg(car) from average_members m where m.average_id = averaged.average_id and place in
               (json_extract(places, '$[' || ((n - 1) / 2) || ']'), json_extract(places, '$[' || (n / 2) || ']'))
           ) as median_car,
           {_T975} as quantile
    from averaged
)
select {_SHOWN.get(grouping, "label")} as {grouping}, asset, {_NUMBERS}
from judged"""  # noqa: S608  # texts of ours


def make(connection: sqlite3.Connection, run_id: int) -> None:
    """Make them anew, inside a transaction of the caller."""
    for table in ("summaries", *sealed.KEPT):
        connection.execute(f"delete from {table}")  # noqa: S608  # names of ours
    for statement in (_CLASSES, _FACTS, _WINDOWS, _LISTED):
        connection.execute(statement)
    (results,) = connection.execute("select count(*) from analyses").fetchone()
    if results >= FEWEST_LISTED:
        connection.execute(_OF_EVENTS)
        connection.execute(_PLACES)
        connection.execute(_PLACES_BEFORE)
    for grouping in LABELS:
        _average(connection, grouping)
    connection.execute("drop table temp.facts")
    connection.execute("drop table temp.listed")
    connection.execute(_DISAGREE)
    connection.execute("insert into summaries values (?)", (run_id,))
    sealed.seal(connection, *sealed.KEPT)


def _average(connection: sqlite3.Connection, grouping: str) -> None:
    connection.execute(
        "create temp table chosen (window_id integer, label any, asset text, car real, analysis_id integer, "
        "is_clear integer, announced_on integer, class_id integer, "
        "primary key (window_id, label, asset, car, analysis_id)) strict, without rowid"
    )
    connection.execute(_CHOSEN.format(label=LABELS[grouping], tags=_TAGS if grouping == "tag" else ""))
    connection.execute(
        "insert into average_reactions (grouping, window_id, label, asset, n, mean_car, share_positive, share_clear) "
        "select ?, window_id, label, asset, count(*), avg(car), avg(car > 0), avg(is_clear) from chosen "
        "group by window_id, label, asset",
        (grouping,),
    )
    connection.execute(
        "insert into average_members select average_id, row_number() over (partition by average_id order by c.car), "
        "c.car, c.is_clear, c.announced_on, c.class_id from average_reactions a cross join chosen c "
        "on c.window_id = a.window_id and c.label = a.label and c.asset = a.asset where grouping = ?",
        (grouping,),
    )
    connection.execute(
        f"""update average_reactions set (median_car, mean_low, mean_high) = (
            select median_car, mean_car - quantile * car_se, mean_car + quantile * car_se from (
                select avg(car) filter (where place in ((n + 1) / 2, n / 2 + 1)) as median_car,
                       sqrt(sum((car - mean_car) * (car - mean_car)) / (n - 1) / n) as car_se, {_T975} as quantile
                from average_members m where m.average_id = average_reactions.average_id))
        where grouping = ?""",  # noqa: S608  # texts of ours
        (grouping,),
    )
    connection.execute("drop table temp.chosen")
