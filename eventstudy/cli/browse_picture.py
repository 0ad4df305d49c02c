"""Pictures above the rows that Datasette shows, as a plug-in of it: what a named query says, or one announcement."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from itertools import groupby
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

from eventstudy.report.figures.assets import panels_figure
from eventstudy.report.figures.rows import Measured, rows_figure
from eventstudy.report.theme import STYLE
from eventstudy.store.queries import QUERIES
from eventstudy.store.read import PATHS

MOST = 24  # rows, or assets, that a picture has room for
FILE = "_description_source_license.html"  # which stands between the title of each page and its rows
TEMPLATE = f'{{% include "default:{FILE}" %}}{{{{ picture(canned_query, table, rows) }}}}'
_COLOURS = " ".join(re.findall(r"--[a-z]+: #[0-9a-f]{6};", STYLE.partition("}")[0]))  # Datasette has no dark pages
_CSS = "\n".join([f"figure.picture {{ margin: 1em 0; {_COLOURS}", *re.findall(r"^svg .*", STYLE, re.MULTILINE), "}"])

Pictured = Callable[[Any, Any, Any], Coroutine[Any, Any, Markup]]


class Pictures:
    """The plug-in."""

    __name__ = "eventstudy-pictures"

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def extra_template_vars(self, database: str | None, request: Any, datasette: Any) -> dict[str, Pictured]:
        """What `TEMPLATE` calls; names that a page has not are undefined there."""

        async def picture(query: Any, table: Any, rows: Any) -> Markup:
            event_id = request.args.get("event_id") if table == "reactions" else None
            if event_id is not None:
                found = await datasette.get_database(database).execute(PATHS, {"event": event_id})
                return of_event(event_id, found.rows)
            return of_query(query, rows) if isinstance(query, str) else Markup()

        return {"picture": picture}


def of_query(name: str, rows: Sequence[Any]) -> Markup:
    """The first rows of a named query that has a picture."""
    drawn = QUERIES[name].picture if name in QUERIES else None
    if drawn is None:
        return Markup()
    some = [
        Measured(
            label=" ".join(str(row[column]) for column in drawn.label),
            value=row[drawn.value],
            low=row[drawn.low],
            high=row[drawn.high],
        )
        for row in rows[:MOST]
        if row[drawn.value] is not None
    ]
    more = f"; the first {MOST} of {len(rows):,} rows" if len(rows) > MOST else ""
    words = f"{drawn.value}, with the interval from {drawn.low} to {drawn.high}{more}"
    return _figure(words, rows_figure(words, some)) if some else Markup()


def of_event(event_id: str, rows: Sequence[Any]) -> Markup:
    """The paths of the assets of one announcement, each with the band of its window's interval."""
    paths = []
    for (asset, critical), days in groupby(rows, key=lambda row: (row["asset"], row["critical"])):
        found = [{"tau": d["tau"], "car": d["car"], "car_se": d["car_se"]} for d in days]
        paths.append((str(asset), found, critical or 0.0))
    words = f"Cumulative abnormal return around {event_id}, with its band; dashed: the news"
    return _figure(words, panels_figure(words, paths[:MOST])) if paths else Markup()


def _figure(words: str, svg: str) -> Markup:
    caption = Markup("<figcaption>{}</figcaption>").format(words)
    return Markup(f'<style>{_CSS}</style><figure class="picture">{caption}{svg}</figure>')  # noqa: S704  # svg is escaped
