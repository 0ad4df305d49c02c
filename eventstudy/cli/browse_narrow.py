"""What Datasette narrows reactions by, beside columns: words, year, tag, window; as a plug-in of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.filters import FilterArguments
from datasette.utils import path_with_added_args, path_with_removed_args

from eventstudy.store import words

# In the address → a column that it needs, and its condition. Datasette compares with texts, which no number equals.
TAG = "_tag"
WINDOW = "_window"
_CONDITIONS = {
    TAG: ("event_id", "event_id in (select event_id from event_tags where tag = :{})"),
    WINDOW: ("window_start", "window_start || ':' || window_end = :{}"),
}


class Narrow:
    """The plug-in.

    Parameters
    ----------
    name : str
        Name of the database in Datasette.
    path : Path
        The database.
    """

    __name__ = "eventstudy-narrow"  # under which Datasette lists it

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._index = words.WordIndex(path) if words.is_possible() else None

    @hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]  # pluggy has no types
    def prepare_connection(self, conn: sqlite3.Connection, database: str) -> None:
        """Give SQL the function `events_with(text)`, the ids as a list in JSON."""
        if database == self._name and self._index is not None:
            find = self._index.find
            conn.create_function("events_with", 1, lambda text: json.dumps(find(str(text or ""))))

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def register_facet_classes(self) -> list[type[Facet]]:
        """Years, tags and windows."""
        return [YearFacet, TagFacet, WindowFacet]

    @hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # pluggy has no types; Datasette's own finds no index
    def filters_from_request(self, request: Any, database: str, table: str, datasette: Any) -> Any:
        """Narrow by words, tag and window, whatever has a column for that."""

        async def inner() -> FilterArguments:
            columns = await datasette.get_database(database).table_columns(table)
            if database != self._name:
                return FilterArguments([])
            conditions, values, said = [], {}, []
            for argument, (column, condition) in _CONDITIONS.items():
                for i, value in enumerate(request.args.getlist(argument) if column in columns else ()):
                    name = f"{argument[1:]}_{i}"
                    conditions.append(condition.format(name))
                    values[name] = value
                    said.append(f'{argument[1:]} is "{value}"')
            if "event_id" not in columns or self._index is None:
                return FilterArguments(conditions, values, said)
            text = request.args.get("_search") or ""
            if text:
                await asyncio.to_thread(self._index.renew)  # beside the deadline of the statement
                conditions.append("event_id in (select value from json_each(events_with(:search)))")
                values["search"] = text
                said.append(f'title or note has "{text}"')
            return FilterArguments(conditions, values, said, {"supports_search": True, "search": text})

        return inner


class _Cut(Facet):  # type: ignore[misc]  # Datasette has no types
    """Counts of what SQL makes of the announcements in an answer, each a link that narrows to it."""

    statement = ""
    argument = ""  # what narrows, in the address

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """As Datasette's own give them: the values with their counts, and what took too long."""
        if not self.get_configs():
            return [], []
        size = self.get_facet_size()
        try:
            answer = await self.ds.execute(
                self.database,
                self.statement.format(sql=self.sql, limit=size + 1),
                self.params,
                truncate=False,
                custom_time_limit=self.ds.setting("facet_time_limit_ms"),
            )
        except QueryInterrupted:
            return [], [self.type]
        found = {
            "name": self.type,
            "type": "column",  # others are shown with their type in brackets
            "results": [self._value(row) for row in answer.rows[:size]],
            "hideable": False,
            "toggle_url": "",
            "truncated": len(answer.rows) > size,
        }
        return [found], []

    def _value(self, row: sqlite3.Row) -> dict[str, Any]:
        value = str(row["value"])
        is_chosen = (self.argument, value) in self.get_querystring_pairs()
        change = path_with_removed_args if is_chosen else path_with_added_args
        address = self.ds.urls.path(change(self.request, {self.argument: value}))
        return {
            "value": value,
            "label": value,
            "count": row["count"],
            "toggle_url": self.ds.absolute_url(self.request, address),
            "selected": is_chosen,
        }


class YearFacet(_Cut):
    """Years of announcements."""

    type = "year"
    argument = "announced_at__startswith"
    statement = (
        "select substr(announced_at, 1, 4) as value, count(*) as count from ({sql}) "
        "group by 1 order by 1 desc limit {limit}"
    )


class TagFacet(_Cut):
    """Tags of announcements, each of which may have several."""

    type = "tag"
    argument = TAG
    statement = (
        "select tag as value, count(*) as count from ({sql}) join event_tags using (event_id) "
        "group by 1 order by 2 desc, 1 limit {limit}"
    )


class WindowFacet(_Cut):
    """Windows, as they are written elsewhere: ``0:1``."""

    type = "window"
    argument = WINDOW
    statement = (
        "select window_start || ':' || window_end as value, count(*) as count from ({sql}) "
        "where window_start is not null group by 1 order by min(window_start), min(window_end) limit {limit}"
    )
