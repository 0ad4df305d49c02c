"""A figure as it is drawn: what it found, the picture, and the numbers that the picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Cells = Sequence[str]


@dataclass(slots=True, kw_only=True)  # not frozen, see `eventstudy.study.results`; nothing changes one
class Chart:
    """A picture that has something to say.

    Attributes
    ----------
    svg : str
    title : str
        What it found, in a sentence without a full stop.
    columns : sequence of str
        Heads of the table of its numbers.
    rows : sequence of sequence of str
        Its numbers, a row for each place along the axis, ready to print. All but the first cell of a row are made by
        `eventstudy.report.text`, and are printed as they are.
    note : str
        What it leaves out, a sentence without a full stop; follows its caption.
    """

    svg: str
    title: str
    columns: Cells
    rows: Sequence[Cells]
    note: str = ""
