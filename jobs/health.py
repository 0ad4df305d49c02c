"""`/healthz` and `/metrics` for monitors that ask by HTTP; reads the heartbeat and the database, and writes nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import json
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventstudy.errors import EventStudyError, InputError, StoreError
from eventstudy.instants import stamp
from eventstudy.store import heartbeat
from jobs import metrics

# Clocks of two machines differ by seconds; a good pass later than this from now means that a clock went back.
AHEAD = dt.timedelta(minutes=5)
# A client that does not finish its request must not keep a thread for ever.
PATIENCE_SECONDS = 10.0


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
    server = _server(address)
    server.database, server.max_age = database, max_age
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


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    database: Path
    max_age: dt.timedelta

    def handle_error(self, *_: object) -> None:
        """A client that goes away in the middle is no news."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _server(address: str) -> _Server:
    found = re.fullmatch(r"\[?([\w.:%-]+?)\]?:(\d{1,5})", address)
    if not found or int(found[2]) > 65535:
        raise InputError("no address", where="--health", value=address, remedy="write for example 127.0.0.1:9090")
    host, port = found[1], int(found[2])
    try:
        return (_Server6 if ":" in host else _Server)((host, port), _Handler)
    except OSError as error:
        raise InputError(
            f"cannot listen: {error.strerror or error}", where="--health", value=address, remedy="choose another port"
        ) from None


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE_SECONDS
    server_version = "eventstudy"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/healthz":
            is_healthy, found = health(self.server.database, self.server.max_age, dt.datetime.now(dt.UTC))
            self._say(200 if is_healthy else 503, json.dumps(found).encode() + b"\n", "application/json")
        elif path == "/metrics":
            self._metrics()
        else:
            self._say(404, b"see /healthz and /metrics\n", "text/plain; charset=utf-8")

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """A monitor asks every few seconds; the log is for the passes."""

    def _metrics(self) -> None:
        try:
            body, kind = metrics.exposition(
                self.server.database, dt.datetime.now(dt.UTC), self.headers.get("Accept", "")
            )
        except ImportError:
            remedy = b"needs prometheus-client: pip install 'eventstudy-service[metrics]'\n"
            self._say(501, remedy, "text/plain; charset=utf-8")
        except (EventStudyError, sqlite3.Error) as error:
            self._say(503, f"{error}\n".encode(), "text/plain; charset=utf-8")
        else:
            self._say(200, body, kind)

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
