"""Thirty announcements by hand: numbers on the left, what an editor would print on the right."""

# ruff: noqa: E501  # a row of the table is a line

from __future__ import annotations

import pytest

from eventstudy.report.narrative import Finding, answer
from eventstudy.report.titles import titled

DAY, TWO, BEFORE = ("2023-03-17",), ("2023-03-16", "2023-03-17"), ("2023-03-15", "2023-03-16")
ORDINARY = "move was ordinary: it moved this much on"

# title, verdict, move, days at least as extreme of 120, window (first offset, sessions), benchmark → first words of the answer
ROWS = [
    ("the dollar", "none", -0.0024, 89, 0, DAY, None, f"No. The dollar's {ORDINARY} three days in four."),
    ("the dollar", "none", 0.0024, 60, 0, DAY, None, f"No. The dollar's {ORDINARY} one day in two."),
    ("the dollar", "none", 0.0024, 40, 0, DAY, None, f"No. The dollar's {ORDINARY} one day in three."),
    ("the dollar", "none", 0.0024, 80, 0, DAY, None, f"No. The dollar's {ORDINARY} two days in three."),
    ("the dollar", "none", 0.0024, 24, 0, DAY, None, f"No. The dollar's {ORDINARY} one day in five."),
    ("the dollar", "none", 0.0024, 12, 0, DAY, None, f"No. The dollar's {ORDINARY} one day in ten."),
    ("the dollar", "none", 0.0024, 108, 0, DAY, None, f"No. The dollar's {ORDINARY} nine days in ten."),
    ("the dollar", "none", 0.0024, 8, 0, DAY, None, f"No. The dollar's {ORDINARY} eight of 120 ordinary days before."),
    ("the dollar", "none", 0.0, 120, 0, DAY, None, "No. The dollar's move was ordinary: it moved this much nearly always."),
    ("SAP shares", "none", 0.01, 30, 0, DAY, None, "No. SAP shares' move was ordinary: they moved this much on one day in four."),
    ("SAP shares", "strong", 0.08, 0, 0, DAY, None, "Yes. SAP shares' move was far outside the ordinary: they moved this"),
    ("SAP shares", "strong", 0.08, 0, 0, DAY, None, "SAP shares rose 8.00 % by their first price after the announcement,"),
    ("SAP shares", "strong", 0.08, 0, 0, DAY, "the DAX", "Measured: 8.00 percentage points more than the DAX explains, as on none"),
    ("SAP shares", "none", 0.0, 119, 0, DAY, None, "SAP shares were all but unchanged by their first price"),
    ("Siemens", "none", 0.01, 30, 0, DAY, None, "No. Siemens' move was ordinary: it moved this much on one day in four."),
    ("shares of SAP", "none", 0.01, 30, 0, DAY, None, "Shares of SAP rose 1.00 % by their first price"),
    ("USDJPY", "strong", -0.028, 0, 0, DAY, None, "The US dollar fell 2.80 % against the Japanese yen by its first price"),
    ("USDJPY", "strong", -0.028, 0, 0, DAY, None, "Yes. The US dollar's move against the Japanese yen was far outside"),
    ("EURUSD=X", "none", 0.002, 60, 0, DAY, None, "The euro rose 0.20 % against the US dollar by its first price"),
    ("JPY=X", "none", 0.002, 60, 0, DAY, None, "The US dollar rose 0.20 % against the Japanese yen by its first"),
    ("^GDAXI", "none", 0.002, 60, 0, DAY, None, "The DAX rose 0.20 % by its first price after the announcement"),
    ("SAP.DE", "none", 0.002, 60, 0, DAY, None, "No. SAP.DE's move was ordinary: it moved this much on one day in two. The price of SAP.DE rose 0.20 %"),
    ("the dollar", "moderate", 0.02, 2, 0, DAY, None, "Yes. The dollar's move was clearly unusual: it moved this much on two of 120"),
    ("the dollar", "weak", 0.02, 5, 0, DAY, None, "Perhaps. The dollar's move was unusual, but short of proof: it moved this much on five of"),
    ("the dollar", "confounded", 0.02, 1, 0, DAY, None, "Unclear. The dollar's move was unusual, but a scheduled release came between"),
    ("the dollar", "none", 0.02, 30, 0, TWO, None, "No. The dollar's move was ordinary: over two sessions it moved this much one time in four."),
    ("the dollar", "strong", 0.02, 0, 0, TWO, None, "over two sessions it moved this much in none of the 120 ordinary stretches before."),
    ("the dollar", "strong", 0.02, 0, -2, BEFORE, None, "Yes. The dollar had moved beforehand, by far more than is usual: over two"),
    ("the dollar", "weak", 0.02, 4, -2, BEFORE, None, "Perhaps. The dollar may have moved beforehand, but that is short of proof"),
    ("SAP shares", "none", 0.02, 60, -2, BEFORE, None, "No. SAP shares' move beforehand was ordinary: over two sessions they moved"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_thirty_announcements_read_as_an_editor_would_have_them(row: tuple[object, ...]) -> None:
    title, verdict, move, at_least, start, days, benchmark, said = row
    finding = Finding(
        title=titled(str(title)),
        verdict=str(verdict),
        days=days,  # type: ignore[arg-type]  # one row holds several kinds
        start=start,  # type: ignore[arg-type]
        move=move,  # type: ignore[arg-type]
        abnormal=move,  # type: ignore[arg-type]
        benchmark=benchmark,  # type: ignore[arg-type]
        t=1.0,
        p_adjusted=0.3,
        at_least=at_least,  # type: ignore[arg-type]
        placebos=120,
    )
    text = " ".join(answer([finding])[1]).replace("\u202f", " ").replace("\u00a0", " ")
    assert str(said) in text
    if days is BEFORE:
        assert "reaction" not in text.replace("a smaller reaction", "")


def test_the_table_has_thirty_rows_and_no_two_alike() -> None:
    assert len(set(ROWS)) == len(ROWS) == 30
