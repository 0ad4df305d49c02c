"""The file of a bundle: which parts it has, written the same way every time, and read within bounds."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventstudy import atomic
from eventstudy.errors import DataError

SCHEMA = "eventstudy.bundle/1"
MANIFEST = "manifest.json"
PRICES = ("snapshots", "bars", "rebases", "flags", "confirmations")
PARTS = (
    *("README.txt", "settings.json", "events.json", "results.json", "environment.json"),
    *(f"prices/{name}.csv" for name in PRICES),
    "plans.json",
)
LARGEST = 512 * 2**20  # bytes of one part, unpacked
_WHEN = (1980, 1, 1, 0, 0, 0)  # equal parts, equal bytes


def write(path: Path, parts: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write a bundle in the place of `path`, in one step.

    Parameters
    ----------
    path : Path
    parts : mapping of str to bytes
        Some of `PARTS`.
    about : mapping
        Goes into the manifest beside the hash of every part.
    """
    hashes = {name: _hash(parts[name]) for name in PARTS if name in parts}
    manifest = {"schema": SCHEMA, **about, "sha256": hashes}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, data in ((MANIFEST, dumped(manifest)), *((name, parts[name]) for name in hashes)):
            info = zipfile.ZipInfo(name, _WHEN)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            file.writestr(info, data)
    atomic.put(path, held.getvalue(), mode=0o644)


def read(path: Path) -> tuple[dict[str, Any], dict[str, bytes], list[str]]:
    """The manifest and the parts of a bundle, and which of the parts are not those that were packed.

    Raises
    ------
    DataError
        When it is no bundle, lacks a part, or has one that no bundle has.
    """
    try:
        with zipfile.ZipFile(path) as file:
            names = file.namelist()
            strange = sorted({name for name in names if name not in (MANIFEST, *PARTS)} | _twice(names))
            if strange or MANIFEST not in names:
                what = f"it holds {strange[0]!r}" if strange else f"it has no {MANIFEST}"
                raise DataError(f"no bundle: {what}", where=str(path), remedy="name a file of `eventstudy bundle`")
            found = {name: _part(path, file, name) for name in names}
        manifest = json.loads(found.pop(MANIFEST))
        hashes = dict(manifest["sha256"]) if manifest["schema"] == SCHEMA else None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"no bundle: {error}", where=str(path), remedy="copy the file again") from None
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"its manifest cannot be read: {error}", where=str(path), remedy="pack it again") from None
    if hashes is None:
        remedy = "use the version of eventstudy that packed it"
        raise DataError("a bundle of another form", where=str(path), value=manifest["schema"], remedy=remedy)
    for name in hashes.keys() - found.keys():
        raise DataError(f"{name} is missing", where=str(path), remedy="copy the file again")
    return manifest, found, sorted(name for name in found if hashes.get(name) != _hash(found[name]))


def dumped(value: Any) -> bytes:
    """JSON with a line per entry, in the order given; numbers to the last digit."""
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "backslashreplace")


def _part(path: Path, file: zipfile.ZipFile, name: str) -> bytes:
    with file.open(name) as part:
        data = part.read(LARGEST + 1)
    if len(data) > LARGEST:
        problem = f"{name} has more than {LARGEST >> 20} MB, unpacked"
        raise DataError(problem, where=str(path), remedy="bundle fewer events at a time")
    return data


def _twice(names: list[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
