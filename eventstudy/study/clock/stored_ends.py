"""The ends of a window by the minute, as the results database keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """Both ends of a window: minutes about the announcement, or what stands for them, such as ``close``."""

    start: int | str
    end: int | str

    @property
    def label(self) -> str:
        """The window as printed."""
        return f"[{_shown(self.start)}, {_shown(self.end)}]"


def _shown(end: int | str) -> str:
    return f"{end}m" if isinstance(end, int) else end


def window_of(bounds: Sequence[str]) -> StoredWindow:
    """The window of a row of the document."""
    return StoredWindow(*(int(end[:-1]) if end.removesuffix("m").lstrip("-").isdigit() else end for end in bounds))


def bounds_of(start: int | str, end: int | str) -> list[str]:
    """The window as the document writes it, of its stored ends."""
    return [_shown(start), _shown(end)]
