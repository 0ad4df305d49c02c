"""Announcements: an instant, an interval, or a refusal that says what to write."""

from __future__ import annotations

import datetime as dt

import pytest

from eventstudy.config.model import EventConfig
from eventstudy.errors import EventError
from eventstudy.events.build import ad_hoc, build_event, parse_when


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("text", "zone", "earliest", "latest"),
    [
        ("2023-03-17T07:00Z", None, "2023-03-17T07:00+00:00", "2023-03-17T07:00+00:00"),
        ("2023-03-17T15:00+08:00", None, "2023-03-17T07:00+00:00", "2023-03-17T07:00+00:00"),
        ("2023-03-17 15:00", "Asia/Shanghai", "2023-03-17T07:00+00:00", "2023-03-17T07:00+00:00"),
        ("2023-03-17T15:00+08:00", "America/New_York", "2023-03-17T07:00+00:00", "2023-03-17T07:00+00:00"),
        ("2022-02-04", "Asia/Shanghai", "2022-02-03T16:00+00:00", "2022-02-04T15:59:59+00:00"),
        ("20220204", "Asia/Shanghai", "2022-02-03T16:00+00:00", "2022-02-04T15:59:59+00:00"),
        ("2022-W05-5", "Asia/Shanghai", "2022-02-03T16:00+00:00", "2022-02-04T15:59:59+00:00"),
        # the two days on which New York changes its clocks have 23 and 25 hours
        ("2023-03-12", "America/New_York", "2023-03-12T05:00+00:00", "2023-03-13T03:59:59+00:00"),
        ("2023-11-05", "America/New_York", "2023-11-05T04:00+00:00", "2023-11-06T04:59:59+00:00"),
    ],
)
def test_what_a_text_can_mean(text: str, zone: str | None, earliest: str, latest: str) -> None:
    assert parse_when(text, zone, "x") == (utc(earliest), utc(latest))


@pytest.mark.parametrize(
    ("text", "zone", "problem"),
    [
        ("2023-03-17T07:00", None, "a time without a zone"),
        ("2023-03-17", None, "a date without a zone"),
        ("2023-03-12T02:30", "America/New_York", "skips"),
        ("2023-11-05T01:30", "America/New_York", "twice"),
        ("2023-03-26T02:30", "Europe/Berlin", "skips"),
        ("2023-10-29T02:30", "Europe/Berlin", "twice"),
        ("17/03/2023 07:00Z", None, "not an ISO 8601"),
        ("yesterday", "UTC", "not an ISO 8601"),
        ("2023-02-30", "UTC", "not an ISO 8601"),
        ("1438-01-01T00:00Z", None, "no price is that old"),
        ("9999-12-31", "UTC", "no price is that old"),
        ("2023-03-17T07:00", "Asia/Peking", "unknown time zone"),
        ("2023-03-17T07:00", "../../etc/passwd", "unknown time zone"),
    ],
)
def test_what_is_refused(text: str, zone: str | None, problem: str) -> None:
    with pytest.raises(EventError, match=problem) as caught:
        parse_when(text, zone, "events[x].announced_at")
    assert str(caught.value).startswith("events[x].announced_at: ")
    assert "; " in str(caught.value)  # there is a remedy


def entry(**given: object) -> EventConfig:
    return EventConfig(**{"id": "x", "title": "X", "assets": ["A"], **given})


def test_a_stated_time_within_an_interval() -> None:
    event = build_event(
        entry(announced_at="2023-03-17T07:00Z", announced_between=("2023-03-17T06:00Z", "2023-03-17T07:06Z")), "x"
    )
    assert event.announced_at == utc("2023-03-17T07:00+00:00")
    assert (event.earliest, event.latest) == (utc("2023-03-17T06:00+00:00"), utc("2023-03-17T07:06+00:00"))
    assert not event.is_exact


def test_an_interval_alone_counts_from_its_start() -> None:
    event = build_event(entry(announced_between=("2016-06-23T21:00Z", "2016-06-24T04:00Z")), "x")
    assert event.announced_at == event.earliest


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"announced_between": ("2023-03-17T08:00Z", "2023-03-17T07:00Z")}, "ends before it starts"),
        (
            {
                "announced_at": "2023-03-17T09:00Z",
                "announced_between": ("2023-03-17T06:00Z", "2023-03-17T07:00Z"),
            },
            "outside",
        ),
        (
            {
                "announced_at": "2023-03-19",
                "zone": "UTC",
                "announced_between": ("2023-03-17T06:00Z", "2023-03-17T07:00Z"),
            },
            "outside",
        ),
        (
            {
                "announced_at": "2023-03-17",
                "zone": "UTC",
                "announced_between": ("2023-03-16T06:00Z", "2023-03-18T07:00Z"),
            },
            "a date beside an interval",
        ),
    ],
)
def test_intervals_that_make_no_sense(given: dict[str, object], problem: str) -> None:
    with pytest.raises(EventError, match=problem):
        build_event(entry(**given), "x")


def test_an_ad_hoc_event_has_a_stable_and_harmless_id() -> None:
    first = ad_hoc("<script>alert('Ü')</script> ../../etc", "2023-03-17T07:00Z", None, ["A"])
    again = ad_hoc("<script>alert('Ü')</script> ../../etc", "2023-03-17T07:00Z", None, ["A"])
    other = ad_hoc("<script>alert('Ü')</script> ../../etc", "2023-03-17T08:00Z", None, ["A"])
    assert first.event_id == again.event_id != other.event_id
    assert set(first.event_id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert first.title == "<script>alert('Ü')</script> ../../etc"


@pytest.mark.parametrize("title", ["", "x" * 301, "two\nlines"])
def test_titles_that_are_none(title: str) -> None:
    with pytest.raises(EventError, match=r"^--title: not a title"):
        ad_hoc(title, "2023-03-17T07:00Z", None, ["A"])


@pytest.mark.parametrize(
    ("at", "zone", "between", "start"),
    [
        ("2023-03-17T07:00", None, None, "--at: a time without a zone"),
        ("2023-03-17", "Peking", None, "--zone: unknown time zone (got 'Peking'); use an IANA name"),
        ("", None, ("2023-03-17T07:00Z", "2023-03-17T06:00Z"), "--between: the interval ends"),
        ("", None, ("2023-03-17T07:00Z", "noon"), "--between[1]: not an ISO 8601"),
        ("", None, None, "--at: when was it announced?"),
    ],
)
def test_a_mistake_on_the_command_line_names_its_option(
    at: str, zone: str | None, between: tuple[str, str] | None, start: str
) -> None:
    with pytest.raises(EventError) as caught:
        ad_hoc("T", at, zone, ["A"], between)
    assert str(caught.value).startswith(start)
