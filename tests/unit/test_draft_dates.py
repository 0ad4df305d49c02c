"""Dates and times of articles, resolved by rules against the day of print."""

from __future__ import annotations

import datetime as dt

import pytest

from eventstudy.draft.article import on_printed_day, take_apart
from eventstudy.draft.clock import find_times
from eventstudy.draft.dates import find_dates

FRIDAY = dt.date(2023, 3, 17)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it was announced on Friday", "2023-03-17"),
        ("they met last September in Samarkand", "2022-09-01 2022-09-30"),
        ("the Fed meets next week", "2023-03-20 2023-03-26"),
        ("a vote on Monday next week", "2023-03-20"),
        ("next week's Monday", "2023-03-20"),
        ("the bank said on 17 March", "2023-03-17"),
        ("at 1506 GMT prices fell", ""),
        ("in 2022 prices fell", "2022-01-01 2022-12-31"),
        ("inflation rose earlier this month", "2023-03-01 2023-03-17"),
        ("the dollar fell yesterday", "2023-03-16"),
        ("late on Thursday the bank said", "2023-03-16"),
        ("it fell on Tuesday", "2023-03-14"),
        ("it will decide on Tuesday", "2023-03-21"),
        ("stocks in Asia were hit on Saturday", "2023-03-18"),
        ("it fell last Friday", "2023-03-10"),
        ("it was decided on Friday the 24th", "2023-03-24"),
        ("Thursday, the 16th of March", "2023-03-16"),
        ("from March 20 to 22", "2023-03-20 2023-03-22"),
        ("Sept. 15-16, 2022", "2022-09-15 2022-09-16"),
        ("its meeting is on June 22", "2023-06-22"),
        ("a pact signed on October 5", "2022-10-05"),
        ("by December", "2023-12-01 2023-12-31"),
        ("exports fell in December", "2022-12-01 2022-12-31"),
        ("payrolls for February are due", "2023-02-01 2023-02-28"),
        ("the summit planned for February", "2024-02-01 2024-02-29"),
        ("three weeks ago", "2023-02-24"),
        ("17.03.2023", "2023-03-17"),
        ("3/17/2023", "2023-03-17"),
        ("3/4/2023", ""),  # the third of April, or the fourth of March
        ("Friday 3/10/2023", "2023-03-10"),
        ("Tuesday, 3/10/2023", "2023-10-03"),
        ("the most since at least 1982", "1982-01-01 1982-12-31"),
        ("after he won a run-off vote on Sunday", "2023-03-12"),
        ("down from its July high", "2022-07-01 2022-07-31"),
        ("its worst week since September", "2022-09-01 2022-09-30"),
        ("in early February 2022", "2022-02-01 2022-02-09"),
        ("the first quarter of 2022", "2022-01-01 2022-03-31"),
        ("the first quarter", "2023-01-01 2023-03-31"),
        ("at the weekend ministers said", "2023-03-11 2023-03-12"),
        ("the day before yesterday", "2023-03-15"),
        ("it may rain; May said so", ""),
        ("on the 12th of March, 2023", "2023-03-12"),
        ("by the end of the month", "2023-03-31"),
        ("from March 28 to April 2", "2023-03-28 2023-04-02"),
        ("between 3 May and 5 May", "2023-05-03 2023-05-05"),
        ("Monday to Wednesday", "2023-03-13 2023-03-15"),
        ("in the week of June 12", "2023-06-12 2023-06-18"),
        ("at the end of next week", "2023-03-24"),
        ("by the end of April", "2023-04-30"),
        ("the first half of 2022", "2022-01-01 2022-06-30"),
        ("in the 1990s", "1990-01-01 1999-12-31"),
        ("since the start of the year", "2023-01-01"),
        ("over the past two weeks", "2023-03-03 2023-03-17"),
        ("last summer", "2022-06-01 2022-08-31"),
        ("a fortnight ago", "2023-03-03"),
        ("in Q1", "2023-01-01 2023-03-31"),
        ("2023/03/17", "2023-03-17"),
        ("on Tuesday, ministers will meet", "2023-03-21"),
    ],
)
def test_a_date_is_resolved_against_friday_17_march_2023(text, expected):
    first, _, last = expected.partition(" ")
    found = [(str(span.first), str(span.last)) for span in find_dates(text, FRIDAY)]
    assert found == ([(first, last or first)] if expected else [])


def test_a_day_before_is_counted_from_the_day_that_stands_before_it():
    spans = find_dates("It lost 15% on Tuesday and 17% the day before.", FRIDAY)
    assert [str(span.first) for span in spans] == ["2023-03-14", "2023-03-13"]


def test_a_long_text_without_an_end_of_a_sentence_is_read_in_linear_time():
    assert len(find_dates("the dollar fell on Friday and " * 600, FRIDAY)) == 600


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 1506 GMT", "15:06 UTC"),
        ("3:06 p.m. in Beijing", "15:06 Asia/Shanghai"),
        ("at 8:30 a.m. ET", "08:30 America/New_York"),
        ("10.30 Uhr", "10:30 Europe/Berlin"),
        ("at 3 p.m.", "15:00 "),
        ("3:06 PM GMT+8", "15:06 +08:00"),
        ("2pm London time", "14:00 Europe/London"),
        ("22.00 MESZ", "22:00 Europe/Berlin"),
        ("it fell to 1.05, or 2100 points", ""),
        ("25:71 GMT", ""),
    ],
)
def test_a_time_says_its_clock(text, expected):
    assert [f"{stamp.time:%H:%M} {stamp.zone}" for stamp in find_times(text)] == ([expected] if expected else [])


def test_a_printed_date_is_that_of_the_city_of_the_dateline():
    article = take_apart("Aussie climbs\n\nSYDNEY, June 7 2023 (Press) - The Aussie rose.", "a.txt")
    assert (article.title, article.place, article.zone) == ("Aussie climbs", "Sydney", "Australia/Sydney")
    assert article.printed is not None
    assert article.printed.first == dt.date(2023, 6, 7)


def test_a_byline_names_the_city_and_no_month():
    article = take_apart("Why the forint fell\n\nBy Jan Novak in Budapest | 14.10.2022\n\nThe bank acted.", "a.txt")
    assert article.zone == "Europe/Budapest"
    assert [span.text for span in find_dates(article.text, FRIDAY)] == ["14.10.2022"]


def test_a_dateline_without_a_year_has_the_year_that_is_nearest():
    article = take_apart("Year turns\n\nLONDON, Dec 31 (Press) - The pound rose.", "a.txt")
    assert article.printed is None
    assert on_printed_day(article, dt.date(2023, 1, 2)) == dt.date(2022, 12, 31)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The title\n\nText.", "The title"),
        ("Headline: The title\nText.", "The title"),
        ("Fri 17 Mar 2023 07.06 GMT\nThe title\nText.", "The title"),
        ("BEIJING, March 17 (Wire) - Xi will go. More.", "Xi will go"),
        ("A \u202etitle\u202c with\x07 signs\n\nText.", "A title with signs"),
    ],
)
def test_the_title_is_found_and_made_plain(text, title):
    assert take_apart(text, "a.txt").title == title
