"""Thirty-two announcements by hand: numbers on the left, what an editor would print on the right."""

# ruff: noqa: E501  # a row of the table is a line

from __future__ import annotations

import pytest

from eventstudy.report.narrative import Finding, answer
from eventstudy.report.titles import titled
from eventstudy.report.words import in_language, speaking

DAY, TWO, BEFORE = ("2023-03-17",), ("2023-03-16", "2023-03-17"), ("2023-03-15", "2023-03-16")
NEW_YEAR = ("2022-12-29", "2022-12-30", "2023-01-03")
MONTHS = ("2023-03-30", "2023-03-31", "2023-04-03")
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
    ("the dollar", "none", 0.0024, 4, 0, DAY, None, "No. The dollar's move was not clearly unusual: it moved this much on four of 120 ordinary days before."),
    ("the dollar", "none", 0.02, 0, -2, BEFORE, None, "No. The dollar's move beforehand was not clearly unusual: over two sessions it moved this much in none of the 120"),
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


# The same in New York, where it is another sentence than in London.
AMERICAN = [
    (
        "the dollar",
        "none",
        -0.0024,
        89,
        0,
        DAY,
        None,
        "The dollar fell 0.24% by its first price after the announcement, on Friday, March 17, 2023",
    ),
    (
        "the dollar",
        "none",
        -0.0024,
        89,
        0,
        DAY,
        None,
        "Measured: 0.24 percentage points below its average day, as on 89 of 120 ordinary days",
    ),
    (
        "the dollar",
        "none",
        0.02,
        30,
        0,
        TWO,
        None,
        "rose 2.00% over the first two sessions after the announcement, March 16 and 17, 2023.",
    ),
    (
        "the dollar",
        "strong",
        0.02,
        0,
        -2,
        BEFORE,
        None,
        "rose 2.00% over the two sessions before the announcement, March 15 and 16, 2023.",
    ),
    (
        "the dollar",
        "none",
        0.02,
        30,
        0,
        NEW_YEAR,
        None,
        "over the first three sessions after the announcement, December 29, 2022, to January 3, 2023.",
    ),
    (
        "the dollar",
        "none",
        0.02,
        30,
        0,
        MONTHS,
        None,
        "over the first three sessions after the announcement, March 30 to April 3, 2023.",
    ),
    (
        "USDRUB",
        "strong",
        -0.028,
        0,
        0,
        DAY,
        None,
        "The US dollar fell 2.80% against the Russian ruble by its first price",
    ),
    (
        "the US dollar against the Russian rouble",
        "none",
        0.01,
        60,
        0,
        DAY,
        None,
        "The US dollar rose 1.00% against the Russian ruble by its",
    ),
    (
        "SAP shares",
        "strong",
        0.08,
        0,
        0,
        DAY,
        None,
        "SAP shares rose 8.00% by their first price after the announcement, on Friday, March 17, 2023.",
    ),
    ("the dollar", "none", 0.152, 119, 0, DAY, None, "The dollar rose 15.2% by its first price"),
]
BRITISH = [
    ("the dollar", "none", 0.02, 30, 0, NEW_YEAR, None, "after the announcement, 29 December 2022 to 3 January 2023."),
    ("the dollar", "none", 0.02, 30, 0, MONTHS, None, "after the announcement, 30 March to 3 April 2023."),
    (
        "USDRUB",
        "strong",
        -0.028,
        0,
        0,
        DAY,
        None,
        "The US dollar fell 2.80 % against the Russian rouble by its first price",
    ),
]
GERMAN = [
    ("the US dollar index (proxy on ECB fixings)", "none", -0.0024, 89, 0, DAY, None, "Nein. Der US-Dollar-Index bewegte sich im üblichen Rahmen; eine so große Bewegung gab es an drei von vier Tagen."),
    ("the US dollar index (proxy on ECB fixings)", "none", -0.0024, 89, 0, DAY, None, "Der US-Dollar-Index (Näherung aus EZB-Kursen) fiel um 0,24 % bis zum ersten Kurs nach der Meldung, am Freitag, 17. März 2023."),
    ("EURUSD=X", "none", 0.002, 60, 0, DAY, None, "Der Euro stieg um 0,20 % gegenüber dem US-Dollar bis zum ersten Kurs nach der Meldung"),
    ("the euro against the Swiss franc", "strong", -0.19, 0, 0, DAY, None, "Ja. Der Euro bewegte sich gegenüber dem Schweizer Franken weit außerhalb des Üblichen; eine so große Bewegung gab es an keinem der 120 gewöhnlichen Tage davor."),
    ("the euro against the Swiss franc", "strong", -0.19, 0, 0, DAY, None, "Der Euro fiel um 19,0 % gegenüber dem Schweizer Franken bis"),
    ("SEKNOK", "none", 0.002, 60, 0, DAY, None, "Die schwedische Krone stieg um 0,20 % gegenüber der norwegischen Krone"),
    ("GBPTRY", "moderate", 0.03, 2, 0, DAY, None, "Ja. Das britische Pfund bewegte sich gegenüber der türkischen Lira deutlich anders als üblich; eine so große Bewegung gab es an zwei von 120"),
    ("Aktien von SAP", "strong", 0.08, 0, 0, DAY, "^GDAXI", "Aktien von SAP stiegen um 8,00 % bis zum ersten Kurs"),
    ("Aktien von SAP", "strong", 0.08, 0, 0, DAY, "^GDAXI", "Gemessen: 8,00 Prozentpunkte mehr, als der DAX erklärt, so weit wie an keinem der 120 gewöhnlichen Tage (t = 1,00, p = 0,30)."),
    ("^GDAXI", "none", 0.0, 119, 0, DAY, None, "Der DAX blieb nahezu unverändert bis zum ersten Kurs nach der Meldung"),
    ("SAP.DE", "weak", 0.02, 5, 0, DAY, None, "Vielleicht. Der Kurs von SAP.DE bewegte sich ungewöhnlich, doch ohne Beweiskraft; eine so große Bewegung gab es an fünf von 120 gewöhnlichen Tagen davor."),
    ("^GSPC", "confounded", 0.02, 1, 0, DAY, None, "gab es auch einen angekündigten Termin: Der Meldung lässt sich die Bewegung nicht zurechnen."),
    ("^GSPC", "none", 0.02, 30, 0, TWO, None, "über die ersten zwei Handelstage nach der Meldung, 16. und 17. März 2023."),
    ("^GSPC", "none", 0.02, 30, 0, NEW_YEAR, None, "nach der Meldung, 29. Dezember 2022 bis 3. Januar 2023."),
    ("^GSPC", "strong", 0.02, 0, -2, BEFORE, None, "Ja. Der S&P 500 bewegte sich schon im Vorfeld weit außerhalb des Üblichen; über zwei Handelstage gab es eine so große Bewegung in keinem der 120 gewöhnlichen Abschnitte davor."),
    ("the oil price", "none", 0.02, 40, 0, DAY, None, "Nein. „oil price“ bewegte sich im üblichen Rahmen; eine so große Bewegung gab es an einem von drei Tagen."),
]  # fmt: skip


def said_of(row: tuple[object, ...], language: str) -> str:
    title, verdict, move, at_least, start, days, benchmark, _ = row
    with speaking(in_language(language)):
        finding = Finding(
            title=titled(str(title)),
            verdict=str(verdict),
            days=days,  # type: ignore[arg-type]  # one row holds several kinds
            start=start,  # type: ignore[arg-type]
            move=move,  # type: ignore[arg-type]
            abnormal=move,  # type: ignore[arg-type]
            benchmark=benchmark and titled(str(benchmark)),
            t=1.0,
            p_adjusted=0.3,
            at_least=at_least,  # type: ignore[arg-type]
            placebos=120,
        )
        return " ".join(answer([finding])[1]).replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_thirty_announcements_read_as_an_editor_would_have_them(row: tuple[object, ...]) -> None:
    text = said_of(row, "en-GB")
    assert str(row[-1]) in text
    if row[5] is BEFORE:
        assert "reaction" not in text.replace("a smaller reaction", "")


@pytest.mark.parametrize(("language", "rows"), [("en-US", AMERICAN), ("en-GB", BRITISH), ("de", GERMAN)])
def test_the_same_facts_read_as_editors_elsewhere_would_have_them(
    language: str, rows: list[tuple[object, ...]]
) -> None:
    assert [row[-1] for row in rows if str(row[-1]) not in said_of(row, language)] == []


def test_the_table_has_32_rows_and_no_two_alike() -> None:
    assert len(set(ROWS)) == len(ROWS) == 32
