"""Which assets of very many a page shows in full, and how sentences name many."""

from __future__ import annotations

from typing import Any, ClassVar

from eventstudy.report.clock.words import clock_answer
from eventstudy.report.narrative import Finding, answer
from eventstudy.report.strongest import note, strongest
from eventstudy.report.text import listed


def window(verdict: str, t: float | None) -> dict[str, Any]:
    return {"verdict": verdict, "t": t}


def test_few_stand_in_their_order() -> None:
    assert strongest("ab", [window("none", 0.1), window("strong", 9.0)], 2) == ["a", "b"]
    assert note(2, 2) == ""


def test_of_many_the_clearest_reactions_come_first() -> None:
    windows = [window("none", -1.9), window("weak", 2.5), window("strong", -4.0), window("strong", 6.0)]
    assert strongest("abcd", windows, 3) == ["d", "c", "b"]
    assert note(3, 4) == "3 of 4 assets are shown, the clearest first; the table has all of them"


def test_what_the_answer_is_about_is_shown_where_nothing_reacted() -> None:
    windows = [window("none", 0.0), window("none", None), window("none", -1.5), window("none", 1.0)]
    assert strongest("abcd", windows, 2) == ["a", "c"]


def test_a_sentence_names_twelve_at_most() -> None:
    letters = "abcdefghijklm"
    assert listed(letters[:12]) == "a, b, c, d, e, f, g, h, i, j, k and l"
    assert listed(letters) == "a, b, c, d, e, f, g, h, i, j and 3 others"


def test_assets_that_fail_for_one_reason_are_told_in_one_sentence() -> None:
    untold = [Finding(title=f"asset {n}", verdict="not computable", reason="no price") for n in range(200)]
    other = Finding(title="the last", verdict="not computable", reason="no benchmark")
    _, sentences = answer([*untold, other])
    assert len(sentences) == 3
    assert sentences[1].endswith("asset 8, asset 9 and 190 others: no price.")
    assert sentences[2] == "The last: no benchmark."


class Results:
    """Analyses by the minute without bars, each with a verdict."""

    documents: ClassVar[dict[int, None]] = {}

    def __init__(self, verdicts: list[str]) -> None:
        self.verdicts = verdicts

    def windows(self, analysis_id: int) -> list[dict[str, Any]]:
        return [{"verdict": self.verdicts[analysis_id]}]


def test_of_many_assets_by_the_minute_the_clearest_are_told_and_the_rest_counted() -> None:
    results = Results(["none"] * 9 + ["strong"])
    rows = [{"analysis_id": n, "asset_title": f"asset {n}", "reason": "no bars"} for n in range(10)]
    verdict, sentences = clock_answer(results, rows)  # type: ignore[arg-type]
    assert verdict == "strong"
    assert "asset 9" in sentences[0]
    assert "asset 0" in sentences[1]
    assert len(sentences) == 9
    assert sentences[-1] == "2 more assets stand in the table."
