"""What Datasette shows first of a view, as a plug-in of it: the columns that fit a screen, and rows before counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import urlencode

from datasette import hookimpl

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Scope], Awaitable[None]]], Awaitable[None]]


class First:
    """The plug-in.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        View → its columns at first sight; none where all of them fit.
    """

    __name__ = "eventstudy-first"  # under which Datasette lists it

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        self._queries = {
            view: urlencode([*(("_col", column) for column in names), ("_nofacet", 1), ("_nocount", 1)]).encode()
            for view, names in columns.items()
        }

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def asgi_wrapper(self) -> Callable[[App], App]:
        """Lead from the bare address of a view, which says nothing of what is wanted, to its first sight."""

        def wrap(app: App) -> App:
            async def led(scope: Scope, receive: Any, send: Callable[[Scope], Awaitable[None]]) -> None:
                first = self._queries.get(scope["path"].rpartition("/")[2]) if _is_bare(scope) else None
                if first is None:
                    await app(scope, receive, send)
                    return
                headers = [(b"location", b"?" + first)]
                await send({"type": "http.response.start", "status": 302, "headers": headers})
                await send({"type": "http.response.body", "body": b""})

            return led

        return wrap


def _is_bare(scope: Scope) -> bool:
    """Whether a table is asked for, and nothing said of it."""
    return scope["type"] == "http" and not scope["query_string"] and scope["path"].count("/") == 2
