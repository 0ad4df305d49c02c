"""Announcements by the words of their titles and notes: an index in memory, which nightly passes do not pay for."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

from eventstudy.database import reading

_MADE = (
    "create virtual table words using fts5(event_id unindexed, title, note, tokenize='unicode61 remove_diacritics 2')"
)


class WordIndex:
    """The index, made at the first question and anew after an announcement came or was changed.

    Parameters
    ----------
    path : Path
        The results database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._count = -1  # of versions of announcements, none of which is ever changed

    def find(self, text: str) -> list[str]:
        """Ids of the announcements that have every word of a text, or one that begins so; all without a word."""
        wanted = " ".join(f'"{word.replace(chr(34), chr(34) * 2)}"*' for word in text.replace("\0", " ").split())
        self.renew()
        with self._lock:
            if not wanted:
                return [name for (name,) in self._index.execute("select event_id from words")]
            found = self._index.execute("select event_id from words where words match ? order by rank", (wanted,))
            return [name for (name,) in found]

    def renew(self) -> None:
        """Make the index, unless it is of the announcements as they are; a second for each 100,000."""
        with self._lock, contextlib.closing(reading.connect(self._path)) as connection:
            (count,) = connection.execute("select count(*) from event_versions").fetchone()
            if count == self._count:
                return
            self._index.execute("drop table if exists words")
            self._index.execute(_MADE)
            rows = connection.execute("select event_id, title, note from events")
            self._index.executemany("insert into words values (?, ?, ?)", rows)
            self._count = count


def is_possible() -> bool:
    """Whether this SQLite has full-text search."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute(_MADE)
        except sqlite3.OperationalError:
            return False
    return True
