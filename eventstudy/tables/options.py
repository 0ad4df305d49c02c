"""What a person may say about a table that cannot be seen in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from eventstudy.errors import InputError

DATE_ORDERS = ("day-first", "month-first", "year-first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a table is written.

    Attributes
    ----------
    columns : mapping of str to str
        Role, such as ``date``, ``symbol`` or ``close``, → name of its column.
    date_format : str
        ``day-first``, ``month-first``, ``year-first``, or a form of strftime's such as ``%d.%m.%y``; empty: seen in the
        column, or asked for.
    decimal : str
        ``.`` or ``,``; empty: seen in the file, or asked for.
    sheet : str
        Of a workbook; empty: the first that holds a table.
    voice : {"flag", "key", "frame"}
        Where the options are written, for the remedies of errors: on a command line, in settings, in Python.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""
    decimal: str = ""
    sheet: str = ""
    voice: Literal["flag", "key", "frame"] = "flag"

    def __post_init__(self) -> None:
        if self.decimal not in ("", ".", ","):
            raise InputError("not a decimal sign", where="decimal", value=self.decimal, remedy="write . or ,")
        if self.date_format and self.date_format not in DATE_ORDERS and "%" not in self.date_format:
            known = ", ".join(DATE_ORDERS)
            raise InputError(
                "not a form of dates", where="date_format", value=self.date_format, remedy=f"write {known} or %d.%m.%Y"
            )

    def remedy(self, option: str, *values: str) -> str:
        """What to write to say it, ready to be typed."""
        if self.voice == "key":
            return "write " + " or ".join(f'{option}: "{value}"' for value in values) + " in the settings"
        if self.voice == "frame":
            done = {"date_format": "convert the dates with pandas.to_datetime", "columns": "rename the column"}
            return f"{done.get(option, 'convert the column to numbers')} first"
        flag = f"--{option.replace('_', '-')}"
        return "write " + " or ".join(f"{flag} {value}" for value in values)

    def mapping(self, role: str, column: str) -> str:
        """What to write so that a column has a role."""
        if self.voice == "key":
            return f"write columns: {{{role}: {column}}} in the settings"
        if self.voice == "frame":
            return f"rename the column {role}"
        shown = f"{role}={column}"
        return f"write --column {shown!r}" if " " in shown else f"write --column {shown}"
