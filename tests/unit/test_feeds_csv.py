"""CSV files of announcements, as people and programs write them."""

from __future__ import annotations

import gzip

import pytest

from tests.support.feeds import drop, problems, read, times

HEAD = "id,title,announced_at,zone,assets,tags\n"


def test_a_plain_file(tmp_path):
    text = (
        f"{HEAD}visit,A visit,2023-03-17T07:00Z,,USDCNY|EURUSD,china; russia\nday,A day,2022-02-04,Asia/Shanghai,,\n\n"
    )
    found = read(drop(tmp_path, "a.csv", text), tags=["desk"])
    assert problems(found) == []
    assert found.is_whole
    assert times(found) == {
        "visit": "2023-03-17T07:00:00Z",
        "day": "2022-02-03T16:00:00Z 2022-02-04T15:59:59Z",
    }
    visit, day = (item.event for item in found.items)
    assert (visit.assets, visit.tags) == (("USDCNY", "EURUSD"), ("desk", "china", "russia"))
    assert (day.assets, day.tags, day.zone) == (("USDCNY",), ("desk",), "Asia/Shanghai")
    assert [item.place for item in found.items] == ["a.csv:2", "a.csv:3"]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfid,title,announced_at\r\nx,\xc3\x9cber,2023-03-17T07:00Z\r\n",
        "id;title;announced_at\nx;Über;2023-03-17T07:00Z",
        "id\ttitle\tannounced_at\nx\tÜber\t2023-03-17T07:00Z\n",
        "event_id,title,announced_at,asset,vendor_code\nx,Über,2023-03-17T07:00Z,USDCNY,99\n",
        'id,title,announced_at\nx,"Über",2023-03-17T07:00Z\n',
        "ID,Title,Announced At\nx,Über,2023-03-17T07:00Z\n",
        "id\ttitle\tannounced_at\nx\tÜber\t2023-03-17T07:00Z\n".encode("utf-16"),
        "id;title;announced_at\nx;Über;2023-03-17T07:00Z\n".encode("cp1252"),
        gzip.compress("id,title,announced_at\nx,Über,2023-03-17T07:00Z\n".encode()),
    ],
    ids=[
        "byte order mark and CRLF",
        "semicolon",
        "tab",
        "aliases and a column of the vendor's",
        "quotes",
        "capitals",
        "UTF-16",
        "Windows-1252",
        "gzip",
    ],
)
def test_the_same_in_other_dress(tmp_path, text):
    found = read(drop(tmp_path, "a.csv", text))
    assert problems(found) == []
    assert [(item.event.title, item.event.event_id) for item in found.items] == [("Über", "x")]


def test_columns_of_other_names_and_an_interval(tmp_path):
    text = "Ref,Headline,From,To\nA-1,Vote,2016-06-23 22:00,2016-06-24 05:00\n"
    columns = {"id": "Ref", "title": "Headline", "earliest": "From", "latest": "To"}
    found = read(drop(tmp_path, "a.csv", text), columns=columns, zone="Europe/London")
    assert problems(found) == []
    (item,) = found.items
    assert times(found) == {item.event_id: "2016-06-23T21:00:00Z 2016-06-24T04:00:00Z"}
    assert item.event_id.startswith("a-1-")  # an id of ours must be a slug: the hash keeps it apart from "a.1"


def test_a_row_that_is_called_off_needs_no_time(tmp_path):
    found = read(drop(tmp_path, "a.csv", "id,title,announced_at,status\nx,,,Cancelled\n"))
    assert [(item.event_id, item.is_cancelled) for item in found.items] == [("x", True)]


def test_each_bad_row_is_named_and_stops_no_other(tmp_path):
    rows = [
        "good,Good,2023-03-17T07:00Z,,,",
        "naive,Naive,2023-03-17T07:00,,,",
        "american,American,03/17/2023,,,",
        "gap,Gap,2023-03-12T02:30,America/New_York,,",
        "twice,Twice,2023-11-05T01:30,America/New_York,,",
        "mars,Mars,2023-03-17T07:00,Mars/Olympus,,",
        "asset,Asset,2023-03-17T07:00Z,,USDCNH,",
        ",No id,2023-03-17T07:00Z,,,",
        "untitled,,2023-03-17T07:00Z,,,",
        "never,Never,,,,",
        "cells,Too,many,cells,in,this,row",
        "index,Reserved,2023-03-17T07:00Z,,,",
        "good,Again,2023-03-17T08:00Z,,,",
        '"multi\nline",A row of two lines,2023-03-17T07:00Z,,,',
        "last,Last,2023-03-17T09:00Z,,,",
    ]
    found = read(drop(tmp_path, "a.csv", HEAD + "\n".join(rows) + "\n"))
    good, two_lines, last = times(found)
    assert (good, last) == ("good", "last")
    assert two_lines.startswith("multi-line-")
    starts = [
        "a.csv:3: announced_at: a time without a zone",
        "a.csv:4: announced_at: not an ISO 8601",
        "a.csv:5: announced_at: daylight saving skips",
        "a.csv:6: announced_at: this local time happens twice",
        "a.csv:7: zone: unknown time zone",
        "a.csv:8: assets: there is no such asset (got 'USDCNH'); did you mean 'USDCNY'?",
        "a.csv:9: id: an entry needs an id",
        "a.csv:10: title: is missing",
        "a.csv:11: when was it announced?",
        "a.csv:12: 7 cells under 6 names",
        "a.csv:13: id: 'index' is the page of all events",
        "a.csv:14: id: this id stands twice; the one of a.csv:2 counts",
    ]
    assert [line[: len(start)] for line, start in zip(problems(found), starts, strict=True)] == starts
    assert all("; " in line for line in problems(found))  # there is a remedy
    assert not found.is_whole  # two rows have no id: any event that is not here may be one of them


def test_a_bad_row_with_an_id_leaves_the_others_countable(tmp_path):
    found = read(drop(tmp_path, "a.csv", "id,title,announced_at\nx,X,soon\ny,Y,2023-03-17T07:00Z\n"))
    assert (found.refused, found.is_whole, list(times(found))) == ({"x"}, True, ["y"])


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "a.csv:1: holds no line of names"),
        ("id,titel,announced_at\n", "a.csv:1: unknown column (got 'titel'); did you mean 'title'?"),
        ("title,announced_at\n", "a.csv:1: there is no column 'id'"),
        ("id,title,title\n", "a.csv:1: this name stands twice"),
        ('id,title,announced_at\nx,"open,2023\n', "a.csv:2: cannot be read: unexpected end of data"),
        ("id,title\nx,Überfü".encode()[:-1] + b"\n", "a.csv:2: neither UTF-8 nor another encoding throughout"),
        ("id,title\nx,y\n".encode("utf-16")[:-1], "a.csv: UTF-16 that is cut short"),
        (b"PK\x03\x04 no archive", "a.csv: the zip archive cannot be read"),
        ("id,title\nx,a\0b\n", "a.csv:2: holds a zero byte"),
        (f"id,title,announced_at\nx,{'y' * 200_000},z\n", "a.csv:2: cannot be read: field larger"),
    ],
    ids=["empty", "misspelt", "no id", "twice", "open quote", "half a character", "UTF-16", "zip", "zero", "huge cell"],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path, text, start):
    found = read(drop(tmp_path, "a.csv", text))
    assert [line[: len(start)] for line in problems(found)] == [start]
    assert (found.items, found.is_whole) == ([], False)


def test_a_line_with_broken_quotes_costs_itself_alone(tmp_path):
    rows = ["id,title,announced_at", *(f"e{i},T,2023-03-17T07:00Z" for i in range(6))]
    rows[2] = 'e1,"never ends,2023-03-17T07:00Z'
    rows[4] = 'e3,"stray" quote,2023-03-17T07:00Z'
    rows[5] = f"e4,{'y' * 200_000},2023-03-17T07:00Z"
    found = read(drop(tmp_path, "a.csv", "\n".join(rows)))
    assert list(times(found)) == ["e0", "e2", "e5"]
    assert [line.partition(": ")[0] for line in problems(found)] == ["a.csv:3", "a.csv:5", "a.csv:6"]
    assert not found.is_whole


def test_a_file_of_broken_quotes_is_given_up_in_bounded_time(tmp_path):
    found = read(drop(tmp_path, "a.csv", "id,title,announced_at\n" + 'x,"y,z\n' * 20_000))
    assert len(problems(found)) == 101
    assert "too many broken lines" in problems(found)[-1]


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    from eventstudy.errors import EventError
    from eventstudy.events.text import read_text

    path = drop(tmp_path, "a.csv", "x" * 3_000_000)
    with pytest.raises(EventError, match="larger than 2 MB"):
        read_text(path, largest=2 * 1024 * 1024)


def test_formulas_and_markup_are_only_text(tmp_path):
    titles = ['=HYPERLINK("http://x";"y")', "@SUM(1)", "<script>alert(1)</script>", "'; drop table events; --"]
    rows = "\n".join(
        f'e{i},"{title.replace(chr(34), chr(34) * 2)}",2023-03-17T07:00Z' for i, title in enumerate(titles)
    )
    found = read(drop(tmp_path, "a.csv", f"id,title,announced_at\n{rows}\n"))
    assert [item.event.title for item in found.items] == titles


def test_a_title_that_would_steer_a_terminal_is_refused(tmp_path):
    found = read(drop(tmp_path, "a.csv", "id,title,announced_at\nx,\x1b[2J,2023-03-17T07:00Z\n"))
    assert problems(found)[0].startswith("a.csv:2: title: not a title (got '\\x1b[2J')")
