"""`/healthz` and `/metrics` for monitors that ask by HTTP; reads the heartbeat and the database, and writes nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import socket
import socketserver
import sqlite3
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from eventstudy.errors import EventStudyError, InputError, StoreError
from eventstudy.instants import stamp
from eventstudy.store import heartbeat
from jobs import metrics

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Clocks of two machines differ by seconds; a good pass later than this from now means that a clock went back.
AHEAD = dt.timedelta(minutes=5)
# A client that does not finish its request, or writes it a letter at a time, must not keep a thread for ever.
PATIENCE_SECONDS = 10.0
MOST_AT_ONCE = 64

_TEXT = "text/plain; charset=utf-8"


def health(database: Path, max_age: dt.timedelta, now: dt.datetime) -> tuple[bool, dict[str, Any]]:
    """Whether the last good pass is younger than `max_age`, and what a monitor may want to know.

    Parameters
    ----------
    database : Path
    max_age : timedelta
    now : datetime
        UTC.
    """
    try:
        beat = heartbeat.heartbeat(database)
    except StoreError as error:
        return False, {"healthy": False, "reason": str(error)}
    good = beat.last_good if beat else None
    is_young = good is not None and -AHEAD <= now - good <= max_age
    reason = None
    if good is None:
        reason = "no pass over all events has worked yet"
    elif not is_young:
        reason = "the last good pass is too old" if now > good else "the last good pass is in the future"
    return is_young, {
        "healthy": is_young,
        "reason": reason,
        "last_good": stamp(good) if good else None,
        "age_seconds": int((now - good).total_seconds()) if good else None,
        "max_age_seconds": int(max_age.total_seconds()),
        "last_status": beat.status if beat else None,
        "last_exit_code": beat.exit_code if beat else None,
        "last_reason": beat.reason if beat else None,
    }


@contextlib.contextmanager
def serving(database: Path, address: str, max_age: dt.timedelta) -> Iterator[str]:
    """Answer on `address` while the context is open; gives the address as a client writes it.

    Parameters
    ----------
    database : Path
    address : str
        ``HOST:PORT``; port 0 takes any that is free.
    max_age : timedelta
        Oldest last good pass that is healthy.

    Raises
    ------
    InputError
        When the address cannot be used.
    """
    server = _server(address, _app(database, max_age))
    # the default looks at the flag of the end twice a second
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="health", daemon=True)
    thread.start()
    host, port = server.server_address[:2]
    shown = f"[{host!s}]" if ":" in str(host) else str(host)
    try:
        yield f"http://{shown}:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _app(database: Path, max_age: dt.timedelta) -> WSGIApplication:
    """The two pages; whatever else is asked for is told of them."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            status, kind, body = HTTPStatus.NOT_IMPLEMENTED, _TEXT, b"only GET and HEAD\n"
        elif path == "/healthz":
            is_healthy, found = health(database, max_age, dt.datetime.now(dt.UTC))
            status = HTTPStatus.OK if is_healthy else HTTPStatus.SERVICE_UNAVAILABLE
            kind, body = "application/json", json.dumps(found).encode() + b"\n"
        elif path == "/metrics":
            status, kind, body = _metrics(database, environ.get("HTTP_ACCEPT", ""))
        else:
            status, kind, body = HTTPStatus.NOT_FOUND, _TEXT, b"see /healthz and /metrics\n"
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        start_response(
            f"{status.value} {status.phrase}", [*headers, ("Cache-Control", "no-store"), ("Server", "eventstudy")]
        )
        return [] if method == "HEAD" else [body]

    return app


def _metrics(database: Path, accept: str) -> tuple[HTTPStatus, str, bytes]:
    try:
        body, kind = metrics.exposition(database, dt.datetime.now(dt.UTC), accept)
    except ImportError:
        remedy = b"needs prometheus-client: pip install 'eventstudy-service[metrics]'\n"
        return HTTPStatus.NOT_IMPLEMENTED, _TEXT, remedy
    except (EventStudyError, sqlite3.Error) as error:
        return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, f"{error}\n".encode()
    return HTTPStatus.OK, kind, body


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """A thread a request, so many at once and each for so long, whatever a client does or leaves undone."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        end = threading.Timer(PATIENCE_SECONDS, _hang_up, (request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._free.release()

    def handle_error(self, *_: object) -> None:
        """A client that goes away in the middle is no news."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """A monitor asks every few seconds; the log is for the passes."""


def _hang_up(request: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is over already
        request.shutdown(socket.SHUT_RDWR)


def _server(address: str, app: WSGIApplication) -> _Server:
    found = re.fullmatch(r"\[?([\w.:%-]+?)\]?:(\d{1,5})", address)
    if not found or int(found[2]) > 65535:
        raise InputError("no address", where="--health", value=address, remedy="write for example 127.0.0.1:9090")
    host, port = found[1], int(found[2])
    try:
        server = (_Server6 if ":" in host else _Server)((host, port))
    except OSError as error:
        raise InputError(
            f"cannot listen: {error.strerror or error}", where="--health", value=address, remedy="choose another port"
        ) from None
    server.set_app(app)
    return server
