"""A Yahoo on 127.0.0.1: chart answers in Yahoo's own shape, and its failures on demand.

Shapes and error bodies follow the stored answers in tests/data/yahoo. Hosts are told apart by path alone, since
the client under test sends every host here. A request that tries to leave through a proxy is an escape.
"""

from __future__ import annotations

import datetime as dt
import http.server
import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens instead of a good answer: a status and a body, or ``reset``, or ``stall``."""

    status: int = 200
    body: str = ""
    action: str = "answer"


def refusal(status: int, code: str, description: str) -> Fault:
    """An error as the chart service words it."""
    body = {"chart": {"result": None, "error": {"code": code, "description": description}}}
    return Fault(status=status, body=json.dumps(body))


NOT_FOUND = refusal(404, "Not Found", "No data found, symbol may be delisted")
TOO_OLD = refusal(
    422,
    "Unprocessable Entity",
    "1h data not available for startTime=1531959248 and endTime=1532045648. "
    "The requested range must be within the last 730 days.",
)
NO_DATES = refusal(400, "Bad Request", "Data doesn't exist for startDate = 1696219200, endDate = 1696305600")
TOO_MANY = Fault(status=429, body="Too Many Requests")
SERVER_ERROR = Fault(status=500, body="Internal Server Error")
BAD_GATEWAY = Fault(status=502, body="<html><body>Will be right back...</body></html>")
UNAUTHORIZED = Fault(
    status=401,
    body='{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}',
)
WEB_PAGE = Fault(body="<!doctype html><html><body>Yahoo is part of the Yahoo family of brands</body></html>")
CUT_SHORT = Fault(body='{"chart":{"result":[{"meta":{"currency":"USD","symbol":"GS"')
NULL_RESULT = Fault(body='{"chart":{"result":null,"error":null}}')
EMPTY_RESULT = Fault(body='{"chart":{"result":[],"error":null}}')
RESET = Fault(action="reset")
STALL = Fault(action="stall")


def chart(
    rows: Sequence[tuple[str, float | None]],
    *,
    zone: str = "America/New_York",
    kind: str = "EQUITY",
    currency: str = "USD",
    hours: tuple[str, str] = ("09:30", "16:00"),
    events: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A chart answer with one row per (local time as ``2023-10-02 09:30``, close); the last day gives the hours."""
    tz = ZoneInfo(zone)
    moments = [dt.datetime.fromisoformat(moment).replace(tzinfo=tz) for moment, _ in rows]
    closes = [close for _, close in rows]
    today = max(moments).date()
    start, end = (int(dt.datetime.combine(today, dt.time.fromisoformat(hour), tz).timestamp()) for hour in hours)
    meta = {
        "currency": currency,
        "instrumentType": kind,
        "exchangeTimezoneName": zone,
        "priceHint": 2,
        "currentTradingPeriod": {
            name: {"timezone": "X", "start": start, "end": end, "gmtoffset": 0} for name in ("pre", "regular", "post")
        },
        "validRanges": ["1d", "5d", "max"],
    }
    quote = {name: list(closes) for name in ("open", "high", "low", "close")}
    quote["volume"] = [None if close is None else 1000 for close in closes]
    result = {
        "meta": meta,
        "timestamp": [int(moment.timestamp()) for moment in moments],
        "events": events or {},
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": list(closes)}]},
    }
    return {"chart": {"result": [result], "error": None}}


class YahooServer:
    """Use as a context manager; `url` is the endpoint.

    Attributes
    ----------
    log : list of str
        Path and query of every request, in order.
    escapes : list of str
        Hosts that a client tried to reach through this server as a proxy.
    most_at_once : int
        Largest number of requests that waited for their answer at the same time.
    delay : float
        Seconds that every answer takes.
    """

    def __init__(self) -> None:
        self.charts: dict[str, dict[str, Any]] = {}
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.standing: dict[str, Fault] = {}
        self.log: list[str] = []
        self.escapes: list[str] = []
        self.most_at_once = 0
        self.waiting = 0
        self.delay = 0.0
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.yahoo = self
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        # the default of half a second between looks at the shutdown flag would be the cost of every test
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def serve(self, symbol: str, answer: dict[str, Any]) -> None:
        """Answer questions about `symbol` from now on with the rows of `answer` that they ask for."""
        self.charts[symbol] = answer

    def fail(self, symbol: str, fault: Fault, times: int | None = None) -> None:
        """Let the next `times` questions about `symbol` go wrong; None means all."""
        if times is None:
            self.standing[symbol] = fault
        else:
            self.faults[symbol].extend([fault] * times)

    def asked(self, symbol: str) -> list[dict[str, str]]:
        """The queries of every chart question about `symbol`."""
        urls = [urlsplit(line) for line in self.log]
        wanted = f"/v8/finance/chart/{symbol}"
        return [{k: v[0] for k, v in parse_qs(u.query).items()} for u in urls if unquote(u.path) == wanted]


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        yahoo: YahooServer = self.server.yahoo
        with yahoo.lock:
            yahoo.log.append(self.path)
            yahoo.waiting += 1
            yahoo.most_at_once = max(yahoo.most_at_once, yahoo.waiting)
        time.sleep(yahoo.delay)
        # counted down before the answer goes out: the client may ask again before this thread runs on
        with yahoo.lock:
            yahoo.waiting -= 1
        self._route(yahoo)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_CONNECT(self) -> None:
        self.server.yahoo.escapes.append(self.path)
        self._say(502, "")

    def log_message(self, *_: object) -> None:
        """Keep quiet: the log is an attribute."""

    def _route(self, yahoo: YahooServer) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        if path.startswith("/v8/finance/chart/"):
            self._chart(yahoo, path.rsplit("/", 1)[1], {k: v[0] for k, v in parse_qs(url.query).items()})
        elif path == "/":  # fc.yahoo.com
            expires = "Expires=Fri, 01 Jan 2100 00:00:00 GMT; Domain=.yahoo.com; Path=/"
            self._say(404, "", cookie=f"A3=d=loopback; {expires}")
        elif path == "/v1/test/getcrumb":
            self._say(200, "loopback-crumb")
        elif path == "/consent":  # guce.yahoo.com
            inputs = '<input name="csrfToken" value="token"/><input name="sessionId" value="1"/>'
            self._say(200, f"<html><form>{inputs}</form></html>")
        elif path in ("/v2/collectConsent", "/copyConsent"):
            self._say(200, "<html></html>")
        else:  # quoteSummary and quote, which yfinance tries for a symbol that it cannot find
            self._say(
                404, '{"quoteSummary":{"result":null,"error":{"code":"Not Found","description":"Quote not found"}}}'
            )

    def _chart(self, yahoo: YahooServer, symbol: str, query: dict[str, str]) -> None:
        queue = yahoo.faults[symbol]
        fault = queue.popleft() if queue else yahoo.standing.get(symbol)
        if fault is None and symbol not in yahoo.charts:
            fault = NOT_FOUND
        if fault is None:
            self._say(200, json.dumps(_cut(yahoo.charts[symbol], query)))
        elif fault.action == "reset":
            # a last close without linger sends RST; detached, so that the handler's own files do not hold it open
            doomed = socket.socket(fileno=self.connection.detach())
            doomed.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            doomed.close()
        elif fault.action == "stall":
            yahoo.closing.wait(5)
        else:
            self._say(fault.status, fault.body)

    def _say(self, status: int, body: str, cookie: str = "") -> None:
        data = body.encode()
        self.send_response(status)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _cut(answer: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
    """The rows between period1 and period2; as Yahoo does, no ``timestamp`` and an empty quote when there are none."""
    if "period1" not in query:
        return answer
    whole = answer["chart"]["result"][0]
    result = {**whole, "indicators": dict(whole["indicators"])}  # copied as far as it is changed
    cut = {"chart": {**answer["chart"], "result": [result]}}
    stamps = result.get("timestamp", [])
    inside = [i for i, t in enumerate(stamps) if int(query["period1"]) <= t < int(query["period2"])]
    for name, tables in result["indicators"].items():
        result["indicators"][name] = [{k: [v[i] for i in inside] for k, v in table.items()} for table in tables]
    if inside:
        result["timestamp"] = [stamps[i] for i in inside]
    else:
        result.pop("timestamp", None)
        result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    return cut
