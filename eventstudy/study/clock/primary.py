"""Which window of a document the verdict of an announcement is read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def primary_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The window that answers, as `ClockReaction.primary` chose it; None where there is no window."""
    windows = document["windows"]
    # a document of an older version says nothing of it: its first window answered
    return next((window for window in windows if window.get("is_primary")), next(iter(windows), None))
