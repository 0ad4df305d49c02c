"""A span of time as an option: 90m, 26h, 2d."""

from __future__ import annotations

import datetime as dt
import re

import click

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> dt.timedelta | None:
    """Callback of an option."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,5})([mhd])", value)
    if not found:
        raise click.BadParameter(f"{value!r} is no span of time; write for example 90m, 26h or 2d")
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})
