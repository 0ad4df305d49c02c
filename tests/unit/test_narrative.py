"""The sentences, read as an editor would: grammar, and no claim that the numbers do not make."""

from __future__ import annotations

import dataclasses

import pytest

from eventstudy.report.narrative import Finding, answer, lead_of

ORDINARY = Finding(
    title="the dollar index (proxy)",
    verdict="none",
    days=("2023-03-17",),
    move=-0.00237,
    abnormal=-0.00191,
    previous=-0.00228,
    t=-0.26,
    p_adjusted=1.0,
    placebo_p=90 / 121,
    at_least=89,
    placebos=120,
    mde=0.0206,
)
STRONG = Finding(
    title="the euro against the Swiss franc",
    verdict="strong",
    days=("2015-01-15",),
    move=-0.144,
    abnormal=-0.144,
    previous=0.00001,
    t=-169.8,
    p_adjusted=1e-90,
    placebo_p=1 / 121,
    at_least=0,
    placebos=120,
    mde=0.0024,
)


def but(f: Finding, **changes: object) -> Finding:
    return dataclasses.replace(f, **changes)


def told(*findings: Finding, same_day: tuple[str, ...] = ()) -> str:
    _, sentences = answer(findings, same_day)
    return " ".join(sentences).replace("\u202f", " ").replace("\u00a0", " ")


def test_an_ordinary_day() -> None:
    assert told(ORDINARY) == (
        "No. The dollar index's move was ordinary: it moved this much on three days in four. "
        "The dollar index (proxy) fell 0.24 % by its first price after the announcement, on Friday 17 March 2023; "
        "it extended its loss of 0.23 % in the session before. "
        "Measured: 0.19 percentage points below its average day, as on 89 of 120 ordinary days "
        "(t = \u22120.26, p = 1.00). "
        "A study like this one would show a move of 2.06 % four times out of five; a smaller reaction can pass unseen."
    )


def test_a_strong_reaction() -> None:
    assert told(STRONG) == (
        "Yes. The euro's move against the Swiss franc was far outside the ordinary: it moved this much on none of the "
        "120 ordinary days before. "
        "The euro fell 14.4 % against the Swiss franc by its first price after the announcement, on Thursday 15 "
        "January 2015, after a session with hardly a change. "
        "Measured: 14.4 percentage points below its average day, as on none of 120 ordinary days "
        "(t = \u2212170, p < 0.001)."
    )


@pytest.mark.parametrize(
    ("move", "previous", "said"),
    [
        (-0.01, -0.002, "; it extended its loss of 0.20 % in the session before."),
        (0.01, 0.02, "; it extended its gain of 2.00 % in the session before."),
        (-0.01, 0.002, "; it more than reversed its gain of 0.20 % in the session before."),
        (0.001, -0.002, "; it partly reversed its loss of 0.20 % in the session before."),
        (0.001, 0.0, ", after a session with hardly a change."),
        (0.001, None, "on Friday 17 March 2023."),
        (0.00001, -0.01, "was all but unchanged by its first price after the announcement, on Friday 17 March 2023."),
    ],
)
def test_extended_or_reversed(move: float, previous: float | None, said: str) -> None:
    assert said in told(but(ORDINARY, move=move, previous=previous))


FEBRUARY = ("2022-02-04", "2022-02-07")
MONTHS = ("2023-02-28", "2023-03-01", "2023-03-02")
YEARS = ("2022-12-30", "2023-01-02")


@pytest.mark.parametrize(
    ("start", "days", "timing", "said"),
    [
        (
            0,
            FEBRUARY,
            "covered",
            "the two sessions in which the news can first have been priced, 4 and 7 February 2022;",
        ),
        (0, FEBRUARY, "known", "over the first two sessions after the announcement, 4 and 7 February 2022;"),
        (0, FEBRUARY, "assumed", "over the first two sessions after the assumed time of the announcement,"),
        (
            0,
            FEBRUARY[:1],
            "assumed",
            "its first price after the assumed time of the announcement, on Friday 4 February",
        ),
        (-1, MONTHS, "known", "the three sessions around the announcement, 28 February to 2 March 2023;"),
        (-2, YEARS, "known", "the two sessions before the announcement, 30 December 2022 and 2 January 2023;"),
        (1, FEBRUARY, "known", "the two sessions some time after the announcement, 4 and 7 February 2022;"),
        (1, FEBRUARY[:1], "known", "fell 0.24 % on Friday 4 February 2022;"),
    ],
)
def test_the_window_is_told_as_what_it_is(start: int, days: tuple[str, ...], timing: str, said: str) -> None:
    text = told(but(ORDINARY, start=start, days=days, timing=timing))
    assert said in text
    if len(days) > 1:
        assert (
            "0.19 percentage points below its average over as many sessions, as in 89 of 120 ordinary stretches" in text
        )


def test_the_first_of_two_sessions_is_told_when_it_stands_out() -> None:
    two = but(ORDINARY, days=("2022-02-04", "2022-02-07"), first_move=-0.0091, first_t=-3.3)
    assert "On the first of them, Friday 4 February 2022, it fell 0.91 %." in told(two)
    assert "On the first" not in told(but(two, first_t=-1.9))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at_least": 1}, "it moved this much on one of 120 ordinary days before."),
        ({"at_least": 11}, "it moved this much on one day in ten."),
        ({"at_least": 118}, "it moved this much nearly always."),
        ({"at_least": 0, "alternative": "less"}, "it came out this low on none of the 120 ordinary days before."),
        ({"alternative": "greater"}, "it came out this high on three days in four."),
        ({"placebos": 0, "at_least": 0}, "; there are too few ordinary days before it to compare with (t ="),
        ({"benchmark": "the DAX"}, "0.19 percentage points less than the DAX explains, as on 89"),
        ({"benchmark": ""}, "percentage points less than the factors explain, as on 89"),
        ({"abnormal": 0.0}, "Measured: just at its average day,"),
        ({"abnormal": 0.0, "benchmark": "the DAX"}, "Measured: just what the DAX explains,"),
        ({"abnormal": 0.002}, "0.20 percentage points above its average day"),
    ],
)
def test_how_often(changes: dict[str, object], said: str) -> None:
    assert said in told(but(ORDINARY, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alternative": "less", "p_adjusted": 0.76}, "(t = \u22120.26, one-sided p = 0.76)"),
        ({"alternative": "less"}, "would show a fall of 2.06 % four times"),
        ({"power": 0.9}, "a move of 2.06 % nine times out of ten;"),
        ({"power": 0.85}, "a move of 2.06 % 85 times out of a hundred;"),
    ],
)
def test_the_conclusion_states_its_side_and_power(changes: dict[str, object], said: str) -> None:
    assert said in told(but(ORDINARY, **changes))


def test_weak_evidence_tells_both_tests() -> None:
    weak = but(ORDINARY, verdict="weak", p_adjusted=0.161, placebo_p=4 / 121, at_least=3)
    text = told(weak)
    assert text.startswith(
        "Perhaps. The dollar index's move was unusual, but short of proof: it moved this much on three of"
    )
    assert "(t = \u22120.26, p = 0.16; p = 0.033 counting ordinary days)" in text


def test_a_confounded_move_is_not_credited() -> None:
    one = but(ORDINARY, verdict="confounded", context=("ECB meeting",))
    assert "but the ECB meeting came between the same two prices: it cannot be credited" in told(one)
    assert "Between the same two prices also" not in told(one)
    both = but(one, context=("ECB meeting", "The jobs report"))
    assert "but the ECB meeting and the jobs report came between the same two prices" in told(both)
    assert "but a scheduled release came between" in told(but(one, context=()))
    assert "reaction (t" not in told(both)


def test_other_releases_are_told_once() -> None:
    text = told(but(ORDINARY, context=("ECB meeting",)), same_day=("ECB meeting", "jobs report"))
    assert "Between the same two prices also came the ECB meeting." in text
    assert "On the same day, but outside the time measured: the jobs report." in text
    assert text.count("ECB meeting") == 1


def test_several_assets() -> None:
    others = [
        but(ORDINARY, title="the yen", move=0.0001, p_adjusted=1.0),
        but(STRONG, title="the franc (spot)", move=-0.13, t=-30.0),
        but(ORDINARY, title="the won", move=0.0),
        Finding(title="the rouble", verdict="not computable", reason="no price on 17 March 2023"),
    ]
    text = told(STRONG, *others)
    assert "p < 0.001 allowing for four assets" in text
    assert "Strong reaction: the franc (spot; \u221213.0 %)." in text
    assert "No detectable reaction: the yen (+0.01 %) and the won (unchanged)." in text
    assert text.endswith("Not studied: the rouble \u2013 no price on 17 March 2023.")


def test_one_asset_needs_no_allowance() -> None:
    assert "allowing" not in told(STRONG)
    assert "Taken alone, this asset would show" in told(ORDINARY, but(ORDINARY, title="the yen"))


def test_nothing_to_tell() -> None:
    verdict, sentences = answer([Finding(title="the rouble", verdict="not computable", reason="no price")])
    assert verdict == "not computable"
    assert sentences == ("Nothing can be said about this announcement.", "The rouble: no price.")


def test_a_reaction_that_can_be_credited_leads_and_weak_evidence_is_not_hidden() -> None:
    weak, confounded = but(ORDINARY, verdict="weak"), but(ORDINARY, verdict="confounded", t=-9.0)
    moderate = but(ORDINARY, verdict="moderate", t=2.5)
    assert lead_of([ORDINARY, weak]) is weak
    assert lead_of([weak, confounded, moderate]) is moderate
    assert lead_of([but(STRONG, t=5.0), STRONG, moderate]) is STRONG
    assert lead_of([ORDINARY, but(ORDINARY, t=-1.9)]) is ORDINARY


@pytest.mark.parametrize("verdict", ["none", "weak", "moderate", "strong", "confounded"])
@pytest.mark.parametrize("timing", ["known", "covered", "assumed"])
def test_sentences_are_well_formed(verdict: str, timing: str) -> None:
    for days in (("2023-03-17",), ("2023-03-17", "2023-03-20")):
        finding = but(ORDINARY, verdict=verdict, timing=timing, days=days, context=("ECB meeting",))
        for sentence in answer([finding, finding], ("jobs report",))[1]:
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert "  " not in sentence
            assert ".." not in sentence
            assert "None" not in sentence
            assert sentence.count("(") == sentence.count(")")
