"""Columns that other distributions add to the views for people.

Ours stand in ``database/schema.sql``. Another distribution names a `Column` under the entry point group
``eventstudy.columns``, called ``view.column``: ``reactions.car_percent``.
"""

from __future__ import annotations

from dataclasses import dataclass

from eventstudy.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a view.

    Attributes
    ----------
    name : str
        ``view.column``.
    words : str
        What it means, in a line.
    sql : str
        An expression of the view's own columns: ``100 * car``.
    unit : str
        As `eventstudy.database.units` has them; empty for text.
    """

    name: str
    words: str
    sql: str
    unit: str = ""

    @property
    def view(self) -> str:
        """The view that it is added to."""
        return self.name.partition(".")[0]

    @property
    def column(self) -> str:
        """What it is called there."""
        return self.name.partition(".")[2]


ADDED: Registry[Column] = Registry("column", Column)
