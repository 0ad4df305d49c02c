"""Calendar files, as Google, Outlook, Apple and statistical offices write them."""

from __future__ import annotations

import time

import pytest

from tests.support.feeds import drop, problems, read, times

# A zone of the file's own, as Outlook defines one, under a name that is nobody else's.
OWN_ZONE = """\
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*entries: str, head: str = "", own: str = "") -> str:
    """A calendar of entries, each with a UID and a summary of its own unless it says one."""
    out = ["BEGIN:VCALENDAR", "VERSION:2.0", *head.splitlines(), *own.splitlines()]
    for number, entry in enumerate(entries):
        out.append("BEGIN:VEVENT")
        out += [] if "UID:" in entry else [f"UID:e{number}"]
        out += [] if "SUMMARY" in entry else [f"SUMMARY:Entry {number}"]
        out += [*entry.splitlines(), "END:VEVENT"]
    return "\r\n".join([*out, "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    ("start", "zone", "expected"),
    [
        ("DTSTART:20230317T070000Z", None, "2023-03-17T07:00:00Z"),
        ("DTSTART;TZID=Asia/Shanghai:20230317T150000", None, "2023-03-17T07:00:00Z"),
        ('DTSTART;TZID="America/New_York":20230317T093000', None, "2023-03-17T13:30:00Z"),
        ("DTSTART;TZID=/example.org/20240101_1/Europe/Berlin:20220310T134500", None, "2022-03-10T12:45:00Z"),
        ("DTSTART;TZID=Customized Time Zone:20230710T143000", None, "2023-07-10T12:30:00Z"),
        ("DTSTART;TZID=Customized Time Zone:20230110T143000", None, "2023-01-10T13:30:00Z"),
        ("DTSTART:20230317T150000", "Asia/Shanghai", "2023-03-17T07:00:00Z"),
        ("DTSTART;VALUE=DATE:20220204", "Asia/Shanghai", "2022-02-03T16:00:00Z 2022-02-04T15:59:59Z"),
        ("DTSTART;VALUE=DATE:20220204\nDTEND;VALUE=DATE:20220205", "UTC", "2022-02-04T00:00:00Z 2022-02-04T23:59:59Z"),
        ("DTSTART;VALUE=DATE:20220204\nDTEND;VALUE=DATE:20220207", "UTC", "2022-02-04T00:00:00Z 2022-02-06T23:59:59Z"),
        # the two days on which New York changes its clocks
        ("DTSTART;VALUE=DATE:20230312", "America/New_York", "2023-03-12T05:00:00Z 2023-03-13T03:59:59Z"),
        ("DTSTART:20230317T070000Z\nDTEND:20230317T080000Z", None, "2023-03-17T07:00:00Z"),
    ],
)
def test_times(tmp_path, start, zone, expected):
    found = read(drop(tmp_path, "a.ics", calendar(start, own=OWN_ZONE)), zone=zone)
    assert problems(found) == []
    assert times(found) == {"e0": expected}


def test_the_calendar_may_name_its_zone(tmp_path):
    text = calendar("DTSTART:20230317T150000", head="X-WR-TIMEZONE:Asia/Shanghai")
    assert times(read(drop(tmp_path, "a.ics", text))) == {"e0": "2023-03-17T07:00:00Z"}


def test_the_place_of_a_zone_of_the_files_own_is_its_iana_name(tmp_path):
    own = OWN_ZONE.replace("BEGIN:STANDARD", "X-LIC-LOCATION:Europe/Berlin\nBEGIN:STANDARD", 1)
    text = calendar("DTSTART;TZID=Customized Time Zone:20230710T143000", own=own)
    assert read(drop(tmp_path, "a.ics", text)).items[0].event.zone == "Europe/Berlin"


def test_folded_lines_and_escaped_text(tmp_path):
    entry = (
        "UID:abc@example.org\nSUMMARY;LANGUAGE=de:Sitzung\\, Press\n ekonferenz\\; und\\n\tmehr\n"
        "DESCRIPTION:one\\\\two\\nthree\nCATEGORIES:ecb,rates\\, policy\nCATEGORIES:eur\nURL:https://example.org/a\n"
        "X-EVENTSTUDY-ASSETS:EURUSD,USDCNY\nDTSTART:20230317T070000Z\n"
        "BEGIN:VALARM\nSUMMARY:not this\nTRIGGER:-PT15M\nEND:VALARM"
    )
    found = read(drop(tmp_path, "a.ics", calendar(entry)))
    assert problems(found) == []
    event = found.items[0].event
    assert event.title == "Sitzung, Pressekonferenz; und mehr"
    assert event.note == "one\\two\nthree"
    assert event.tags == ("ecb", "rates, policy", "eur")
    assert (event.url, event.assets) == ("https://example.org/a", ("EURUSD", "USDCNY"))
    assert event.event_id.startswith("abc-example-org-")


def test_a_letter_folded_between_its_bytes_is_whole_again(tmp_path):
    text = calendar("SUMMARY:Fran\n kreich Ü\nDTSTART:20230317T070000Z")
    assert read(drop(tmp_path, "a.ics", text)).items[0].event.title == "Frankreich Ü"


def test_the_uid_stays_when_everything_else_moves(tmp_path):
    one = read(drop(tmp_path, "a.ics", calendar("UID:u@x\nDTSTART:20230317T070000Z")))
    two = read(drop(tmp_path, "b.ics", calendar("UID:u@x\nSUMMARY:Moved\nDTSTART:20230401T070000Z\nSEQUENCE:1")))
    assert one.items[0].event_id == two.items[0].event_id


def test_of_two_versions_the_higher_sequence_counts(tmp_path):
    text = calendar(
        "UID:u\nSEQUENCE:2\nDTSTART:20230317T090000Z",
        "UID:u\nSEQUENCE:1\nDTSTART:20230317T070000Z",
        "UID:u\nSEQUENCE:3\nDTSTART:20230317T100000Z",
    )
    found = read(drop(tmp_path, "a.ics", text))
    assert (times(found), problems(found)) == ({"u": "2023-03-17T10:00:00Z"}, [])


@pytest.mark.parametrize(
    ("entry", "head"),
    [("UID:u\nSTATUS:CANCELLED\nDTSTART:20230317T070000Z", ""), ("UID:u\nDTSTART:20230317T070000Z", "METHOD:CANCEL")],
)
def test_what_is_called_off(tmp_path, entry, head):
    found = read(drop(tmp_path, "a.ics", calendar(entry, head=head)))
    assert [(item.event_id, item.is_cancelled) for item in found.items] == [("u", True)]


def test_one_date_of_a_series_is_an_event_of_its_own(tmp_path):
    text = calendar(
        "UID:u\nRECURRENCE-ID:20230310T070000Z\nDTSTART:20230310T080000Z",
        "UID:u\nRECURRENCE-ID:20230317T070000Z\nDTSTART:20230317T070000Z",
    )
    found = read(drop(tmp_path, "a.ics", text))
    assert problems(found) == []
    assert len(times(found)) == 2


def test_each_bad_entry_is_named_and_stops_no_other(tmp_path):
    text = calendar(
        "DTSTART:20230317T070000Z",
        "DTSTART:20230317T070000Z\nRRULE:FREQ=HOURLY",
        "DTSTART:20230317T070000",
        "DTSTART;TZID=Mars:20230317T070000",
        "DTSTART;TZID=America/New_York:20230312T023000",
        "DTSTART;TZID=Customized Time Zone:20230326T023000",
        "DTSTART:20230230T070000Z",
        "DTSTART;VALUE=DATE:20230317",
        "DESCRIPTION:no start",
        "UID:\nDTSTART:20230317T070000Z",
        f"SUMMARY:{'x' * 301}\nDTSTART:20230317T070000Z",
        "DTSTART:20230318T070000Z",
        own=OWN_ZONE,
    )
    found = read(drop(tmp_path, "a.ics", text))
    assert list(times(found)) == ["e0", "e11"]
    parts = [
        "RRULE: not a rule by the day or more (got 'FREQ=HOURLY')",
        "DTSTART: a time without a zone",
        "DTSTART: unknown time zone (got 'Mars')",
        "announced_at: daylight saving skips",
        "DTSTART: daylight saving skips or repeats",
        "DTSTART: not a time of a calendar (got '20230230T070000Z')",
        "announced_at: a date without a zone",
        "DTSTART: when was it announced?",
        "UID: an entry needs a UID",
        "title: not a title",
    ]
    assert [part for part, line in zip(parts, problems(found), strict=True) if part not in line] == []
    lines = [int(line.split(":")[1]) for line in problems(found)]
    assert lines == sorted(lines)
    assert text.splitlines()[lines[0] - 1] == "BEGIN:VEVENT"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "a.ics:1: holds no calendar"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n", "a.ics:2: VEVENT does not end"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "a.ics:3: ends what did not begin"),
        ("BEGIN:VCALENDAR\nhello there\nEND:VCALENDAR\n", "a.ics:2: not a line of a calendar (got 'hello there')"),
        ("id,title\n1,2\n", "a.ics:1: not a line of a calendar"),
        ("VERSION:2.0\n", "a.ics:1: stands outside a calendar"),
        (b"BEGIN:VCALENDAR\nSUMMARY:\xdc\nEND:VCALENDAR\n", "a.ics:2: not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path, text, start):
    found = read(drop(tmp_path, "a.ics", text))
    assert [line[: len(start)] for line in problems(found)] == [start]
    assert (found.items, found.is_whole) == ([], False)


def test_a_line_that_is_none_costs_its_own_entry_alone(tmp_path):
    good = "DTSTART:20230317T070000Z"
    found = read(drop(tmp_path, "a.ics", calendar(good, f"{good}\nUID:bad\nno line of a calendar", good)))
    assert list(times(found)) == ["e0", "e2"]
    (line,) = problems(found)
    assert line.startswith("a.ics:12: not a line of a calendar")
    assert found.refused == {"bad"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=SECONDLY"),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=YEARLY;BYSECOND=1,2,3"),
        ("TZOFFSETFROM:+0200", "TZOFFSETFROM:+9999"),
        ("TZOFFSETTO:+0100", "TZOFFSETTO:+9999"),
    ],
)
def test_a_hostile_zone_is_refused_at_once_and_stops_no_other_entry(tmp_path, old, new):
    own = OWN_ZONE.replace(old, new)
    entries = ("DTSTART;TZID=Customized Time Zone:20230710T143000", "DTSTART:20230317T070000Z")
    began = time.monotonic()
    found = read(drop(tmp_path, "a.ics", calendar(*entries, own=own)))
    assert time.monotonic() - began < 5
    assert "e1" in times(found)
    assert len(problems(found)) + len(found.items) == 2


# --- entries that repeat --------------------------------------------------------------------------------------------

# A monthly meeting of a bank in Frankfurt, across the change of the clocks; the dates were read off a calendar.
MEETING = "UID:m\nDTSTART;TZID=Europe/Berlin:20230302T141500\nRRULE:FREQ=MONTHLY;BYDAY=1TH;COUNT=4"


def dates(found) -> list[str]:
    return sorted(times(found).values())


def test_an_entry_that_repeats_is_an_event_for_each_of_its_dates(tmp_path):
    found = read(drop(tmp_path, "a.ics", calendar(MEETING)))
    assert problems(found) == []
    assert dates(found) == [
        "2023-03-02T13:15:00Z",
        "2023-04-06T12:15:00Z",
        "2023-05-04T12:15:00Z",
        "2023-06-01T12:15:00Z",
    ]
    assert {item.place for item in found.items} == {"a.ics:3"}


def test_a_moved_date_is_a_new_version_of_the_same_event(tmp_path):
    before = read(drop(tmp_path, "a.ics", calendar(MEETING)))
    moved = "UID:m\nRECURRENCE-ID;TZID=Europe/Berlin:20230406T141500\nDTSTART:20230407T080000Z\nSEQUENCE:1"
    after = read(drop(tmp_path, "a.ics", calendar(MEETING, moved)))
    assert problems(after) == []
    assert {k for k, v in times(before).items() if v == "2023-04-06T12:15:00Z"} == {
        k for k, v in times(after).items() if v == "2023-04-07T08:00:00Z"
    }
    assert set(times(before)) == set(times(after))


def test_the_way_a_date_is_written_is_no_part_of_its_identity(tmp_path):
    ways = ["RECURRENCE-ID;TZID=Europe/Berlin:20230406T141500", "RECURRENCE-ID:20230406T121500Z"]
    found = [read(drop(tmp_path, "a.ics", calendar(f"UID:m\n{way}\nDTSTART:20230407T080000Z"))) for way in ways]
    assert len({tuple(times(one)) for one in found}) == 1
    assert set(times(found[0])) <= set(times(read(drop(tmp_path, "b.ics", calendar(MEETING)))))


def test_dates_are_added_taken_out_and_called_off(tmp_path):
    entry = f"{MEETING}\nRDATE:20230420T120000Z\nEXDATE;TZID=Europe/Berlin:20230504T141500"
    off = "UID:m\nRECURRENCE-ID:20230601T121500Z\nDTSTART:20230601T121500Z\nSTATUS:CANCELLED"
    found = read(drop(tmp_path, "a.ics", calendar(entry, off)))
    (gone,) = [item for item in found.items if item.is_cancelled]
    found.items.remove(gone)
    assert dates(found) == ["2023-03-02T13:15:00Z", "2023-04-06T12:15:00Z", "2023-04-20T12:00:00Z"]
    assert problems(found) == []


def test_all_dates_from_one_on_can_be_moved_and_each_keeps_its_identity(tmp_path):
    later = "UID:m\nRECURRENCE-ID;RANGE=THISANDFUTURE:20230504T121500Z\nDTSTART:20230504T141500Z"
    before, after = (read(drop(tmp_path, "a.ics", calendar(*entries))) for entries in ((MEETING,), (MEETING, later)))
    assert dates(after)[2:] == ["2023-05-04T14:15:00Z", "2023-06-01T14:15:00Z"]
    assert set(times(before)) == set(times(after))


def test_a_rule_without_end_is_followed_to_the_horizon(tmp_path):
    text = calendar("DTSTART;VALUE=DATE:20261106\nRRULE:FREQ=WEEKLY")
    near, far = (read(drop(tmp_path, "a.ics", text), zone="UTC", horizon=horizon) for horizon in ("1d", "40d"))
    assert dates(near) == [f"2026-11-{day:02}T00:00:00Z 2026-11-{day:02}T23:59:59Z" for day in (6, 13, 20, 27)]
    assert dates(far)[-1] == "2026-12-25T00:00:00Z 2026-12-25T23:59:59Z"
    assert dates(read(drop(tmp_path, "a.ics", text), zone="UTC"))[-1].startswith("2027-11-26")


def test_google_means_its_own_zone_when_it_repeats_in_utc(tmp_path):
    text = calendar("DTSTART:20230321T140000Z\nRRULE:FREQ=WEEKLY;COUNT=2", head="X-WR-TIMEZONE:Europe/Berlin")
    assert dates(read(drop(tmp_path, "a.ics", text))) == ["2023-03-21T14:00:00Z", "2023-03-28T13:00:00Z"]


def test_a_date_that_daylight_saving_skips_stops_no_other(tmp_path):
    text = calendar("DTSTART;TZID=Europe/Berlin:20230325T023000\nRRULE:FREQ=DAILY;COUNT=3")
    found = read(drop(tmp_path, "a.ics", text))
    assert dates(found) == ["2023-03-25T01:30:00Z", "2023-03-27T00:30:00Z"]
    (line,) = problems(found)
    assert "daylight saving skips" in line
    assert len(found.refused) == 1


def test_a_zone_of_the_calendar_that_nobody_knows_costs_the_entries_that_rest_on_it(tmp_path):
    rule = "RRULE:FREQ=DAILY;COUNT=2"
    entries = (f"DTSTART:20230325T023000\n{rule}", f"DTSTART:20230325T023000Z\n{rule}", "DTSTART:20230317T070000Z")
    found = read(drop(tmp_path, "a.ics", calendar(*entries, head="X-WR-TIMEZONE:Mars")))
    assert times(found) == {"e2": "2023-03-17T07:00:00Z"}
    assert all("unknown time zone (got 'Mars')" in line for line in problems(found))
    assert not found.is_whole


def test_outlook_names_zones_as_windows_does(tmp_path):
    text = calendar("DTSTART;TZID=W. Europe Standard Time:20230710T143000")
    found = read(drop(tmp_path, "a.ics", text))
    assert times(found) == {"e0": "2023-07-10T12:30:00Z"}
    assert found.items[0].event.zone == "Europe/Berlin"


def test_a_zone_of_one_file_is_not_that_of_another(tmp_path):
    entry = "DTSTART;TZID=Customized Time Zone:20230110T143000"
    other = OWN_ZONE.replace("+0100", "+0500").replace("+0200", "+0600")
    assert times(read(drop(tmp_path, "a.ics", calendar(entry, own=OWN_ZONE)))) == {"e0": "2023-01-10T13:30:00Z"}
    assert times(read(drop(tmp_path, "b.ics", calendar(entry, own=other)))) == {"e0": "2023-01-10T09:30:00Z"}


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("RRULE:FREQ=SECONDLY", "not a rule by the day or more"),
        ("RRULE:FREQ=DAILY;INTERVAL=0", "not a rule by the day or more"),
        ("RRULE:BYDAY=MO", "not a rule by the day or more"),
        (f"RRULE:FREQ=DAILY;BYSECOND={','.join(map(str, range(60)))}", "may fall on more than 500,000 days"),
        (f"RRULE:FREQ=YEARLY;BYYEARDAY={','.join(['1'] * 1000)}", "a rule that is too long"),
        ("RRULE:FREQ=DAILY;COUNT=soon", "not a value of a calendar"),
        ("RDATE:20230230T070000Z", "not a time of a calendar"),
        ("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY", "a rule of exceptions is not followed"),
        ("DURATION:P99999999D\nRRULE:FREQ=DAILY;COUNT=2", "a rule that cannot be followed"),
    ],
)
def test_a_hostile_rule_is_refused_at_once_and_stops_no_other_entry(tmp_path, rule, problem):
    began = time.monotonic()
    found = read(drop(tmp_path, "a.ics", calendar(f"DTSTART:20000101T070000Z\n{rule}", "DTSTART:20230317T070000Z")))
    assert time.monotonic() - began < 5
    assert list(times(found)) == ["e1"]
    (line,) = problems(found)
    assert line.startswith("a.ics:3: ")
    assert problem in line
    assert not found.is_whole  # its dates are not known, so none of them is gone


def test_rules_that_no_day_fits_end_with_the_patience(tmp_path, monkeypatch):
    monkeypatch.setattr("eventstudy.events.ics.PATIENCE", 0.5)
    never = "DTSTART:20260101T070000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    began = time.monotonic()
    found = read(drop(tmp_path, "a.ics", calendar(*[never] * 400, "DTSTART:20230317T070000Z")))
    assert time.monotonic() - began < 30
    assert "e400" in times(found)
    assert "take too long" in problems(found)[-1]
    assert not found.is_whole
