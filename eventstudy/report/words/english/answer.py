"""The answer of an announcement."""

from __future__ import annotations

ANSWER: dict[str, str | tuple[str, str]] = {}
