"""Answers about all events that take long to make: kept by passes, and given by named queries while they hold.

Standard library only.
"""

from __future__ import annotations

import sqlite3

from eventstudy.store import sealed

# Student's t, 97.5 %: by table up to 4 degrees of freedom, then Hill's expansion, whose error is below 0.0003.
_T975 = """case n - 1
           when 1 then 12.70620 when 2 then 4.302653 when 3 then 3.182446 when 4 then 2.776445
           else 1.959964 + (2.372271 + (2.822490 + (2.555841 + 1.589530 / (n - 1)) / (n - 1)) / (n - 1)) / (n - 1)
       end"""
# Between tags, and before and after them: no tag has this character.
_TAGGED = "(select char(31) || group_concat(value, char(31)) || char(31) from json_each(e.tags))"
HAS_TAG = "instr(tags, char(31) || :tag || char(31))"
_CHOSEN = """\
    select study as study_id, {label} as label, asset, car, verdict, count(*) over same as n,
           avg(car) over same as mean_car, row_number() over (partition by study, {label}, asset order by car) as place,
           substr(announced_at, 1, 10) as announced_on, kind,
           (select {tags} from events e where e.event_id = reactions.event_id and e.tags <> '[]') as tags
    from reactions{join}
    where car is not null and {where}
    window same as (partition by study, {label}, asset)"""
_JUDGED = f"""\
averaged as (
    select study_id, label, asset, n, avg(case when place in ((n + 1) / 2, n / 2 + 1) then car end) as median_car,
           mean_car, sqrt(sum((car - mean_car) * (car - mean_car)) / (n - 1) / n) as car_se,
           avg(car > 0) as share_positive, avg(verdict in ('strong', 'moderate')) as share_clear
    from chosen
    group by study_id, label, asset
), judged as (
    select *, {_T975} as quantile from averaged
)"""  # noqa: S608  # texts of ours
_NUMBERS = """n, median_car, mean_car, mean_car - quantile * car_se as mean_low,
       mean_car + quantile * car_se as mean_high, share_positive, share_clear"""
_KEPT = "n, median_car, mean_car, mean_low, mean_high, share_positive, share_clear"
_HOLDS = "exists (select 1 from summaries)"
# Squares are of the distance from the mean of all members, whichever are asked for: no digits cancel. Averages are
# gone through as their members are kept, by number: so none are sorted, and places come in their order.
_SOME = """\
with averaged as (
    select average_id, label, asset, count(*) as n, json_group_array(place) as places, avg(car) as mean_car,
           max(sum((car - a.mean_car) * (car - a.mean_car)) - count(*) * pow(avg(car) - a.mean_car, 2), 0) as squares,
           avg(car > 0) as share_positive, avg(is_clear) as share_clear
    from average_reactions a cross join average_members using (average_id)
    where grouping = '{grouping}' and {holds} and {where}
    group by label, asset
), judged as (
    select label, asset, n, mean_car, sqrt(squares / (n - 1) / n) as car_se, share_positive, share_clear,
           (select avg(car) from average_members m where m.average_id = averaged.average_id and place in
               (json_extract(places, '$[' || ((n - 1) / 2) || ']'), json_extract(places, '$[' || (n / 2) || ']'))
           ) as median_car,
           {t975} as quantile
    from averaged
)"""

# Labels sort as people would have them; of a weekday it is the number, Monday's 1.
LABELS = {
    "tag": "tag",
    "year": "substr(day0, 1, 4)",
    "weekday": "replace(strftime('%w', day0), '0', '7')",
}
_JOINS = {"tag": " join event_tags using (event_id)"}
_SHOWN = {
    "year": "cast(label as integer)",  # a number is a number
    "weekday": "case label when '1' then 'Monday' when '2' then 'Tuesday' when '3' then 'Wednesday' "
    "when '4' then 'Thursday' when '5' then 'Friday' when '6' then 'Saturday' else 'Sunday' end",
}
_DISAGREE = """\
from analyses a join window_results w using (analysis_id)
     join analyses b on b.event_id = a.event_id and b.asset = a.asset and b.study_id <> a.study_id
     join window_results x on x.analysis_id = b.analysis_id and x.window_start = w.window_start
          and x.window_end = w.window_end
     join studies s on s.study_id = a.study_id join studies o on o.study_id = b.study_id
     join events e on e.event_id = a.event_id
where a.alignment = 'main' and b.alignment = 'main' and w.is_primary and w.car is not null and x.car is not null
      and w.verdict <> x.verdict and s.bar = o.bar"""


def averages(grouping: str) -> str:
    """SQL of the averages of reactions by what `grouping` names, asked of the results themselves."""
    return f"""\
{_judged(grouping, "{where}")}
select {_SHOWN.get(grouping, "label")} as {grouping}, asset, {_NUMBERS}
from judged
order by label, asset"""  # noqa: S608  # texts of ours


def kept_averages(grouping: str) -> str:
    """The same of primary windows, as passes keep it, while that holds."""
    kept = f"select label, asset, {_KEPT} from average_reactions"  # noqa: S608  # texts of ours
    return _or_worked_out(grouping, f"{kept} where grouping = '{grouping}' and {_HOLDS} and {{where}}")


def some_averages(grouping: str) -> str:
    """The same of some of the primary reactions: by kind, tag, and the day of the announcement."""
    some = _SOME.format(grouping=grouping, holds=_HOLDS, where="{where}", t975=_T975)
    return _or_worked_out(grouping, f"{some}\nselect label, asset, {_NUMBERS} from judged")


def _or_worked_out(grouping: str, kept: str) -> str:
    """What is kept, while it holds, else the same from the results."""
    return f"""\
select {_SHOWN.get(grouping, "label")} as {grouping}, asset, {_KEPT}
from (
    select * from (
{kept}
    )
    union all
    select * from (
{_judged(grouping, f"is_primary and not {_HOLDS} and {{where}}")}
    select label, asset, {_NUMBERS} from judged
    )
)
order by label, asset"""  # noqa: S608  # texts of ours


_VERDICTS = "x.verdict as other_verdict, x.car as other_car, x.t as other_t"
_HEADLINE = "(select study_id from studies where position = 0)"

KEPT_DISAGREEMENTS = f"""\
select d.event_id as event_id, e.title, d.announced_at as announced_at, d.asset as asset,
       d.window_start as window_start, d.window_end as window_end, d.study_id as study, w.verdict, w.car, w.t,
       d.other_study as other_study, {_VERDICTS}
from study_disagreements d
cross join events e using (event_id)
cross join analyses a on a.study_id = d.study_id and a.event_id = d.event_id and a.asset = d.asset
                  and a.alignment = 'main'
cross join analyses b on b.study_id = d.other_study and b.event_id = d.event_id and b.asset = d.asset
                  and b.alignment = 'main'
cross join window_results w on w.analysis_id = a.analysis_id and w.window_start = d.window_start
                  and w.window_end = d.window_end
cross join window_results x on x.analysis_id = b.analysis_id and x.window_start = d.window_start
                  and x.window_end = d.window_end
where {_HOLDS} and d.study_id = {_HEADLINE} and {{where}}
union all
select a.event_id, e.title, e.announced_at, a.asset, w.window_start, w.window_end, a.study_id, w.verdict,
       w.car, w.t, b.study_id, {_VERDICTS}
{_DISAGREE} and not {_HOLDS} and s.position = 0 and {{where}}
order by announced_at, event_id, asset, other_study, window_start, window_end"""  # noqa: S608  # texts of ours


def _chosen(grouping: str, where: str) -> str:
    return _CHOSEN.format(label=LABELS[grouping], tags=_TAGGED, join=_JOINS.get(grouping, ""), where=where)


def _judged(grouping: str, where: str) -> str:
    return f"with chosen as (\n{_chosen(grouping, where)}\n), {_JUDGED}"


def make(connection: sqlite3.Connection, run_id: int) -> None:
    """Make them anew, inside a transaction of the caller."""
    for table in ("average_members", "average_reactions", "study_disagreements", "summaries"):
        connection.execute(f"delete from {table}")  # noqa: S608  # names of ours
    for grouping in LABELS:
        connection.execute(f"create temp table chosen as {_chosen(grouping, 'is_primary')}")
        connection.execute(
            f"insert into average_reactions with {_JUDGED} "  # noqa: S608  # texts of ours
            f"select null, ?, study_id, label, asset, {_NUMBERS} from judged where label is not null "
            "order by study_id, label, asset",
            (grouping,),
        )
        connection.execute(
            "insert into average_members "
            "select average_id, place, car, verdict in ('strong', 'moderate'), announced_on, kind, tags "
            "from chosen join average_reactions using (study_id, label, asset) where grouping = ?",
            (grouping,),
        )
        connection.execute("drop table temp.chosen")
    connection.execute(
        "insert into study_disagreements select a.study_id, b.study_id, a.event_id, a.asset, w.window_start, "
        f"w.window_end, e.announced_at {_DISAGREE}"
    )
    connection.execute("insert into summaries values (?)", (run_id,))
    sealed.seal(connection, *sealed.KEPT)
