"""Announcements in a JSON file: a list of objects, or an object that holds one under ``events``."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Generator, Iterator
from pathlib import Path
from typing import Any

from eventstudy.config.feeds import FeedConfig
from eventstudy.errors import EventError
from eventstudy.events.items import Reading, fields_of, make_item, unique
from eventstudy.events.text import name_of, read_text

_FORM = "write a list of objects, or an object with such a list under `events`"
_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(path: Path, feed: FeedConfig, assets: Collection[str], _now: object = None) -> Reading:
    """Every object of the file; one that is wrong is a problem and stops no other. Keys as in the settings."""
    reading = Reading()
    try:
        text = read_text(path)
        line, at = 1, 0
        for start, value, wrong in _objects(text, name_of(path)):
            line, at = line + text.count("\n", at, start), start
            place = f"{name_of(path)}:{line}"
            try:
                if wrong is not None:
                    raise EventError(wrong.problem, where=place, value=wrong.value, remedy=wrong.remedy)
                if not isinstance(value, dict):
                    raise EventError("not an object", where=place, value=value, remedy=_FORM)
                found = fields_of(list(value), feed.columns, place, required=("id", "title"))
                said = {key: value[name] for key, name in found.items()}
                said |= _interval(value, place) if "announced_between" in value else {}
                reading.items.append(make_item(said, place, feed, assets))
            except EventError as error:
                reading.refuse(error, _name(value, feed) if wrong is None else None)
    except EventError as error:
        where = error.where or name_of(path)
        reading.refuse(EventError(error.problem, where=where, value=error.value, remedy=error.remedy))
    except json.JSONDecodeError as error:
        where = f"{name_of(path)}:{error.lineno}"
        reading.refuse(EventError(f"not JSON: {error.msg}", where=where, remedy="mend the file; it may be cut short"))
    except (RecursionError, ValueError) as error:
        reading.refuse(EventError(f"not JSON that can be read: {error}", where=name_of(path), remedy=_FORM))
    return unique(reading)


def _name(value: Any, feed: FeedConfig) -> object:
    """What an entry calls itself."""
    return value.get(feed.columns.get("id", "id")) if isinstance(value, dict) else None


def _interval(value: dict[str, Any], place: str) -> dict[str, Any]:
    """The two ends of ``announced_between``, as the settings write it."""
    both = value["announced_between"]
    if both is None:
        return {}
    if not isinstance(both, list) or len(both) != 2:
        raise EventError(
            "not two times", where=f"{place}: announced_between", value=both, remedy="write [earliest, latest]"
        )
    return {"earliest": both[0], "latest": both[1]}


Found = tuple[int, Any, EventError | None]  # where an entry starts, the entry, and what is wrong with its JSON


class _Decoder(json.JSONDecoder):
    """Reads one value at a time, and what in it no file of ours may hold: it costs that value alone."""

    def __init__(self) -> None:
        super().__init__(parse_constant=self._no_constant, object_pairs_hook=self._once)
        self._wrong: EventError | None = None

    def read(self, text: str, at: int) -> tuple[Any, int, EventError | None]:
        """The value that starts at `at`, where the text goes on behind it, and what is wrong with it."""
        self._wrong = None
        value, end = self.raw_decode(text, at)
        return value, end, self._wrong

    def _no_constant(self, word: str) -> None:
        self._wrong = EventError("not a number", value=word, remedy="write null, or leave it out")

    def _once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object, whose keys stand once each."""
        out = dict(pairs)
        if len(out) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for i, key in enumerate(names) if key in names[:i])
            self._wrong = EventError("this key stands twice", value=twice, remedy="keep one of the two")
        return out


def _objects(text: str, name: str) -> Iterator[Found]:
    """Each object of the list; the whole text is checked on the way."""
    decoder = _Decoder()
    at = _skip(text, 0)
    if text[at : at + 1] == "[":
        at = yield from _elements(text, at, decoder)
    elif text[at : at + 1] == "{":
        at = yield from _members(text, at, decoder, name)
    else:
        raise EventError("holds no list", where=f"{name}:1", remedy=_FORM)
    if at != len(text):
        raise json.JSONDecodeError("Extra data", text, at)


def _elements(text: str, at: int, decoder: _Decoder) -> Generator[Found, None, int]:
    """Yield each element of the list that starts at `at`; return where the text goes on behind it."""
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return _skip(text, at + 1)
    while True:
        start = at
        value, at, wrong = decoder.read(text, at)
        yield start, value, wrong
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return _skip(text, at + 1)
        at = _skip(text, _expect(text, at, ","))


def _members(text: str, at: int, decoder: _Decoder, name: str) -> Generator[Found, None, int]:
    """As `_elements`, for the list under ``events`` of the object that starts at `at`."""
    at, is_found = _skip(text, at + 1), False
    while text[at : at + 1] != "}":
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        key, at, _ = decoder.read(text, at)
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if key == "events" and text[at : at + 1] == "[" and not is_found:
            is_found = True
            at = yield from _elements(text, at, decoder)
        else:
            _, at, wrong = decoder.read(text, at)
            if wrong is not None:
                raise EventError(wrong.problem, where=f"{name}: {key}", value=wrong.value, remedy=wrong.remedy)
            at = _skip(text, at)
        if text[at : at + 1] != "}":
            at = _skip(text, _expect(text, at, ","))
    if not is_found:
        raise EventError("holds no list", where=f"{name}:1", remedy=_FORM)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # it matches nothing at all, too
    return found.end()


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError(f"Expecting {sign!r} delimiter", text, at)
    return at + 1
