"""Writing pages so that a reader never sees half of one."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from eventstudy.errors import InputError

SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def publish_event(database: Path, reports: Path, event_id: str) -> Path:
    """Render the page of one stored event and put it in place; return its path."""
    from eventstudy.report.page import render_event

    if not SAFE_NAME.fullmatch(event_id):
        raise InputError("cannot name a page", where="event", value=event_id, remedy="use letters, digits and hyphens")
    path = reports / f"{event_id}.html"
    put(path, render_event(database, event_id))
    return path


def publish_index(database: Path, reports: Path) -> Path:
    """Render the index of all events and put it in place; return its path."""
    from eventstudy.report.page import render_index

    path = reports / "index.html"
    put(path, render_index(database, {p.stem for p in reports.glob("*.html")}))
    return path


def put(path: Path, text: str) -> bool:
    """Replace `path` by `text` as one step, surviving a crash at any moment; return False when it was the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True
