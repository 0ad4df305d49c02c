"""Feeds in a folder of their own: files as people drop them, and what is read of them."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

from eventstudy.config.feeds import FeedConfig
from eventstudy.events.folder import read_file, read_folder
from eventstudy.events.items import Reading

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
ASSETS = ("USDCNY", "EURUSD", "Gold, spot")


def feed(kind: str = "folder", **settings: Any) -> FeedConfig:
    """A feed that fills in an asset."""
    return FeedConfig.model_validate({"id": "desk", "kind": kind, "path": ".", "assets": ["USDCNY"], **settings})


def drop(folder: Path, name: str, text: str | bytes, age: float = 60.0) -> Path:
    """Write a file whose last change is `age` seconds ago."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    then = dt.datetime.now(dt.UTC).timestamp() - age
    os.utime(path, (then, then))
    return path


def read(path: Path, **settings: Any) -> Reading:
    """What one file, or one folder, gives."""
    if path.is_dir():
        return read_folder(path, feed(**settings), ASSETS, NOW, settle=0.05)
    return read_file(path, feed(**settings), ASSETS, NOW)


def times(reading: Reading) -> dict[str, str]:
    """Id → instant, or interval, of what was read."""
    out = {}
    for item in reading.items:
        assert item.event is not None
        ends = (item.event.earliest, item.event.latest)
        out[item.event_id] = " ".join(f"{end:%Y-%m-%dT%H:%M:%SZ}" for end in dict.fromkeys(ends))
    return out


def problems(reading: Reading) -> list[str]:
    return [str(problem) for problem in reading.problems]
