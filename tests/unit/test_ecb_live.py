"""The ECB's daily file over a loopback server; the bundled history where that fails."""

from __future__ import annotations

import dataclasses
import datetime as dt
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator

import pytest

from eventstudy.errors import MalformedAnswer, NoDataInRange, RateLimited, SourceDown, UnknownSymbol
from eventstudy.prices.download import download
from eventstudy.prices.ecb import EcbSource, bundled
from eventstudy.prices.ecb_live import LiveEcbSource
from eventstudy.prices.factors import FactorSource
from eventstudy.prices.source import seconds_to_wait

TEXT = "Date,USD,JPY,\n2026-11-20,1.1,170.5,\n2026-11-19,1.2,N/A,\n"  # made up: later than any bundled history
DAY = dt.date(2026, 11, 20)


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


@pytest.fixture
def server() -> Iterator[Files]:
    with Files(("127.0.0.1", 0), Handler) as up:
        thread = threading.Thread(target=up.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield up
        up.shutdown()
        thread.join()


def zipped(text: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("eurofxref-hist.csv", text)
    return data.getvalue()


def spoilt(text: str) -> bytes:
    """An archive whose compressed bytes are nonsense."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", text * 50)
    raw = bytearray(data.getvalue())
    raw[60:100] = b"\xff" * 40
    return bytes(raw)


def source_of(server: Files, *answers: tuple[int, bytes]) -> LiveEcbSource:
    server.answers = [(*answer, {}) for answer in answers]
    return LiveEcbSource(url=server.url, timeout=5.0, attempts=3)


@pytest.mark.parametrize("body", [zipped(TEXT), TEXT.encode()])
def test_the_file_of_today_is_read_once_for_all_pairs(server: Files, body: bytes) -> None:
    source = source_of(server, (200, body))
    got = source.fetch("EURUSD", dt.date(2026, 11, 1), DAY)
    assert ([str(day) for day in got.sessions], got.close.tolist()) == (["2026-11-19", "2026-11-20"], [1.2, 1.1])
    assert (got.version, source.version) == ("ECB file up to 2026-11-20",) * 2
    assert source.fetch("USDJPY", DAY, DAY).close.tolist() == pytest.approx([155.0])
    assert server.asked == 1
    assert source.facts == EcbSource().facts


def test_a_failure_that_passes_is_tried_again(server: Files) -> None:
    source = source_of(server, (500, b""), (502, b""), (200, zipped(TEXT)))
    assert source.fetch("EURUSD", DAY, DAY).close.tolist() == [1.1]
    assert server.asked == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, b""), "answers HTTP 500"),
        ((404, b""), "answers HTTP 404"),
        ((200, b"<html>"), "is not the ECB's daily file"),
        ((200, zipped(TEXT)[:50]), "the zip archive cannot be read"),
        ((200, spoilt(TEXT)), "the zip archive cannot be read"),
        ((200, zipped("Date,USD,\n2026-01-05,1.1,\n")), "is old, its last day is 2026-01-05"),
        ((200, b"Date,USD,\n2026-11-20,x,\n"), "is not the ECB's daily file"),
        ((200, b"Date,USD,\n2026-11-20,1,\n2026-11-20,1,\n"), "a day stands twice"),
        ((200, b"\xff\xfe"), "is not the ECB's daily file"),
        ((200, b""), "is not the ECB's daily file"),
    ],
)
def test_the_bundled_history_stands_in_and_says_so(server: Files, answer: tuple[int, bytes], words: str) -> None:
    source = source_of(server, answer)
    first, last = dt.date(2023, 3, 1), dt.date(2023, 3, 17)
    got = source.fetch("EURUSD", first, last)
    plain = EcbSource().fetch("EURUSD", first, last)
    assert got.close.tolist() == plain.close.tolist()
    assert got.version == plain.version
    assert words in got.notes[-1]
    assert f"the bundled history stood in, which ends on {bundled().sessions[-1]}" in got.notes[-1]
    before = server.asked
    source.fetch("USDJPY", first, last)
    assert server.asked == before  # the failure too is known for the rest of the pass


def test_the_days_after_the_bundled_history_are_not_settled_by_it(server: Files) -> None:
    source = source_of(server, (500, b""))
    got = source.fetch("EURUSD", dt.date(2026, 10, 1), DAY)
    assert got.reach == (None, bundled().sessions[-1].item())


def test_days_that_only_the_network_has_are_a_source_that_is_down(server: Files) -> None:
    source = source_of(server, (500, b""))
    with pytest.raises(SourceDown, match=r"HTTP 500.*its rates run from 1999"):
        source.fetch("EURUSD", dt.date(2026, 11, 2), DAY)
    with pytest.raises(NoDataInRange, match="suspended"):
        source.fetch("USDRUB", dt.date(2023, 1, 1), dt.date(2023, 2, 1))
    with pytest.raises(UnknownSymbol):
        source.fetch("EURXXX", dt.date(2023, 1, 1), dt.date(2023, 2, 1))


def test_a_server_that_is_not_there(server: Files) -> None:
    source = LiveEcbSource(url="http://127.0.0.1:1/file.zip", attempts=1)
    assert "cannot be reached" in source.fetch("EURUSD", dt.date(2023, 3, 1), dt.date(2023, 3, 17)).notes[-1]


def test_a_rate_limit_says_how_long(server: Files) -> None:
    server.answers = [(429, b"", {"Retry-After": "7200"})]
    with pytest.raises(RateLimited) as caught:
        download(server.url, timeout=5.0, attempts=5, source="s", symbol="x")
    assert (caught.value.retry_after, server.asked) == (7200.0, 1)  # too long to wait for
    server.answers = [(429, b"", {"Retry-After": "0"}), (200, b"there", {})]
    server.asked = 0
    assert download(server.url, timeout=5.0, attempts=5, source="s", symbol="x") == b"there"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), (" 0 ", 0.0), ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0), ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0)],
)
def test_a_wait_is_seconds_or_a_date(header: str, seconds: float) -> None:
    assert seconds_to_wait(header, dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)) == seconds


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "٣"])
def test_a_wait_that_cannot_be_read_is_none(header: str | None) -> None:
    assert seconds_to_wait(header, dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)) is None


FACTORS = b"Made by a test.\n\n,SMB\n20230313, 0.50\n20230314, -1.00\n"


def test_factors_come_from_an_address_too(server: Files) -> None:
    server.answers = [(503, b"", {}), (200, FACTORS, {})]
    source = FactorSource(place=server.url)
    got = source.fetch("SMB", dt.date(2023, 3, 1), dt.date(2023, 3, 31))
    assert got.close.tolist() == pytest.approx([100.5, 99.495])
    source.fetch("SMB", dt.date(2023, 3, 14), dt.date(2023, 3, 31))
    assert server.asked == 2
    server.answers = [(200, b"<html>", {})]
    with pytest.raises(MalformedAnswer, match="no table of factors"):
        dataclasses.replace(source, _held={}).fetch("SMB", dt.date(2023, 3, 1), dt.date(2023, 3, 31))
