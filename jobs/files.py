"""Which files of prices are not those that passes have read: a source that is a file is asked again when it changed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from eventstudy.config.model import Config, content_hash
from eventstudy.store import cursors


def is_of_file(config: Config, source: str) -> bool:
    """Whether a source reads files of the user's own."""
    return source in config.sources and config.sources[source].path is not None


def changed(config: Config, connection: sqlite3.Connection | None) -> dict[str, str]:
    """Sources whose files passes have not read as they are → what tells these from others."""
    states = {name: _state(source.path) for name, source in config.sources.items() if source.path is not None}
    read = _read(connection) if connection is not None and states else {}
    return {name: state for name, state in states.items() if read.get(name) != state}


def put_read(connection: sqlite3.Connection, states: dict[str, str]) -> None:
    """Remember that files were read as they are; inside a transaction of the caller."""
    cursors.put_cursor(connection, cursors.FILES, json.dumps({**_read(connection), **states}, sort_keys=True))


def _read(connection: sqlite3.Connection) -> dict[str, str]:
    found: dict[str, str] = json.loads(cursors.cursor(connection, cursors.FILES) or "{}")
    return found


def _state(path: Path) -> str:
    """Name, size and time of a file, or of those in a folder; of what is not there, that it is not."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        facts = [(file.name, found.st_size, found.st_mtime_ns) for file in files for found in (file.stat(),)]
    except OSError as error:
        return f"error {error.errno}"
    return content_hash(facts)
