"""All wording stands in one table: the pages and answers hold none, and the table holds nothing that nobody says."""

from __future__ import annotations

import ast
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from eventstudy.report.paths import since
from eventstudy.report.study.answer import _both_ways
from eventstudy.report.study.tables import heads
from eventstudy.report.words import CODES, english, in_language, known, say, speaking
from eventstudy.report.words.english import PHRASES
from eventstudy.report.words.german import OWN

REPORT = Path(str(files("eventstudy.report")))
MODULES = sorted(p for p in REPORT.rglob("*.py") if REPORT / "words" not in p.parents)
TEMPLATES = sorted((REPORT / "templates").glob("*.j2"))
# A letter, a space and a letter: two words. SQL, markup, CSS and the remedies of errors are not said by a page.
TWO_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
NOT_PROSE = re.compile(
    r"select |with |from |where |join |left join|union|order by|and |<|\">|fetched_at|json_each|[a-z-]+ [a-z-]+$"
)


def prose(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(n.body[0].value) for n in ast.walk(tree) if hasattr(n, "body") and isinstance(n.body, list) and n.body
            and isinstance(n.body[0], ast.Expr)}  # fmt: skip
    errors = {id(c) for n in ast.walk(tree) if isinstance(n, ast.Call) for c in ast.walk(n)
              if getattr(n.func, "id", "") in ("InputError", "ConfigError")}  # fmt: skip
    strings = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [
        n.value
        for n in strings
        if id(n) not in docs | errors and TWO_WORDS.search(n.value) and not NOT_PROSE.match(n.value.strip())
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(REPORT).as_posix())
def test_no_module_of_report_holds_prose(path: Path) -> None:
    remedies = ("eventstudy query", "eventstudy run", "use another id", "no such")
    assert [words for words in prose(path) if not any(part in words for part in remedies)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_template_holds_prose(path: Path) -> None:
    text = re.sub(r"\{[%#{].*?[%#}]\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    text = re.sub(r"'(sha256-|strict-dynamic)'", " ", text)  # of the policy
    assert re.findall(r"[A-Za-z]{2,}", text) == []


def test_no_phrase_of_one_table_is_hidden_by_another() -> None:
    tables = [table for name, table in vars(english).items() if name.isupper() and name != "PHRASES"]
    keys = [key for table in tables if isinstance(table, dict) for key in table if "." in key]
    assert [key for key, times in Counter(keys).items() if times > 1] == []


def test_every_phrase_is_said_somewhere() -> None:
    code = "".join(p.read_text("utf-8") for p in (*MODULES, *TEMPLATES))
    made = re.findall(r'f"([a-z_.]+)\.\{', code) + re.findall(r'"([a-z_.]+)\." ~', code) + ["column", "event.column"]
    made += re.findall(r'f"([a-z_.]+)\{', code)
    unsaid = [
        key for key in PHRASES if f'"{key.removesuffix("_stretches")}"' not in code and not key.startswith(tuple(made))
    ]
    keys = re.findall(r'\bkey = "([a-z_.]+)"', code)
    assert [key for key in unsaid if not key.startswith(tuple(keys))] == []


def test_a_phrase_chooses_its_number_and_leaves_braces_alone() -> None:
    assert [say("digest.failed", n=n, count=n) for n in (1, 2)] == ["1 failure", "2 failures"]
    assert say("index.release", title="{x}", when="now") == "{x}: now"
    assert known("no.such.key", "default") == "default"
    with pytest.raises(KeyError):
        say("no.such.key")


def slots(phrase: str | tuple[str, str]) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", phrase if isinstance(phrase, str) else "".join(phrase)))


@pytest.mark.parametrize("code", CODES)
def test_a_language_has_the_phrases_of_english_and_fills_no_other_slots(code: str) -> None:
    phrases = in_language(code).phrases
    assert set(phrases) == set(PHRASES)
    # what a sentence of another grammar needs beside: the name without its remark, its counterpart, the first move
    beside = {"Bare", "against", "move"}
    assert {key: extra for key in PHRASES if (extra := slots(phrases[key]) - slots(PHRASES[key]) - beside)} == {}
    assert all(len(in_language(code).names[kind]) == n for kind, n in (("months", 12), ("weekdays", 7)))


def test_german_has_a_phrase_of_its_own_for_every_one_that_english_has() -> None:
    assert set(OWN) == set(PHRASES)
    alike = [key for key in PHRASES if OWN[key] == PHRASES[key] and TWO_WORDS.search("".join(PHRASES[key]))]
    assert alike == []


def test_a_pair_is_a_pair_in_each_language_or_needs_no_number() -> None:
    with speaking(in_language("de")):
        assert say("moved.fell", n=1, size="0,24 %") == "fiel um 0,24 %"
        assert say("moved.fell", n=2, size="0,24 %") == "fielen um 0,24 %"
    assert say("moved.fell", n=2, size="0.24 %") == "fell 0.24 %"


def test_the_heads_of_a_table_are_said_in_the_language_that_is_spoken() -> None:
    english = heads("asset", "verdict")
    with speaking(in_language("de")):
        assert heads("asset", "verdict") == (say("column.asset"), say("column.verdict")) != english
    assert heads("asset", "verdict") == english


def test_the_path_begins_at_the_last_price_before_the_news_and_its_error_fans_out() -> None:
    # a constant mean over 100 days: the error of n days is sigma * sqrt(n + n * n / 100)
    days = [{"tau": tau, "ar": 0.01, "ar_se": 0.02 * 1.01**0.5} for tau in range(-2, 3)]
    path = since(days, -1, 0.02)
    assert [round(d["car"], 6) for d in path] == [-0.01, 0.0, 0.01, 0.02, 0.03]
    assert path[0]["car_se"] is None
    expected = [0.02 * (n + n * n / 100) ** 0.5 for n in (0, 1, 2, 3)]
    assert [d["car_se"] for d in path[1:]] == pytest.approx(expected)


def test_a_study_whose_events_went_both_ways_says_so() -> None:
    def event(car: float, p: float) -> dict[str, object]:
        return {"windows": [{"car": car, "tests": [{"name": "t", "p_value": p / 3, "p_holm": p}]}]}

    spec = {"alpha": 0.05}
    said = _both_ways([event(0.04, 0.01), event(-0.05, 0.001), event(0.001, 1.0)], spec)
    assert said == "No common direction, but 2 of 3 reacted: 1 upwards, 1 downwards."
    assert _both_ways([event(0.04, 0.01), event(0.05, 0.001), event(-0.001, 1.0)], spec) == ""
