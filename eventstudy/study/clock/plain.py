"""Plain values of a document: instants as text, numbers that JSON has."""

from __future__ import annotations

import math

import numpy as np


def instant(nanoseconds: int | np.integer) -> str:
    """An instant as text in UTC; fractions of a second are shown where there are any."""
    text = str(np.datetime64(int(nanoseconds), "ns"))
    head, _, fraction = text.partition(".")
    return f"{head}.{fraction.rstrip('0')}Z" if fraction.strip("0") else f"{head}Z"


def number(value: float | np.floating) -> float | None:
    """A plain float; None for NaN and infinity."""
    plain = float(value)
    return plain if math.isfinite(plain) else None
