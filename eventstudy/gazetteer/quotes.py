"""How currencies are quoted: which of two stands first, and what a rising number says."""

from __future__ import annotations

# Each is the first of a pair with any that stands behind it, and with all that are not here.
FIRST = ("EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF")


def pair(one: str, other: str) -> str:
    """The two currencies as markets quote them: ``USDJPY``, ``EURUSD``, ``EURCHF``; others by the alphabet."""
    ranks = {code: rank for rank, code in enumerate(FIRST)}
    first, second = sorted((one, other), key=lambda code: (ranks.get(code, len(FIRST)), code))
    return first + second


def is_down_when_up(symbol: str, currency: str) -> bool:
    """Whether the currency loses when the price of a pair rises: the yen in ``USDJPY``."""
    return symbol[-3:] == currency


def yahoo(symbol: str) -> str:
    """Yahoo's symbol of a pair."""
    return f"{symbol}=X"
