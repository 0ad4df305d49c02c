"""What is stored as an English sentence, on a page in German."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from eventstudy.claims import cues, opened, words
from eventstudy.claims.claim import Claim, Level, Number
from eventstudy.config.minutes import ClockStudyConfig
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS
from eventstudy.report import text
from eventstudy.report.words import in_language, speaking
from eventstudy.report.words.german.stored import STORED
from eventstudy.report.words.stored import translated
from eventstudy.spec import StudySpec
from eventstudy.study.clock.method import method_line as clock_method_line
from eventstudy.study.clock.stored_window import REMEDIES
from eventstudy.study.clock.windows import REFUSALS
from eventstudy.study.method import method_line

DAY = dt.date(2023, 3, 17)
INDEX = "the US dollar index (proxy on ECB fixings)"
LEVEL = Level(number=Number(value=82.1, step=0.1), bound="more than")
CLAIM = Claim(text="", start=0, end=0, sentence="", verb="", direction=-1, subject="yen")
BY = words.of_the_day(INDEX, DAY, -0.24, is_fixing=True)
CLAIMS = [
    *(
        words.moved(words.at(what, DAY), INDEX, words.measured(value, unit, step), f"the {kind} of 16 March 2023", said)
        for what in ("low", "high", "open", "close", "fixing")
        for value, unit, step in ((0.61, "percent", 0.1), (-12.0, "basis points", 1.0), (0.0, "percent", 0.1))
        for kind in ("close", "fixing")
        for said in ("as much as 0.5% lower", "little changed", "12 basis points higher")
    ),
    words.moved(
        words.quoted(INDEX, words.at("low", DAY, of=133.25)),
        "the yen",
        "0.9% above",
        "the close of 16 March 2023",
        "higher",
    ),
    words.stood(words.at("low", DAY), INDEX, 82.123, LEVEL),
    words.SPLIT,
    words.little(0.25),
    words.fixing_is_no_close(INDEX, None),
    words.fixing_is_no_close(INDEX, -0.24),
    words.which_clock("10:32"),
    words.no_minute(INDEX, words.minute(dt.datetime(2023, 3, 17, 10, 32, tzinfo=dt.UTC), "America/New_York", 5)),
    words.no_asset(CLAIM),
    words.no_prices(INDEX, "on 17 March 2023"),
    words.no_prices(INDEX, "of the days before"),
    words.no_prices(INDEX, "to count the move from"),
    words.needs_extreme(CLAIM, BY, is_fixing=True),
    words.needs_extreme(CLAIM, BY, is_fixing=False),
    words.needs_range(BY),
    words.disagree(BY, words.of_the_day(INDEX, DAY, -0.4, is_fixing=False)),
    words.proxied("Bloomberg", INDEX, "supported", BY),
    words.proxied("Bloomberg", INDEX, "", f"{words.NEEDS_MINUTES} {words.two_days(INDEX, DAY, -0.23, -0.24)}"),
    *(words.reaction(INDEX, verdict, -0.0019, -0.3, 0.9) for verdict in words.REACTIONS if verdict != "not computable"),
    words.reaction(INDEX, "not computable", None, None, None),
    words.when("then"),
    words.when(""),
    words.goes_back(INDEX, DAY, DAY),
    words.no_record(INDEX, DAY),
    words.stands_in("Bloomberg", INDEX),
    words.largest(INDEX, "closes", -1.4, DAY, DAY, "250 sessions"),
    words.larger(INDEX, "closes", -1.4, DAY, -2.0, DAY),
    words.wrong_way(INDEX, 0.4, DAY),
    words.utmost(INDEX, "low", 98.2, DAY, DAY),
    words.beyond(INDEX, "low", 98.2, DAY, 97.0, DAY),
    words.in_doubt("97"),
    words.path(INDEX, DAY, -0.2, -0.6, -0.3, is_around_news=True),
    words.path(INDEX, DAY, -0.2, -0.6, -0.3, is_around_news=False),
    *(words.NEEDS_MINUTES, words.NO_LOSS, words.NEGATED, words.NO_CLAIM, words.NOT_IN_EVENT, words.ANOTHER_DAY),
    *(words.DIRECTION, words.ON_BOTH_DAYS, opened.FORECAST, opened.FUTURES, opened.BONDS, cues.OUTSIDE),
    # what `eventstudy.claims.grammar` finds wrong with a sentence
    *("One price is told of several names.", "\u201crespectively\u201d gives each name a number of its own."),
    *(
        "\u201cin May\u201d is a time over which no move is counted.",
        "\u201c2% to 3%\u201d is a range; \u201c12\u201d has no unit.",
    ),
]
NO_PRICE = (
    "no price on 2023-03-17, the first session that could react; its rates run from 2005-04-01 to 2022-03-01: the ECB "
    "suspended its reference rate for the rouble on 2022-03-02"
)
CHECKED = (
    "checked against the releases of the Federal Reserve and the ECB; 4 on file around these days; employment, "
    "inflation and other figures are not on file. A move at the right time does not show its cause"
)
PACED = "the three hours that the pace is measured over"
OTHERS = [
    *REFUSALS.values(),
    *(remedy.format(bar="5m") for remedy in REMEDIES.values()),
    NO_PRICE,
    CHECKED,
    # what `eventstudy.study.clock.result` says of bars, and `eventstudy.study.clock.notes` of windows
    "AAA: 12 rows outside every session are no bars",
    "AAA: 1 row without volume is no bar",
    "the files of mine gave no bars of AAA near it; give bars up to the announcement and of 20 sessions before it",
    "of bars of 5m none of 1m can be made: write bar: 5m in the study, or give finer ones",
    "AAA: bars of 5m were made of bars of 1m",
    "the announcement is after the last bar, which ends 2023-03-31T20:00:00Z; give later bars",
    f"a lull before the window: its last 12 bars moved 0.41 times as much as {PACED}",
    *(test.words for test in TESTS.values() if test.words),
    *(
        method_line(StudySpec(model=name, alternative=side), "X").removeprefix("X: ")
        for name in MODELS
        for side in ("two-sided", "greater", "less")
    ),
    *(
        clock_method_line(ClockStudyConfig(id="fast", bar="5m", **settings), "X").removeprefix("X: ")
        for settings in (
            {},
            {"benchmark": "MKT", "clock": "announcement", "gap_class": "same", "snap_seconds": 5},
            {"model": "factor", "factors": ("A", "B"), "mask_events": False, "extended": True},
        )
    ),
]
ENGLISH = re.compile(r"\b(?:the|of|is|are|has|which|that|by|than|with|no|not|closes|fixings of|moved|below|above)\b")


@pytest.fixture(autouse=True)
def _german():
    with speaking(in_language("de")):
        yield


@pytest.mark.parametrize("sentence", [*CLAIMS, *OTHERS])
def test_a_stored_sentence_is_said_in_german_with_all_that_stood_in_it(sentence):
    said = translated(sentence)
    assert said is not None
    assert ENGLISH.findall(said.replace("docs/claims.md", "")) == []
    assert said[0].isupper() or not sentence[0].isupper()
    assert said.endswith(".") == sentence.endswith(".")


def test_dates_numbers_and_titles_are_those_of_the_language():
    sentence = words.moved(
        words.at("low", DAY), INDEX, "0.71% below", "the close of 16 March 2023", "as much as 0.5% lower"
    )
    assert translated(sentence) == (
        "Beim Tief am 17. März 2023: der US-Dollar-Index (Näherung aus EZB-Kursen) 0,71\u202f% unter dem Schluss vom "
        "16. März 2023; behauptet: bis zu 0,5\u202f% niedriger."
    )


def test_what_no_sentence_fits_stays_in_english_whole():
    mixed = f"{words.NEGATED} Something else was said."
    assert translated(mixed) is None
    assert text.spoken("a fault of 2023-03-17") == "a fault of 17 March 2023"


def test_english_pages_say_what_is_stored():
    with speaking(in_language("en-GB")):
        assert translated(words.NEGATED) is None


def test_each_sentence_has_the_same_slots_in_both_languages():
    slots = re.compile(r"\{(\w+)\}")
    assert {one: two for one, two in STORED.items() if set(slots.findall(one)) != set(slots.findall(two))} == {}
