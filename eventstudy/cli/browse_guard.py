"""What Datasette is not to do with the results database, as a plug-in of it: needs the extra `browse`."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette import hookimpl
from datasette.utils import allowed_pragmas

from eventstudy.database import reading

# The most that one answer may hold, of text and blobs.
ANSWER_BYTES = 50_000_000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Scope], Awaitable[None]]], Awaitable[None]]


class Guard:
    """The plug-in.

    Parameters
    ----------
    database : str
        Name of the database in Datasette.
    host : str
        The address to listen on.
    """

    __name__ = "eventstudy"  # under which Datasette lists it

    def __init__(self, database: str, host: str) -> None:
        self._database = database
        self._names = LOOPBACK | {_bracketed(host).lower()}

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def prepare_connection(self, conn: sqlite3.Connection, database: str) -> None:
        """Limit a connection that Datasette opened; its deadlines are settings of its own."""
        conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, reading.LONGEST_VALUE)
        reading.limit_memory(conn)
        reading.set_up_json(conn)
        conn.row_factory = _counted(ANSWER_BYTES)
        if database == self._database:
            conn.set_authorizer(_authorize)

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def asgi_wrapper(self) -> Callable[[App], App]:
        """Serve only who asks for this machine by its own name.

        A web page elsewhere can let its own name lead to 127.0.0.1 (DNS rebinding) and would read the answers; the
        browser then sends that name.
        """

        def wrap(app: App) -> App:
            async def guarded(scope: Scope, receive: Any, send: Callable[[Scope], Awaitable[None]]) -> None:
                if scope["type"] != "http" or self._is_ours(scope):
                    await app(scope, receive, send)
                    return
                headers = [(b"content-type", b"text/plain; charset=utf-8")]
                await send({"type": "http.response.start", "status": 400, "headers": headers})
                body = b"This is served under the address that eventstudy browse printed, and no other name.\n"
                await send({"type": "http.response.body", "body": body})

            return guarded

        return wrap

    def _is_ours(self, scope: Scope) -> bool:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        address, port = scope["server"]
        names = self._names | {_bracketed(address)}
        allowed = {f"{name}:{port}" for name in names} | (names if port == 80 else set())
        return len(hosts) == 1 and hosts[0] in allowed


def _bracketed(host: str) -> str:
    """An address as a Host header writes it."""
    return f"[{host}]" if ":" in host else host


def _authorize(action: int, first: str | None, second: str | None, db: str | None, trigger: str | None) -> int:
    if action == sqlite3.SQLITE_PRAGMA and first in allowed_pragmas:
        return sqlite3.SQLITE_OK
    return reading.authorize(action, first, second, db, trigger)


def _counted(most: int) -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """A factory of rows that refuses the next row of an answer of more than `most` bytes."""
    # the cursor at work, weakly: one that is not read to its end would go on reading an old state, and its bytes
    last: list[Any] = [lambda: None, 0]

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        if last[0]() is not cursor:
            last[:] = [weakref.ref(cursor), 0]
        last[1] += sum(len(value) for value in values if isinstance(value, (str, bytes)))
        if last[1] > most:
            raise sqlite3.OperationalError(f"the answer has more than {most // 1_000_000} MB")
        return sqlite3.Row(cursor, values)

    return row
