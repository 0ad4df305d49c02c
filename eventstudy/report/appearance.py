"""How pages of a house look and which language they speak: set once for a pass or a command."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from eventstudy.config.model import Config
from eventstudy.report.theme import PLAIN, Theme, content, load_theme
from eventstudy.report.words import language, speaking

_THEME: ContextVar[Theme] = ContextVar("theme", default=PLAIN)

# The theme that pages are made in now.
theme = _THEME.get


@contextmanager
def appearing(config: Config, *, language: str = "", folder: Path | None = None) -> Iterator[None]:
    """Make pages as the settings say until the block ends, or in another language or theme."""
    chosen = folder or config.report.theme
    found = load_theme(chosen) if chosen else PLAIN
    before = _THEME.set(found)
    try:
        with speaking(found.language(language or config.language)):
            yield
    finally:
        _THEME.reset(before)


def key() -> str:
    """Stands for the language and the theme: another key, and every page is to be made anew."""
    said = [language().code, _content_of(theme())]
    return "" if said == ["en-GB", _content_of(PLAIN)] else hashlib.sha256("".join(said).encode()).hexdigest()[:16]


@functools.lru_cache(maxsize=8)
def _content_of(one: Theme) -> str:
    return json.dumps(content(one), sort_keys=True)
