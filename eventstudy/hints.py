"""Near misses: which of the known names was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST = 3  # letters of a name that says what was meant


def hint(name: str, known: Iterable[str], otherwise: str) -> str:
    """Ask whether the nearest of the `known` names was meant; `otherwise` when none is near."""
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near else otherwise


def nearest(name: str, known: Iterable[str]) -> str:
    """The nearest of the `known` names, case and signs aside: ``GBPUSD`` for ``gbp/usd``; empty when none is near."""
    import difflib  # late, since `query` is to answer at once

    plain = {_plain(other): other for other in known}
    close = difflib.get_close_matches(_plain(name), plain) if len(name) >= SHORTEST else []
    # letters that changed places come before one that is another
    close.sort(key=lambda other: sorted(other) != sorted(_plain(name)))
    return plain[close[0]] if close else ""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold()) or name
