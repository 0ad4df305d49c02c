"""The ECB's daily file over a loopback server; the bundled history where that fails."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest

from eventstudy.errors import MalformedAnswer, NoDataInRange, RateLimited, SourceDown, UnknownSymbol
from eventstudy.prices.download import download
from eventstudy.prices.ecb import EcbSource, bundled
from eventstudy.prices.ecb_live import LiveEcbSource
from eventstudy.prices.factors import FactorSource
from eventstudy.prices.source import seconds_to_wait
from tests.support.ecb_server import DAY, FAULTS, Files, altered, serving, text, zipped

NOW = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)


@pytest.fixture
def server() -> Iterator[Files]:
    yield from serving()


def source_of(server: Files, *answers: tuple[int, bytes]) -> LiveEcbSource:
    server.answers = [(*answer, {}) for answer in answers]
    return LiveEcbSource(url=server.url, timeout=5.0, attempts=3, now=lambda: NOW)


@pytest.mark.parametrize("body", [zipped(text()), text().encode()])
def test_the_file_of_today_is_read_once_for_all_pairs(server: Files, body: bytes) -> None:
    source = source_of(server, (200, body))
    got = source.fetch("EURUSD", dt.date(2026, 11, 19), DAY)
    assert ([str(day) for day in got.sessions], got.close.tolist()) == (["2026-11-19", "2026-11-20"], [1.1, 1.1])
    assert got.fault is None
    assert (got.version, source.version) == ("ECB file up to 2026-11-20",) * 2
    assert source.fetch("USDJPY", DAY, DAY).close.tolist() == pytest.approx([170.5])
    assert server.asked == 1
    assert source.facts == EcbSource().facts


def test_a_failure_that_passes_is_tried_again(server: Files) -> None:
    source = source_of(server, (500, b""), (502, b""), (200, zipped(text())))
    assert source.fetch("EURUSD", DAY, DAY).close.tolist() == [1.1]
    assert server.asked == 3


WORDS = {
    "down": "answers HTTP 500",
    "moved": "answers HTTP 404",
    "html": "is not the ECB's daily file",
    "cut archive": "the zip archive cannot be read",
    "garbled archive": "the zip archive cannot be read",
    "empty": "is not the ECB's daily file",
    "bytes": "is not the ECB's daily file",
    "old": "is old, its last day is 2026-11-16",
    "a year old": "is old, its last day is ",
    "cut at its end": "has no rates of ",
    "cut at its start": "has no rates of 1999-01-04 and ",
    "a day lost": "has no rates of 2026-11-12",
    "an old day lost": "has no rates of 2015-03-02",
    "a Saturday": "has no rates of 2026-11-20",
    "a rate lost": "has no rate of USD on 2023-03-17",
    "a column lost": "is not the ECB's daily file",
    "no number": "is not the ECB's daily file",
    "not positive": "a rate is not a positive number",
    "another rate": "has another rate of USD on ",
    "other rates": "other rates than the installed history",
    "newest rate lost": "has no rate of USD on 2026-11-20",
    "a day twice": "a day stands twice",
    "yesterday again": "has the rates of 2026-11-19 again on 2026-11-20",
}


@pytest.mark.parametrize("kind", WORDS)
def test_the_bundled_history_stands_in_and_says_so(server: Files, kind: str) -> None:
    answer, words = FAULTS[kind], WORDS[kind]
    source = source_of(server, answer)
    first, last = dt.date(2023, 3, 1), dt.date(2023, 3, 17)
    got = source.fetch("EURUSD", first, last)
    plain = EcbSource().fetch("EURUSD", first, last)
    assert got.close.tolist() == plain.close.tolist()
    assert got.version == plain.version
    assert words in got.notes[-1]
    assert got.fault is not None
    assert (got.fault.transient, got.fault.problem) == (True, got.notes[-1])
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


def test_a_pair_that_lost_its_newest_rate_is_an_answer_that_is_wrong(server: Files) -> None:
    source = source_of(server, FAULTS["newest rates lost"])
    with pytest.raises(MalformedAnswer, match="the file has no rate of 2026-11-10, though it goes to 2026-11-20"):
        source.fetch("EURCNY", dt.date(2026, 11, 1), DAY)
    assert source.fetch("EURJPY", DAY, DAY).close.tolist() == [187.55]


def test_a_rate_that_was_corrected_is_believed(server: Files) -> None:
    source = source_of(server, (200, zipped(altered("2023-03-17", "USD", "1.0620"))))
    assert source.fetch("EURUSD", dt.date(2023, 3, 17), dt.date(2023, 3, 17)).close.tolist() == [1.062]


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
