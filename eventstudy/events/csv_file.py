"""Announcements in a table: a line each under a line of names, in a CSV file or any other that is understood."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

from eventstudy.config.feeds import FeedConfig
from eventstudy.errors import DataError, EventError
from eventstudy.events.items import Reading, fields_of, make_item, unique
from eventstudy.events.text import read_bytes
from eventstudy.tables.content import Content, name_of, unpack
from eventstudy.tables.options import Options
from eventstudy.tables.reading import as_written, table_of
from eventstudy.tables.text import HEAD, delimiter_of

MOST_BROKEN = 100  # lines with broken quotes; behind each of them the rest is read anew


def read_csv(path: Path, feed: FeedConfig, assets: Collection[str], _now: object = None) -> Reading:
    """Every line of the file; one that is wrong is a problem and stops no other.

    Columns are called like the keys of an event in the settings, unless the feed says otherwise; lists have ``|`` or
    ``;`` between their parts.
    """
    reading = Reading()
    try:
        content = unpack(read_bytes(path), name_of(path))
        reading.notes += content.notes
        _read_rows(_lines(content), name_of(path), feed, assets, reading)
    except DataError as error:
        where = error.where.replace(", line ", ":").replace(", row ", ":")
        reading.refuse(EventError(error.problem, where=where, value=error.value, remedy=error.remedy))
    except EventError as error:
        reading.refuse(error)
    return unique(reading)


def names_in(path: Path) -> list[str]:
    """The names of the columns of a file."""
    _, first = next(_lines(unpack(read_bytes(path), name_of(path))), (1, []))
    return [] if isinstance(first, EventError) else [cell.strip() for cell in first]


def _lines(content: Content) -> Iterator[tuple[int, list[str] | EventError]]:
    """Line and cells of every row, names first."""
    if content.kind == "text":
        text = content.data.decode()
        yield from _rows(text, delimiter_of(text[:HEAD]), content.name)
        return
    table = table_of(content, Options(), as_text=True)
    yield 1, list(table.header)
    cells = table.frame.map(as_written).to_numpy(dtype=object).tolist()
    for row, values in zip(table.frame.index.tolist(), cells, strict=True):
        yield row + 1, ["" if value is None else value for value in values]


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
