"""The bytes of a file: read whole, unpacked within bounds, and in UTF-8 where they are text."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from eventstudy.errors import DataError

SUFFIXES = (".csv", ".txt", ".tsv", ".gz", ".zip", ".parquet", ".pq", ".xlsx", ".xls", ".dta")
Kind = Literal["text", "excel", "parquet", "stata"]

# What a packed file may become: a table shrinks to a tenth or a twentieth, a bomb to a thousandth.
ALWAYS = 64 * 2**20
TIMES = 100
LARGEST = 2 * 2**30
CHUNK = 2**20
HALVES = 64  # bytes that are zero, one in two, of UTF-16 that does not say so

_ENCODINGS = {
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western European)",
    "cp932": "Shift-JIS (Japanese)",
    "latin-1": "Latin-1",
}
_CYRILLIC = re.compile("[А-Яа-яЁё][а-яё]{3}")  # four in a row, as in no other language
# What the bytes of other files begin with, and what those are.
_OTHERS = {
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"7z\xbc\xaf": "packed by 7-Zip",
    b"Rar!": "packed by RAR",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3\0": "a database of SQLite",
    b"ARROW1": "an Arrow file",
    b"\x89HDF": "an HDF5 file",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_BESIDE = (
    "readme",
    "license",
    "licence",
    "lizenz",
    "terms",
)  # how the names of texts begin that are packed with a table
_NO_TABLE = (".pdf", ".html", ".htm", ".xml", ".md", ".rtf", ".doc", ".docx", ".png", ".jpg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file holds.

    Attributes
    ----------
    name : str
        Names it in errors.
    data : bytes
        Unpacked; text is UTF-8 without a byte order mark.
    kind : {"text", "excel", "parquet", "stata"}
    notes : tuple of str
        What was guessed.
    """

    name: str
    data: bytes
    kind: Kind
    notes: tuple[str, ...] = ()


def tables_in(folder: Path) -> list[Path]:
    """The tables of a folder, by their names."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))


def load(path: Path) -> Content:
    """The content of a file.

    Raises
    ------
    DataError
        When it cannot be unpacked within bounds, or is neither text nor a table of a kind that is known.
    OSError
        When it cannot be read.
    """
    with path.open("rb") as file:
        is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        data = file.read() if is_file else file.read(LARGEST + 1)
    if not is_file and len(data) > LARGEST:
        raise DataError(f"more than {LARGEST // 2**20} MB out of a pipe", where=name_of(path), remedy="write a file")
    return unpack(data, name_of(path))


def name_of(path: Path) -> str:
    """The name of a file as a database, a page and a terminal can show it, whatever bytes it is made of."""
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    return name if name.isprintable() else name.encode("unicode_escape").decode()


def unpack(data: bytes, name: str) -> Content:
    """The content of the bytes of a file; see `load`."""
    if data.startswith(b"\x1f\x8b"):
        data = _gunzip(data, name)
    elif data.startswith(b"PK"):
        data = _unzip(data, name)
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return Content(name=name, data=data, kind="excel")
    if data.startswith(b"PAR1"):
        return Content(name=name, data=data, kind="parquet")
    if data.startswith(b"<stata_dta>") or (data[:1] in (b"\x71", b"\x72", b"\x73") and data[1:3] in (b"\1\1", b"\2\1")):
        return Content(name=name, data=data, kind="stata")
    other = next((words for sign, words in _OTHERS.items() if data.startswith(sign)), "")
    if other:
        remedy = "unpack it, and give the table" if "packed" in other else "give the table as CSV or xlsx"
        raise DataError(f"{other}, and no table", where=name, remedy=remedy)
    text, notes = _utf8(data, name)
    return Content(name=name, data=text, kind="text", notes=notes)


def _allowed(packed: int) -> int:
    return min(LARGEST, max(ALWAYS, TIMES * packed))


def _too_large(packed: int, name: str) -> DataError:
    return DataError(
        f"it unpacks to more than {_allowed(packed) // 2**20} MB, which no table of {packed:,} packed bytes does",
        where=name,
        remedy="if it is one all the same, unpack it yourself and give the file that comes out: that has no limit",
    )


def _bounded(file: IO[bytes] | gzip.GzipFile, packed: int, name: str) -> bytes:
    parts, size = [], 0
    while part := file.read(CHUNK):
        size += len(part)
        if size > _allowed(packed):
            raise _too_large(packed, name)
        parts.append(part)
    return b"".join(parts)


def _gunzip(data: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return _bounded(file, len(data), name)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"the gzip file cannot be read ({error})", where=name, remedy="pack it again") from error


def _unzip(data: bytes, name: str) -> bytes:
    """The only table of an archive; a workbook, which is an archive too, as it stands."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if not members:
                raise zipfile.BadZipFile("it is empty")
            if sum(member.file_size for member in members) > _allowed(len(data)):
                raise _too_large(len(data), name)
            if any(member.filename in _WORKBOOKS for member in members):
                for member in members:  # the sizes that it states may be untrue
                    with archive.open(member) as file:
                        _bounded(file, len(data), name)
                return data
            tables = [m for m in members if not m.is_dir() and _may_be_table(m.filename)]
            if len(tables) != 1:
                known = ", ".join(m.filename for m in tables[:5]) or "none"
                raise DataError(
                    "the zip archive must hold one table", where=name, value=known, remedy="unpack it, and give one"
                )
            with archive.open(tables[0]) as file:
                return _bounded(file, len(data), name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"the zip archive cannot be read ({error})", where=name, remedy="fetch it again") from error


def _may_be_table(name: str) -> bool:
    last = name.rpartition("/")[2]
    return (
        not last.lower().startswith((".", *_BESIDE)) and "__MACOSX" not in name and not last.lower().endswith(_NO_TABLE)
    )


def _utf8(data: bytes, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Text of any usual encoding as UTF-8, and what was guessed."""
    notes: tuple[str, ...] = ()
    if data.startswith(_UTF16):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            raise DataError("UTF-16 that is cut short or damaged", where=name, remedy="save it as UTF-8") from None
    elif data[1::2][:HALVES] == b"\0" * len(data[1::2][:HALVES]) and len(data) > 1:
        data = data.decode("utf-16-le", "replace").encode()  # as some programs of Windows write it
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            if not data.decode("utf-8", "ignore").isascii():
                raise DataError(
                    "neither UTF-8 nor another encoding throughout",
                    where=f"{name}, line {_line(data, error.start)}",
                    value=data[error.start : error.start + 1],
                    remedy="save the file as UTF-8",
                ) from None
            encoding = next(encoding for encoding in _ENCODINGS if _is_in(encoding, data))
            data, notes = data.decode(encoding).encode(), (f"{name}: not UTF-8; read as {_ENCODINGS[encoding]}",)
    if b"\0" in data:
        place = f"{name}, line {_line(data, data.index(0))}"
        raise DataError("holds a zero byte, so it is no text", where=place, remedy="save it as text (CSV) in UTF-8")
    return data, notes


def _is_in(encoding: str, data: bytes) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return encoding != "cp1251" or _CYRILLIC.search(text) is not None


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
