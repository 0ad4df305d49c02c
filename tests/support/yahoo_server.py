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
    """What happens instead of a good answer: a status and a body, or ``reset``, ``stall``, or ``drip``."""

    status: int = 200
    body: str = ""
    action: str = "answer"
    headers: tuple[tuple[str, str], ...] = ()


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
TOO_MANY_FOR_LONG = Fault(status=429, body="Too Many Requests", headers=(("Retry-After", "3600"),))
TOO_MANY_FOR_A_MOMENT = Fault(status=429, body="Too Many Requests", headers=(("Retry-After", "0"),))
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
DRIP = Fault(action="drip")

# Days that bars are served for, and days that one request may span; None where there is no limit.
WALLS: dict[str, tuple[int, int | None]] = {"1m": (30, 8), "5m": (60, None), "15m": (60, None), "1h": (730, None)}


def chart(
    rows: Sequence[tuple[str, float | None]],
    *,
    zone: str = "America/New_York",
    kind: str = "EQUITY",
    currency: str = "USD",
    hours: tuple[str, str] = ("09:30", "16:00"),
    events: dict[str, dict[str, Any]] | None = None,
    early: dict[str, str] | None = None,
    is_intraday: bool = False,
    exchange: str = "",
) -> dict[str, Any]:
    """A chart answer with one row per (local time as ``2023-10-02 09:30``, close); the last day gives the hours.

    ``early`` holds the closing times of half days. An answer of bars of less than a day has the regular period of
    every day, and no adjusted close.
    """
    tz = ZoneInfo(zone)
    moments = [dt.datetime.fromisoformat(moment).replace(tzinfo=tz) for moment, _ in rows]
    closes = [close for _, close in rows]
    today = max(moments).date()
    start, end = (int(dt.datetime.combine(today, dt.time.fromisoformat(hour), tz).timestamp()) for hour in hours)
    meta = {
        "currency": currency,
        "instrumentType": kind,
        "exchangeTimezoneName": zone,
        **({"exchangeName": exchange} if exchange else {}),
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
    if is_intraday:
        del result["indicators"]["adjclose"]
        meta["tradingPeriods"] = [
            [_period(day, (hours[0], (early or {}).get(day.isoformat(), hours[1])), tz)]
            for day in sorted({moment.date() for moment in moments})
        ]
    return {"chart": {"result": [result], "error": None}}


def bars(day: str, first: str, last: str, minutes: int, price: float = 100.0) -> list[tuple[str, float]]:
    """Rows of one day, from the bar that starts at `first` to the one that starts at `last`, each a cent higher."""
    moment, until = (dt.datetime.fromisoformat(f"{day} {clock}") for clock in (first, last))
    out = []
    while moment <= until:
        out.append((f"{moment:%Y-%m-%d %H:%M}", round(price + len(out) / 100, 2)))
        moment += dt.timedelta(minutes=minutes)
    return out


def with_prepost(answer: dict[str, Any], hours: tuple[str, str] = ("04:00", "20:00")) -> dict[str, Any]:
    """An answer as Yahoo words it when pre- and post-market are asked for."""
    meta = answer["chart"]["result"][0]["meta"]
    tz = ZoneInfo(meta["exchangeTimezoneName"])
    regular = meta["tradingPeriods"]
    pre, post = [], []
    for (period,) in regular:
        day = dt.datetime.fromtimestamp(period["start"], tz).date()
        whole = _period(day, hours, tz)
        pre.append([{**whole, "end": period["start"]}])
        post.append([{**whole, "start": period["end"]}])
    meta["tradingPeriods"] = {"pre": pre, "regular": regular, "post": post}
    return answer


def _period(day: dt.date, hours: tuple[str, str], tz: ZoneInfo) -> dict[str, Any]:
    start, end = (int(dt.datetime.combine(day, dt.time.fromisoformat(hour), tz).timestamp()) for hour in hours)
    return {"timezone": "X", "start": start, "end": end, "gmtoffset": 0}


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
    now : datetime or None
        When set, what lies beyond Yahoo's history for a size of bar is refused.
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
        self.now: dt.datetime | None = None
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

    def serve(self, symbol: str, answer: dict[str, Any], interval: str = "") -> None:
        """Answer questions about `symbol`, or for bars of one size, with the rows of `answer` that they ask for."""
        self.charts[f"{symbol} {interval}".strip()] = answer

    def fail(self, symbol: str, fault: Fault, times: int | None = None) -> None:
        """Let the next `times` questions about `symbol` go wrong; None means all, or all for ``"SYMBOL 1d"``."""
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
        sized = f"{symbol} {query.get('interval')}"
        queue = yahoo.faults[symbol]
        fault = queue.popleft() if queue else yahoo.standing.get(sized, yahoo.standing.get(symbol))
        symbol = sized if sized in yahoo.charts else symbol
        if fault is None and symbol not in yahoo.charts:
            fault = NOT_FOUND
        if fault is None and yahoo.now is not None:
            fault = _beyond(query, yahoo.now)
        if fault is None:
            self._say(200, json.dumps(_cut(yahoo.charts[symbol], query)))
        elif fault.action == "reset":
            # a last close without linger sends RST; detached, so that the handler's own files do not hold it open
            doomed = socket.socket(fileno=self.connection.detach())
            doomed.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            doomed.close()
        elif fault.action == "stall":
            yahoo.closing.wait(5)
        elif fault.action == "drip":
            # a byte now and then: a limit on the time between two bytes never strikes
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            while not yahoo.closing.wait(0.02):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    break
            self.close_connection = True
        else:
            self._say(fault.status, fault.body, headers=fault.headers)

    def _say(self, status: int, body: str, cookie: str = "", headers: Sequence[tuple[str, str]] = ()) -> None:
        data = body.encode()
        self.send_response(status)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _beyond(query: dict[str, str], now: dt.datetime) -> Fault | None:
    """Yahoo's refusal of bars that are too old, or too many at once."""
    if "period1" not in query or query["interval"] not in WALLS:
        return None
    (days, span), interval = WALLS[query["interval"]], query["interval"]
    start, end = int(query["period1"]), int(query["period2"])
    asked = f"{interval} data not available for startTime={start} and endTime={end}. "
    if start < now.timestamp() - days * 86400:
        return refusal(422, "Unprocessable Entity", f"{asked}The requested range must be within the last {days} days.")
    if span is not None and end - start > span * 86400:
        words = f"{asked}Only {span} days worth of {interval} granularity data are allowed to be fetched per request."
        return refusal(422, "Unprocessable Entity", words)
    return None


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
