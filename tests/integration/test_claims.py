"""`eventstudy claims`: claims against prices, with answers that are worked out by hand from `tests.support.claims`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Demo
from tests.support import claims as made
from tests.support.command import eventstudy
from tests.support.passes import rows

YES, NO, OPEN = "supported", "not supported", "cannot be checked"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("claims")
    made.build(folder)
    return folder / "es.db"


def ask(database: Path, text: str, event: str = "visit", *more: str) -> dict[str, Any]:
    done = eventstudy("claims", text, "--event", event, "--db", database, "--json", *more)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


# Text → answer, and what was measured, by hand. The close before is 100 of AAA, ICE, CLO and MIN, and 133 of USDJPY.
TRUTHS = [
    # closes: 99.76 / 100 - 1 = -0.24 %
    ("Acme fell 0.2%", YES, -0.24, "closes"),
    ("Acme fell 0.24%", YES, -0.24, "closes"),
    ("Acme fell 0.3%", NO, -0.24, "closes"),
    ("Acme fell 0.25%", NO, -0.24, "closes"),
    ("Acme fell a quarter of a percent", YES, -0.24, "closes"),
    ("Acme rose 0.2%", NO, -0.24, "closes"),
    ("Acme fell", YES, -0.24, "closes"),
    ("Acme did not fall", NO, -0.24, "closes"),
    ("Acme didn't rise", YES, -0.24, "closes"),
    ("Acme slipped 24 basis points", YES, -24.0, "closes"),
    ("Acme lost 0.24 points", YES, -0.24, "closes"),
    ("Acme lost 24 cents", YES, -0.24, "closes"),
    ("Acme lost $0.30", NO, -0.24, "closes"),
    ("Acme closed 0.2% lower at 99.76", YES, -0.24, "closes"),
    ("Acme closed at 99.8", YES, 99.76, "closes"),
    ("Acme closed at 99.7", NO, 99.76, "closes"),
    ("Acme was little changed", NO, -0.24, "closes"),  # a quarter of 0.5 % is 0.125 %
    # lows and highs: 99.40 and 100.20
    ("Acme fell as much as 0.5%", YES, -0.6, "daily range"),
    ("Acme fell as much as 0.6%", YES, -0.6, "daily range"),
    ("Acme fell as much as 0.7%", NO, -0.6, "daily range"),
    ("Acme fell more than 0.5%", YES, -0.6, "daily range"),
    ("Acme fell more than 0.6%", NO, -0.6, "daily range"),
    ("Acme gained as much as 0.2%", YES, 0.2, "daily range"),
    ("Acme fell 0.6% in early trading before closing down 0.2%", YES, -0.6, "daily range"),
    ("Acme fell below 99.5", YES, 99.4, "daily range"),
    ("Acme fell below 99.3", NO, 99.4, "daily range"),
    ("Acme fell to as low as 99.4", YES, 99.4, "daily range"),
    ("Acme erased its gains", YES, -0.24, "daily range"),  # a high of +0.2 %, and a close below
    ("Acme pared its losses", YES, -0.24, "daily range"),  # from -0.6 %
    ("Acme reversed its losses", NO, -0.24, "daily range"),
    # closes alone cannot refute a lower bound, and "as much as" names the extreme, which they do not know
    ("Clove fell as much as 0.2%", OPEN, -0.24, "closes"),
    ("Clove fell more than 0.2%", YES, -0.24, "closes"),
    ("Clove fell more than 0.3%", OPEN, -0.24, "closes"),
    ("Clove closed down more than 0.3%", NO, -0.24, "closes"),
    ("Clove fell below 99.8", YES, 99.76, "closes"),
    ("Clove fell below 99.5", OPEN, 99.76, "closes"),
    ("Clove erased its gains", OPEN, -0.24, "closes"),
    # the yen: 133 / 131.80 - 1 = +0.910 %, 133 / 131.50 - 1 = +1.141 %, 133 / 133.50 - 1 = -0.375 %
    ("The yen rose 0.9%", YES, 0.910, "closes"),
    ("The yen fell 0.9%", NO, 0.910, "closes"),
    ("The dollar fell 0.9% against the yen", YES, -0.902, "closes"),  # 131.80 / 133 - 1
    ("The yen gained as much as 1.1%", YES, 1.141, "daily range"),
    ("The yen slid as much as 0.4%", YES, -0.375, "daily range"),
    ("The yen strengthened past 132 per dollar", YES, 131.5, "daily range"),
    ("The yen strengthened past 131 per dollar", NO, 131.5, "daily range"),
    ("The yen weakened past 133.2 per dollar", YES, 133.5, "daily range"),
    ("The yen rose 0.9% to 131.80 per dollar from 133.00", YES, 0.910, "closes"),
    ("The yen rose to 133.00 per dollar from 131.80", OPEN, None, ""),
    ("The yen rose 5% to 131.80 per dollar from 133.00", OPEN, None, ""),
    # bars of five minutes
    ("Minerva extended its loss after the news", YES, -0.24, "minutes"),  # -0.1 % before, and -0.7 % after
    ("Minerva pared its loss after the news", NO, -0.24, "minutes"),
    ("Minerva reversed its loss after the news", NO, -0.24, "minutes"),
    ("Minerva traded at 99.80 as of 10:32 a.m. in New York", YES, 99.8, "minutes"),  # 14:32 UTC
    ("Minerva was down 0.3% at 99.70 as of 10:12 a.m. in New York", YES, -0.3, "minutes"),
    ("Minerva was down 0.2% as of 10:12 a.m. in New York", NO, -0.3, "minutes"),
    ("Minerva traded at 99.80 as of 10:32 a.m.", OPEN, None, ""),
    ("Acme traded at 99.80 as of 10:32 a.m. in New York", OPEN, None, ""),
    ("Acme extended its loss after the news", OPEN, -0.24, "closes"),
    # minutes say -0.7 %, the daily bar -0.6 %: the sources disagree where that matters, and nowhere else
    ("Minerva fell as much as 0.7%", OPEN, None, ""),
    ("Minerva fell as much as 0.5%", YES, -0.7, "minutes"),
    # since when: 100 to 100.5 before 13 March, so that 99.76 is the lowest, and 15 March (-0.99 %) the biggest loss
    ("Clove closed at the lowest since December", YES, 99.76, "closes"),
    ("Acme hit its lowest since December 1", YES, 99.4, "daily range"),
    ("Clove closed at the lowest since 2015", OPEN, None, ""),
    ("Clove closed at a record low", OPEN, 99.76, ""),
    ("Clove had its biggest fall since December", NO, -0.24, "closes"),
    ("Clove had its biggest fall since Thursday", YES, -0.24, "closes"),
    ("Clove had its biggest gain since December", NO, -0.24, "closes"),
    ("Clove had its biggest fall since the pandemic", OPEN, None, ""),
    # a proxy gives no verdict, the thing itself does
    ("The dollar index fell as much as 0.5%", YES, -0.6, "daily range"),
    ("The Bloomberg Dollar Spot Index fell as much as 0.5%", OPEN, -0.6, "daily range"),
    ("The dollar fell 0.2%", OPEN, -0.24, "closes"),
    ("The Bloomberg Dollar Spot Index had its biggest fall since Thursday", OPEN, None, ""),
    # names of the gazetteer
    ("A gauge of the greenback fell as much as 0.5%", YES, -0.6, "daily range"),
    ("The Japanese currency rose 0.9%", YES, 0.910, "closes"),
    # days that are named
    ("Acme fell 0.2% on Friday", YES, -0.24, "closes"),
    ("Acme fell 1% on Wednesday", YES, -0.990, "closes"),  # 100 / 101 - 1
    # what was printed before a split of two for one is twice what stands in the file
    ("Splendid closed at 100", YES, 100.0, "closes"),
    ("Splendid closed at 50", YES, 50.0, "closes"),
    ("Splendid closed at 75", NO, 50.0, "closes"),
    ("Acme fell 0.24% from Thursday", YES, -0.24, "closes"),
    ("Acme fell 1% from Wednesday", OPEN, None, ""),
    ("The yen firmed to 131.80 from 133.00 on Wednesday", OPEN, None, ""),
    ("Acme recouped some of Wednesday's gain", OPEN, None, ""),
    # what is told in front: 99.76 / 100.50 - 1 = -0.736 % since Friday the 10th
    ("For the week, Clove fell 0.74%", YES, -0.736, "closes"),
    ("For the week, Clove fell 0.24%", NO, -0.736, "closes"),
    ("During the day, Acme rose 0.2%", YES, 0.2, "daily range"),
    ("During the day, Acme fell 0.7%", NO, -0.6, "daily range"),
    ("Acme briefly fell below 99.5", YES, 99.4, "daily range"),
    ("At 1432 GMT, Minerva traded at 99.80", YES, 99.8, "minutes"),
    # of a time that is not told, a low and a high alone tell
    ("Acme was last down 0.6%", YES, -0.6, "daily range"),
    ("Acme was last down about 0.5%", YES, -0.6, "daily range"),
    ("Acme was last down 0.7%", NO, -0.6, "daily range"),
    ("Acme was last down less than 0.3%", OPEN, -0.24, "closes"),
    ("Acme was last little changed", OPEN, -0.24, "closes"),
    # one claim of a close, records, and prices of another rate
    ("Acme fell 0.24% to settle at 99.76", YES, -0.24, "closes"),
    ("Acme fell 0.24% to settle at 99.40", NO, 99.76, "closes"),
    ("Acme settled at 99.76, down 24 cents", YES, -0.24, "closes"),
    ("Acme topped 100.1", YES, 100.2, "daily range"),
    ("Acme topped 100.3", NO, 100.2, "daily range"),
    ("Acme hit a record of 100.2", NO, 100.2, "daily range"),  # 101 on Tuesday
    ("Acme was down 0.24% in premarket trading", OPEN, None, ""),
    ("The yen was at 4.48", OPEN, None, ""),
    # contradictions, forecasts, strangers
    ("Acme rose -0.2%", OPEN, None, ""),
    ("Acme rose 0.2% lower", OPEN, None, ""),
    ("Acme may fall 0.2%", OPEN, None, ""),
    ("Gazprom fell 0.2%", OPEN, None, ""),
    ("It was a fine day.", OPEN, None, ""),
]


@pytest.mark.parametrize(("text", "answer", "measured", "route"), TRUTHS, ids=[text for text, *_ in TRUTHS])
def test_a_claim_is_answered_as_by_hand(
    database: Path, text: str, answer: str, measured: float | None, route: str
) -> None:
    found = ask(database, text)
    first = found["claims"][0]
    assert (found["answer"], first["answer"]) == (answer, answer), first["because"]
    assert first["route"] == route, first["because"]
    assert first["measured"] == (None if measured is None else pytest.approx(measured, abs=5e-4))


def test_what_a_proxy_cannot_settle_is_said_in_whole_sentences(database: Path) -> None:
    found = ask(database, "The Bloomberg Dollar Spot Index extended its loss after the news")["claims"][0]
    assert found["because"].startswith(
        "There are no prices of \u201cBloomberg Dollar Spot Index\u201d itself. In its place, the ICE US dollar index "
        "cannot settle the claim either. Only prices by the minute on both sides of the news can separate the move "
        "before it from the move after it, and these are missing: one price a day covers both. By closes the ICE US "
        "dollar index moved \u22120.24% on 17 March 2023."
    )
    held = ask(database, "The Bloomberg Dollar Spot Index fell as much as 0.5%")["claims"][0]
    assert "itself. In its place, the ICE US dollar index agrees with the claim. " in held["because"]


def test_a_true_sentence_about_the_day_is_not_yet_a_reaction(database: Path) -> None:
    found = ask(database, "Acme fell as much as 0.5% after the news.")["claims"][0]
    assert (found["answer"], found["reaction"]["answer"]) == (YES, NO)
    verdict = "select verdict from reactions where event_id = 'visit' and asset = 'AAA'"
    assert rows(database, verdict) == [("none",)]


def test_a_move_beyond_all_others_was_a_reaction_and_in_the_other_direction_it_was_none(database: Path) -> None:
    # 102 / 99.76 - 1 = 2.245 % on Monday, where 0.5 % is usual
    assert rows(database, "select verdict from reactions where event_id = 'monday' and asset = 'CLO'") == [("strong",)]
    rose, fell = (ask(database, f"Clove {verb} 2.2%", "monday")["claims"][0] for verb in ("rose", "fell"))
    assert (rose["answer"], rose["reaction"]["answer"]) == (YES, YES)
    assert (fell["answer"], fell["reaction"]["answer"]) == (NO, NO)


def test_a_day_before_the_news_was_no_reaction_to_it(database: Path) -> None:
    found = ask(database, "Acme fell 1% on Wednesday")["claims"][0]
    assert (found["session"], found["reaction"]["answer"]) == ("2023-03-15", OPEN)


def test_a_price_in_doubt_decides_nothing(database: Path) -> None:
    found = ask(database, "Doubtful fell 0.2%", "doubt")["claims"][0]
    assert (found["answer"], found["measured"], found["reaction"]["answer"]) == (OPEN, None, OPEN)
    assert found["because"].startswith("A price in doubt decides nothing: DBT")
    # on Wednesday nothing was in doubt, and what is looked for since February reaches to the day that is
    assert ask(database, "Doubtful fell 1% on Wednesday", "doubt")["answer"] == YES
    assert ask(database, "Doubtful rose the most since Wednesday", "doubt")["answer"] == OPEN


def test_two_days_that_the_time_leaves_open_must_tell_the_same(database: Path) -> None:
    # -0.24 % on Friday; 102 / 99.76 - 1 = +2.245 % on Monday
    assert ask(database, "Acme fell 0.2%", "between")["answer"] == OPEN
    assert ask(database, "Acme rose 5%", "between")["answer"] == NO
    assert ask(database, "Acme fell 0.2% on Friday", "between")["answer"] == YES


def test_weeks_months_and_years_are_counted_from_the_last_close_before_them(database: Path) -> None:
    # the last of the 90 weekdays before 13 March is the 10th, and odd: 100.50; 99.76 / 100.50 - 1 = -0.736 %
    # the last one of February is the 28th, the 82nd: 100.50; the last one of December the 30th, the 40th: 100.50
    for text in ("Clove fell 0.74% this week", "Clove fell 0.74% this month", "Clove fell 0.74% this year"):
        found = ask(database, text)["claims"][0]
        assert (found["answer"], found["measured"]) == (YES, pytest.approx(-0.7363, abs=5e-4)), text
    # weeks go to and fro before: Fridays are 100.50 and 100 by turns, so that 0.5 % was the largest fall of one
    assert ask(database, "Clove had its biggest weekly fall since December")["answer"] == YES
    assert ask(database, "Clove had its biggest weekly gain since December")["answer"] == NO


def test_a_text_of_several_claims_holds_only_if_all_of_them_do(database: Path) -> None:
    text = "Acme fell 0.2% and Clove rose 5%. Gazprom fell."
    found = ask(database, text)
    assert [claim["answer"] for claim in found["claims"]] == [YES, NO, OPEN]
    assert found["answer"] == NO
    assert [text[claim["start"] : claim["end"]] for claim in found["claims"]][:2] == ["Acme fell 0.2%", "Clove rose 5%"]


def test_a_claim_without_an_asset_is_of_the_only_one_or_of_the_one_that_is_named(database: Path) -> None:
    text = "Fell as much as 0.5%"
    assert ask(database, text)["answer"] == OPEN
    assert ask(database, text, "alone")["answer"] == YES
    assert ask(database, text, "visit", "--asset", "CLO")["answer"] == OPEN
    assert ask(database, text, "visit", "--asset", "AAA")["claims"][0]["asset"] == "AAA"


def test_prices_are_those_that_were_known_at_the_time_that_is_asked_for(database: Path) -> None:
    found = ask(database, "Acme fell 0.2%", "visit", "--as-of", "2020-01-01")["claims"][0]
    assert (found["answer"], found["measured"]) == (OPEN, None)


def test_a_pass_checks_the_claims_that_an_event_carries(database: Path) -> None:
    found = rows(database, "select asset, answer, measured, route, reaction from claims where event_id = 'visit'")
    assert [row[:2] + row[3:] for row in found] == [
        ("ICE", OPEN, "closes", NO),
        ("ICE", YES, "daily range", NO),
        ("AAA", NO, "closes", NO),
    ]
    assert [row[2] for row in found] == pytest.approx([-0.24, -0.6, -0.24], abs=5e-4)
    done = eventstudy("claims", "--event", "visit", "--db", database, "--json")
    assert [claim["answer"] for claim in json.loads(done.out)["claims"]] == [OPEN, YES, NO]
    done = eventstudy("query", "claims", "--db", database, "--format", "csv")
    assert done.code == 0
    assert done.out.count("\nvisit,") == 3


def test_the_page_of_an_event_shows_its_claims_as_text_and_no_page_without_claims_has_the_section(
    database: Path,
) -> None:
    pages = {name: (database.parent / f"reports/{name}.html").read_text() for name in ("visit", "monday", "alone")}
    assert "<h2>What was claimed</h2>" in pages["visit"]
    assert "<q>falling as much as 0.5%</q>" in pages["visit"]
    assert "was 0.60\u202f% below the close of 16 March 2023" in pages["visit"]
    assert "What was claimed" not in pages["alone"]
    assert "<script>alert" not in pages["monday"]
    assert "\u202e" not in pages["monday"]
    assert rows(database, "select asset, answer, reaction from claims where event_id = 'monday'") == [("CLO", YES, YES)]


def test_the_demo_answers_the_founding_claim_honestly(demo: Demo) -> None:
    text = (
        "The Bloomberg Dollar Spot Index extended its loss after the news of the visit, falling as much as 0.5%. "
        "The yen was flat."
    )
    found = ask(demo.database, text, "xi-visits-russia-2023")
    course, low, yen = found["claims"]
    assert (found["answer"], course["answer"], low["answer"]) == (OPEN, OPEN, OPEN)
    # by the ECB's rates of 16 and 17 March, with the exponents of the ICE index: see tests/integration/test_demo.py
    assert low["measured"] == pytest.approx(-0.24, abs=0.005)
    assert (low["route"], low["is_proxy"], low["on_proxy"]) == ("fixings", True, OPEN)
    assert low["reaction"]["answer"] == NO
    # 132.307692 / 132.326085 - 1 = -0.014 %
    assert (yen["answer"], yen["measured"]) == (YES, pytest.approx(-0.0139, abs=5e-4))


def test_it_answers_in_sentences_and_with_code_0_whatever_the_answer(database: Path) -> None:
    done = eventstudy("claims", "Acme fell as much as 0.5%, and may fall 3%.", "--event", "visit", "--db", database)
    assert done.code == 0
    assert done.out.startswith("\u201cAcme fell as much as 0.5%\u201d: supported.\n")
    assert "0.60% below the close of 16 March 2023" in " ".join(done.out.split())
    assert "That this was a reaction: not supported." in done.out
    assert "It speaks of what may come" in done.out


def test_the_same_as_markdown_and_in_280_characters(database: Path) -> None:
    text = "Acme *fell* as much as 0.5%. Clove extended its loss after the news."
    ask = ("claims", text, "--event", "visit", "--db", database, "--format")
    first, second = eventstudy(*ask, "markdown").out.splitlines()
    assert first.startswith("- \u201cAcme \\*fell\\* as much as 0.5%\u201d: **supported**. At its low on 17 March 2023")
    assert "**cannot be checked**" in second
    posts = eventstudy(*ask, "short").out.splitlines()
    assert max(map(len, posts)) <= 280
    assert [post.rpartition("As a reaction: ")[2] for post in posts] == ["not supported.", "not supported."]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["Acme fell"], 2),
        (["Acme fell", "--event", "visit", "--at", "2023-03-17T07:00Z"], 2),
        (["--at", "2023-03-17T07:00Z"], 2),
        (["Acme fell", "--event", "nowhere"], 1),
        (["Acme fell", "--event", "visit", "--asset", "GOLD"], 1),
        (["Acme fell", "--at", "2023-03-17T07:00Z"], 0),
        (["--event", "alone"], 0),
    ],
)
def test_how_it_is_called(database: Path, arguments: list[str], code: int) -> None:
    assert eventstudy("claims", *arguments, "--db", database).code == code


def test_a_time_stands_for_an_event_that_is_not_stored(database: Path) -> None:
    done = eventstudy("claims", "Acme fell 0.2%", "--at", "2023-03-17T07:00Z", "--db", database, "--json")
    found = json.loads(done.out)
    assert (found["event_id"], found["answer"], found["claims"][0]["reaction"]["answer"]) == (None, YES, OPEN)
