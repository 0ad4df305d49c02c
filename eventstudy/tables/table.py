"""One table, wherever it came from: names, cells, and where each row stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.tables import dates, headings, numbers, text
from eventstudy.tables.dates import Stamps
from eventstudy.tables.options import Options
from eventstudy.tables.roles import roles_of

# What stands for longer than a day: 2020Q1, Q1 2020, 2020-03, 2020.
PERIOD = re.compile(r"\d{4}(?:[-./ ]?[QHT]?\d{1,2})?|[QHT]\d[-./ ]?\d{4}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it stands.

    Attributes
    ----------
    name : str
        Names it in errors: a file, or ``prices``.
    frame : DataFrame
        Columns 0, 1, …; the index is the position of each row in the file.
    header : tuple of str
        Name of each column; of two lines of names the lower, where the upper says whose they are.
    owners : tuple of str
        Whose column it is, by an upper line of names; empty where there is one line.
    symbol : str
        Whose table it is, as said above it or by the name of the file.
    is_named : bool
        Whether that is said above it.
    decimal : str or None
        Decimal sign of cells that are text; None where nothing says which.
    options : Options
    notes : tuple of str
        What was recognised or guessed.
    bars : mapping
        As of `eventstudy.tables.shapes.Wide`, of the tables that this one is made of.
    lines : callable
        Positions of rows → words for where they stand.
    """

    name: str
    frame: pd.DataFrame
    header: tuple[str, ...]
    owners: tuple[str, ...] = ()
    symbol: str = ""
    is_named: bool = False
    decimal: str | None = None
    options: Options = field(default_factory=Options)
    notes: tuple[str, ...] = ()
    bars: Mapping[str, Any] = field(default_factory=dict, compare=False)
    lines: Callable[[int], str] = field(default=lambda row: f"row {row + 2}", repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.frame)

    def place(self, row: int) -> str:
        """Where a row stands: file and line."""
        return f"{self.name}, {self.lines(int(self.frame.index[row]))}"

    def where(self, rows: Any) -> Table:
        """The rows that a mask chooses."""
        return replace(self, frame=self.frame[rows])

    def only(self, kept: Sequence[int]) -> Table:
        """Some of the columns, in this order."""
        frame = self.frame.iloc[:, list(kept)].set_axis(range(len(kept)), axis=1)
        owners = tuple(self.owners[i] for i in kept) if self.owners else ()
        return replace(self, frame=frame, header=tuple(self.header[i] for i in kept), owners=owners)

    def cells(self, column: str) -> pd.Series:
        """A column by its name."""
        return self.frame.iloc[:, self.header.index(column)]

    def roles(self) -> dict[str, str]:
        """The column of each role; see `eventstudy.tables.roles.roles_of`."""
        return roles_of(self.options.columns, self.header, self.name)

    def roles_given(self) -> dict[str, str]:
        """The columns that the options map, and that are there."""
        return {role: name for role, name in self.options.columns.items() if name in self.header}

    def check_names(self) -> None:
        """Refuse two columns of one name, unless an upper line tells them apart.

        Raises
        ------
        DataError
        """
        names = (
            list(zip(self.owners, self.header, strict=True)) if self.owners else [(name, "") for name in self.header]
        )
        if len(set(names)) == len(names):
            return
        seen: set[tuple[str, str]] = set()
        for name in names:
            if name in seen and any(name):
                raise DataError(
                    "two columns have the same name",
                    where=self.name,
                    value=" ".join(filter(None, name)),
                    remedy="rename one",
                )
            seen.add(name)

    def date_column(self) -> int:
        """Position of the dates: the column of that role, else the first, if it holds dates.

        Raises
        ------
        DataError
            When there is none.
        """
        name = self.roles().get("date")
        if name is not None:
            return self.header.index(name)
        first = self.frame.iloc[:, 0] if self.frame.shape[1] else pd.Series(dtype=object)
        if len(first):
            is_number = pd.api.types.is_numeric_dtype(first.dtype)
            some = dates.parse(first.head(1000), self.options)
            order = some.days[~some.is_blank]
            rising = order.size > 1 and bool((order[1:] > order[:-1]).all() or (order[1:] < order[:-1]).all())
            readable = int((~some.is_blank & (~some.wrong | some.is_ambiguous)).sum())
            if readable and readable >= 0.5 * int((~some.is_blank).sum()) and (not is_number or rising):
                return 0
        first_name = self.header[0] if self.header else ""
        if sum(map(dates.looks_like_date, self.header)) > len(self.header) / 2:
            raise DataError(headings.TURNED, where=self.name, value=self.header[1], remedy=headings.TURN)
        if len(self.header) == 1:
            remedy = "give a table with a column of dates and one of numbers"
            raise DataError(
                "there is one column only, so it is no table", where=self.name, value=first_name, remedy=remedy
            )
        cell = next((str(cell) for cell in first if pd.notna(cell)), "")
        if PERIOD.fullmatch(cell):
            raise DataError("a quarter, a month or a year, and no day", where=f"{self.name}, column {first_name}",
                            value=cell, remedy="give a price per day")  # fmt: skip
        raise DataError(
            "there is no column of dates: none is called date, and the first holds none",
            where=self.name,
            value=first_name,
            remedy=self.options.mapping("date", "NAME"),
        )

    def stamps(self, column: int) -> Stamps:
        """A column as dates.

        Raises
        ------
        DataError
            When a cell is blank or no date.
        """
        cells = self.frame.iloc[:, column]
        found = dates.parse(cells, self.options)
        found = replace(found, wrong=found.wrong | found.is_blank)
        dates.refuse(found, cells, self.place, self.options, self.header[column])
        return found

    def without_footer(self, column: int) -> Table:
        """Without what stands at the end where a date should: totals, averages, sources."""
        cells, end = self.frame.iloc[:, column], len(self)
        while end > 1 and len(self) - end < text.FOOTER and self._is_footer(cells.iloc[end - 1], end - 1):
            end -= 1
        if end == len(self):
            return self
        note = f"{self.place(end)}: what stands at the end where a date should ({cells.iloc[end]}) is left out"
        return replace(self, frame=self.frame.iloc[:end], notes=(*self.notes, note))

    def _is_footer(self, cell: object, row: int) -> bool:
        if not isinstance(cell, str) or dates.looks_like_date(cell):
            return False
        return not any(map(str.isdigit, cell)) or bool(self.frame.iloc[row].isna().sum() == self.frame.shape[1] - 1)

    def numbers(self, columns: Sequence[int], *, percent: bool = False) -> np.ndarray:
        """Columns as numbers, shape (rows, columns), an asset side by side; NaN where there is none.

        Raises
        ------
        DataError
            One, however many cells are wrong.
        """
        if all(isinstance(kind, np.dtype) and kind.kind in "fiu" for kind in self.frame.dtypes.iloc[list(columns)]):
            return self.frame.iloc[:, list(columns)].to_numpy(dtype=float)  # at once: one at a time takes seconds
        wrong: list[numbers.Wrong] = []
        decimal = self.decimal or self._sign(columns)
        out = [numbers.column(self.frame.iloc[:, i], decimal, self.label(i), wrong, percent=percent) for i in columns]
        numbers.refuse(wrong, self.place, self.options)
        return np.column_stack(out) if out else np.empty((len(self), 0))

    def label(self, column: int) -> str:
        """A column as it is called in errors."""
        owner = f"{self.owners[column]} " if self.owners and self.owners[column] else ""
        return f"{owner}{self.header[column]}"

    def _sign(self, columns: Sequence[int]) -> str | None:
        """The decimal sign, by what stands in the columns."""
        frame = self.frame.iloc[:, list(columns)]
        if any(isinstance(kind, np.dtype) and kind.kind == "f" for kind in frame.dtypes) and any(
            (column.dropna() % 1 != 0).any() for _, column in frame.select_dtypes("float").items()
        ):
            return "."
        texts = (cell for _, column in frame.items() for cell in column.tolist() if isinstance(cell, str))
        return numbers.decimal_sign(texts)
