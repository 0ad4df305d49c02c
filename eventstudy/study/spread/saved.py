"""Finished parts in a folder, so that a study that was cut off goes on where it was, and what they were made of."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import mmap
import pickle
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy import __version__
from eventstudy.atomic import put, replacing, sweep
from eventstudy.errors import DataError
from eventstudy.study.clock.part import ClockPart
from eventstudy.study.rows import OF_RESULTS, take_out
from eventstudy.study.samples import CompiledResiduals, Hat
from eventstudy.study.spread.part import Part

FOLDER = "parts"
PLAN = "plan.json"
DIGEST = hashlib.sha256().digest_size
PLACE, COUNT = struct.Struct("<QQ"), struct.Struct("<Q")  # where an array begins and its bytes; how many there are
ALIGNED = 64  # bytes, as numpy has its arrays
CHUNK = 2**20
WHERE = "--resume"
BEGIN_ANEW = "put it back, or leave out --resume to begin anew"
# What arrays and a few containers are made of; nothing else but these and dataclasses of this package is ever loaded.
KNOWN = {
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("builtins", "slice"),
    ("_codecs", "encode"),
    *((made.__module__, made.__name__) for made in (CompiledResiduals, Hat)),
}

Plan = Mapping[str, Any]  # what a study is made of, as JSON has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The folder of the parts of one study.

    Attributes
    ----------
    folder : Path
        Seen by every worker under this name.
    ends : tuple of int
        The last event of each part, and one more.
    """

    folder: Path
    ends: tuple[int, ...]

    @property
    def cuts(self) -> list[slice]:
        """Rows of each part."""
        return [slice(first, last) for first, last in zip((0, *self.ends), self.ends, strict=False)]

    def path(self, number: int) -> Path:
        """The file of a part."""
        return self.folder / f"{number:05d}.part"


def begun(out: Path, plan: Plan, ends: Sequence[int], *, resume: bool) -> Saved:
    """The folder of a study's parts: empty, or with those that are finished.

    Parameters
    ----------
    out : Path
        Where the study will be written.
    plan : mapping
        What it is made of.
    ends : sequence of int
        As of `Saved`; where it goes on, those of the plan that was begun hold.
    resume : bool

    Raises
    ------
    DataError
        When there is nothing to go on with, or it was another study; when the folder cannot be written.
    """
    folder = (out / FOLDER).absolute()
    now = json.loads(json.dumps({"version": __version__, **plan}, default=str))
    if resume:
        known = _plan_in(folder)
        _refuse_other(known["plan"], now)
        return Saved(folder=folder, ends=tuple(known["ends"]))
    try:
        _empty(folder)
        folder.mkdir(parents=True, exist_ok=True)
        put(folder / PLAN, json.dumps({"plan": now, "ends": list(ends)}).encode())
    except OSError as error:
        raise DataError(
            f"cannot be written: {error.strerror or error}", where="--out", value=str(out), remedy="name a folder"
        ) from None
    return Saved(folder=folder, ends=tuple(ends))


def given_up(out: Path) -> None:
    """Take out the parts of a study that is written, and nothing else that stands in their folder."""
    with contextlib.suppress(OSError):
        _empty(out / FOLDER)
        (out / FOLDER).rmdir()


def _empty(folder: Path) -> None:
    """Remove what a study has left in a folder; without its plan nothing there is of a study."""
    if not (folder / PLAN).is_file():
        return
    sweep(folder)
    for table in map(folder.joinpath, OF_RESULTS):
        sweep(table)
        take_out(table)
    for path in (*folder.glob("[0-9]*.part"), folder / PLAN):
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished part in its file, so that no worker holds it in memory between two calls.

    Attributes
    ----------
    path : str
    """

    path: str

    def read(self) -> Any:
        """The part; of its arrays no more comes into memory than is looked at."""
        with Path(self.path).open("rb") as stream:
            # a private mapping: what is written to an array stays out of the file
            content = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY))
        found = _unpacked(content)
        if found is None:  # it was whole when it was made, or found
            raise DataError("the part was altered meanwhile", where=WHERE, value=self.path, remedy=BEGIN_ANEW)
        return found


def saved_part(path: str, make: Callable[..., Part | ClockPart], *needs: Any) -> Kept:
    """Make a part, and write it to its file; one that is there and whole stays."""
    file = Path(path)
    if not _is_whole(file):
        part = make(*needs)
        with replacing(file, sync_folder=False) as temporary, temporary.open("wb") as stream:
            _pack(part if isinstance(part, ClockPart) else _without_frame(part), _Hashed(stream))
    return Kept(path)


def _is_whole(file: Path) -> bool:
    """Whether a part is there, as it was written."""
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, io.SEEK_END) - DIGEST
            stream.seek(0)
            hashed, left = hashlib.sha256(), size
            while left > 0 and (piece := stream.read(min(left, CHUNK))):
                hashed.update(piece)
                left -= len(piece)
            return size > 0 and stream.read() == hashed.digest() and Kept(str(file)).read() is not None
    except (FileNotFoundError, DataError):
        return False


def _pack(content: Part | ClockPart, stream: _Hashed) -> None:
    """Write arrays as they are in memory, then what refers to them, then where each begins, then a hash of all."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(content, protocol=5, buffer_callback=buffers.append)
    places = []
    for buffer in buffers:
        with buffer.raw() as raw:
            places.append((stream.place, raw.nbytes))
            stream.write(raw)
            stream.write(bytes(-raw.nbytes % ALIGNED))
    places.append((stream.place, len(body)))
    stream.write(body)
    stream.write(b"".join(PLACE.pack(*place) for place in places) + COUNT.pack(len(places)))
    stream.finish()


def _unpacked(content: memoryview) -> Part | ClockPart | None:
    """The part in the content of a file; None where it is something else."""
    with contextlib.suppress(pickle.UnpicklingError, struct.error, ValueError, IndexError):
        end = len(content) - DIGEST - COUNT.size
        (count,) = COUNT.unpack_from(content, end)
        places = PLACE.iter_unpack(content[end - count * PLACE.size : end])
        *buffers, body = (content[first : first + size] for first, size in places)
        found = _Reader(io.BytesIO(body), buffers=buffers).load()
        if isinstance(found, Part):
            return _with_frame(found)
        if isinstance(found, ClockPart):
            return found
    return None


class _Hashed:
    """A stream that knows how much went through it, and its hash."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._hash, self.place = stream, hashlib.sha256(), 0

    def write(self, content: bytes | memoryview) -> None:
        """Write some more."""
        self._hash.update(content)
        self._stream.write(content)
        self.place += len(content)

    def finish(self) -> None:
        """Write the hash."""
        self._stream.write(self._hash.digest())


class _Reader(pickle.Unpickler):
    """Loads arrays and dataclasses of this package: a file that somebody else put there runs nothing."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in KNOWN:
            return super().find_class(module, name)
        if module.startswith("eventstudy."):
            found = super().find_class(module, name)
            if isinstance(found, type) and is_dataclass(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a study")


def _without_frame(part: Part) -> Part:
    """The same without the empty frame of its events, which pandas alone could load."""
    placed = replace(part.result.placed, characteristics=None)  # type: ignore[arg-type]
    return replace(part, result=replace(part.result, placed=placed))


def _with_frame(part: Part) -> Part:
    placed = part.result.placed
    placed = replace(placed, characteristics=pd.DataFrame(index=range(len(placed.event_ids))))
    return replace(part, result=replace(part.result, placed=placed))


def _plan_in(folder: Path) -> dict[str, Any]:
    """What was begun in a folder."""
    try:
        found: dict[str, Any] = json.loads((folder / PLAN).read_bytes())
    except FileNotFoundError:
        raise DataError(
            "no study was begun there and not finished",
            where=WHERE,
            value=str(folder.parent),
            remedy="leave out --resume",
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(
            f"the plan cannot be read: {error}", where=WHERE, value=str(folder), remedy="leave out --resume"
        ) from None
    return found


def _refuse_other(begun_with: Plan, now: Plan) -> None:
    """Refuse to go on with another study than the one that was begun; names the first thing that differs."""
    for name, value in _flat(now).items():
        before = _flat(begun_with).get(name, "nothing")
        if before != value:
            raise DataError(
                f"the study that was begun had {_short(before)} here", where=f"{WHERE}, {name}", value=_short(value),
                remedy=BEGIN_ANEW,
            )  # fmt: skip
    gone = [name for name in _flat(begun_with) if name not in _flat(now)]
    if gone:
        raise DataError("the study that was begun had it", where=f"{WHERE}, {gone[0]}", remedy=BEGIN_ANEW)


def _flat(plan: Plan, before: str = "") -> dict[str, Any]:
    """A plan of mappings in mappings as one; lists are values."""
    out: dict[str, Any] = {}
    for name, value in plan.items():
        out |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return out


def _short(value: Any) -> Any:
    """A hash by its first digits, which is what a person compares."""
    return value[:12] if isinstance(value, str) and len(value) == 2 * DIGEST else value
