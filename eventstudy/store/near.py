"""What was probably meant by a value that an answer was narrowed by."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventstudy.database import reading
from eventstudy.hints import nearest

# Where the values of an option stand: column and table.
_KNOWN = {
    "asset": ("asset", "analyses"),
    "event": ("event_id", "events"),
    "kind": ("kind", "events"),
    "study": ("study_id", "studies"),
    "tag": ("tag", "event_tags"),
    "verdict": ("verdict", "window_results"),
}
_SHOWN = 8
_COMPARED = 2000  # names, some milliseconds


def unknown(path: Path, given: Mapping[str, Any]) -> str:
    """A sentence on the first of the values that nothing in the database has; empty where each exists."""
    with contextlib.closing(reading.connect(path)) as connection:
        for option, (column, table) in _KNOWN.items():
            if (value := given.get(option)) is None:
                continue
            # names of ours; values go through parameters
            if connection.execute(f"select 1 from {table} where {column} = ?", (value,)).fetchone():  # noqa: S608
                continue
            sql = f"select distinct {column} from {table} limit {_COMPARED}"  # noqa: S608
            known = sorted(str(name) for (name,) in connection.execute(sql))
            if close := nearest(value, known):
                return f"There is no {option} {value!r} here; did you mean {close!r}?"
            some = ", ".join(known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
            return f"There is no {option} {value!r} here; there are {some or 'none'}."
    return ""
