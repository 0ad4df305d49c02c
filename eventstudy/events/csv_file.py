"""Announcements in a CSV file: a line each under a line of names."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

from eventstudy.config.feeds import FeedConfig
from eventstudy.errors import EventError
from eventstudy.events.items import Reading, fields_of, make_item, unique
from eventstudy.events.text import name_of, read_text

MOST_BROKEN = 100  # lines with broken quotes; behind each of them the rest is read anew


def read_csv(path: Path, feed: FeedConfig, assets: Collection[str], _now: object = None) -> Reading:
    """Every line of the file; one that is wrong is a problem and stops no other.

    Comma, semicolon or tab between the cells, whichever the first line has most of. Columns are called like the
    keys of an event in the settings, unless the feed says otherwise; lists have ``|`` or ``;`` between their parts.
    """
    reading = Reading()
    try:
        text = read_text(path)
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        _read_rows(_rows(text, separator, name_of(path)), name_of(path), feed, assets, reading)
    except EventError as error:
        reading.refuse(error)
    return unique(reading)


def _rows(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str] | EventError]]:
    """Each row with the number of its first line; one whose quotes are broken costs that line alone."""
    lines = io.StringIO(text, newline="").readlines()
    start, broken = 0, 0
    while start < len(lines):
        rows = csv.reader(lines[start:], delimiter=separator, strict=True)
        began = 0
        try:
            for cells in rows:
                yield start + began + 1, cells
                began = rows.line_num
            return
        except csv.Error as error:
            broken += 1
            place, remedy = f"{name}:{start + began + 1}", "mend the quotes of this line"
            if broken > MOST_BROKEN:
                raise EventError("too many broken lines; the rest is not read", where=place, remedy=remedy) from None
            yield start + began + 1, EventError(f"cannot be read: {error}", where=place, remedy=remedy)
            start += began + 1  # a quote that does not end would take all that follows with it


def _read_rows(
    rows: Iterator[tuple[int, list[str] | EventError]],
    name: str,
    feed: FeedConfig,
    assets: Collection[str],
    reading: Reading,
) -> None:
    heads: list[str] = []
    places: dict[str, int] = {}
    for line, cells in rows:
        if isinstance(cells, EventError):
            if not heads:
                raise cells
            reading.refuse(cells)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not heads:
            heads = [cell.strip() for cell in cells]
            places = _places(heads, feed, f"{name}:{line}")
            continue
        if len(cells) != len(heads):
            problem, remedy = f"{len(cells)} cells under {len(heads)} names", "put quotes around a text with separators"
            reading.refuse(EventError(problem, where=f"{name}:{line}", remedy=remedy))
            continue
        said = {key: cells[position].strip() for key, position in places.items()}
        try:
            reading.items.append(make_item(said, f"{name}:{line}", feed, assets))
        except EventError as error:
            reading.refuse(error, said["id"])
    if not heads:
        raise EventError("holds no line of names", where=f"{name}:1", remedy="write id,title,announced_at,assets")


def _places(heads: list[str], feed: FeedConfig, where: str) -> dict[str, int]:
    twice = next((head for i, head in enumerate(heads) if head and head in heads[:i]), None)
    if twice:
        raise EventError("this name stands twice", where=where, value=twice, remedy="rename one of the columns")
    found = fields_of(heads, feed.columns, where)
    for key in ("id", "title"):
        if key not in found:
            raise EventError(
                f"there is no column {key!r}", where=where, value=heads, remedy="add it, or name it in `columns:`"
            )
    return {key: heads.index(head) for key, head in found.items()}
