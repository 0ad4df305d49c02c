"""Sizes of bars of less than a day that sources have and studies take; standard library only."""

from __future__ import annotations

MINUTES = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60}  # finest first
