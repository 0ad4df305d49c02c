"""Which window of a document the verdict of an announcement is read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def primary_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The window that answers, as `ClockReaction.primary` chose it; None where there is no window."""
    return next((window for window in document["windows"] if window["is_primary"]), None)
