"""The text of a file that somebody else writes: whole, of bearable size, and UTF-8."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from eventstudy.errors import EventError
from eventstudy.tables.content import name_of

# An announcement takes some 200 bytes; this is a quarter of a million of them.
LARGEST = 64 * 1024 * 1024

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """All of `path`.

    Raises
    ------
    EventError
        When it cannot be read, is too large, or changed while it was read.
    """
    name = name_of(path)
    try:
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            raise EventError("not a file", where=name, remedy="a pipe or a device is not read; write a file")
        if before.st_size > largest:
            raise EventError(
                f"larger than {largest // 2**20} MB", where=name, value=before.st_size, remedy="split the file"
            )
        with path.open("rb") as file:
            raw = file.read(largest + 1)
        after = path.stat()
    except OSError as error:
        raise EventError(error.strerror or str(error), where=name, remedy="check the path and its rights") from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(raw) != after.st_size:
        raise EventError("changed while it was read", where=name, remedy="it is read again next time")
    return raw


def read_text(path: Path, largest: int = LARGEST) -> str:
    """The text of `path`, without a byte order mark.

    Raises
    ------
    EventError
        As of `read_bytes`, and when it is not UTF-8; names the line.
    """
    name, raw = name_of(path), read_bytes(path, largest)
    if raw.startswith(_UTF16):
        raise EventError("this is UTF-16", where=f"{name}:1", remedy="save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        bad = raw[error.start : error.start + 1]
        raise EventError("not UTF-8", where=f"{name}:{line}", value=bad, remedy="save the file as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise EventError("holds a zero byte", where=f"{name}:{line}", remedy="save it as plain text")
    return text
