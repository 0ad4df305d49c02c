"""The loopback Yahoo with earnings dates: the page of a symbol, and the market-wide calendar.

The shapes are those that yfinance 1.7.0 reads; no stored answer of Yahoo's own was at hand.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support import yahoo_server
from tests.support.yahoo_server import Fault, YahooServer

PAGE_PATH, MARKET_PATH = "/calendar/earnings", "/v1/finance/visualization"

_COLUMNS = (
    ("Symbol", "STRING"),
    ("Company Name", "STRING"),
    ("Market Cap (Intraday)", "NUMBER"),
    ("Event Name", "STRING"),
    ("Event Start Date", "DATE"),
    ("Event Start Date", "STRING"),
    ("EPS Estimate", "NUMBER"),
    ("Reported EPS", "NUMBER"),
    ("Surprise (%)", "NUMBER"),
)


class EarningsServer(YahooServer):
    """As `YahooServer`; `pages` and `market` are what it knows of earnings.

    Attributes
    ----------
    pages : dict of str to list of str
        Symbol → dates as the page shows them: ``October 30, 2025 at 4 PM EDT``.
    market : list of (str, str, str, str)
        Symbol, company, start (``2025-10-30T20:00:00.000Z``) and timing (``AMC``, ``BMO``, ``TNS``).
    bodies : list of dict
        What the calendar was asked.
    trouble : deque of Fault
        What the next questions about earnings get in place of an answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._http.RequestHandlerClass = _Handler
        self.pages: dict[str, list[str]] = {}
        self.market: list[tuple[str, str, str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.trouble: deque[Fault] = deque()


class _Handler(yahoo_server._Handler):
    def do_POST(self) -> None:  # noqa: N802  # the name that http.server prescribes
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def _route(self, yahoo: EarningsServer) -> None:
        url = urlsplit(self.path)
        if url.path not in (PAGE_PATH, MARKET_PATH):
            super()._route(yahoo)
        elif yahoo.trouble:
            fault = yahoo.trouble.popleft()
            self._say(fault.status, fault.body)
        elif url.path == PAGE_PATH:
            self._say(200, _page(yahoo.pages, parse_qs(url.query)["symbol"][0]))
        else:
            body = json.loads(self.body)
            yahoo.bodies.append(body)
            rows = yahoo.market[body["offset"] : body["offset"] + body["size"]]
            self._say(200, json.dumps(_visualization(rows)))


def _page(pages: dict[str, list[str]], symbol: str) -> str:
    if symbol not in pages:
        return "<html><body>We couldn't find any results.</body></html>"
    heads = ("Symbol", "Company", "Earnings Date", "EPS Estimate", "Reported EPS", "Surprise (%)")
    rows = [(symbol, f"{symbol} Inc.", date, "1.00", "-", "-") for date in pages[symbol]]
    cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f"<html><body><table><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table></body></html>"


def _visualization(rows: Sequence[tuple[str, str, str, str]]) -> dict[str, Any]:
    columns = [{"label": label, "type": kind} for label, kind in _COLUMNS]
    full = [
        [symbol, company, 1e9, "Earnings", start, timing, 1.0, None, None] for symbol, company, start, timing in rows
    ]
    return {"finance": {"result": [{"documents": [{"columns": columns, "rows": full}]}], "error": None}}
