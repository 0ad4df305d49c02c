"""A German page is German: what it has in common with the English one is stored with the result, or a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.database import reading
from eventstudy.report.forms import as_plain_text
from eventstudy.report.page import render_event
from eventstudy.report.study.page import render_study
from eventstudy.report.titles import titled
from eventstudy.report.view import event_view
from eventstudy.report.words import in_language, speaking
from tests.browser.site import FOUNDING, site
from tests.support.texts import texts

TWO_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")


def strings(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list | tuple):
        for one in part:
            yield from strings(one)
    elif isinstance(part, str):
        yield part


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    dates = pd.bdate_range("2019-01-01", periods=400)
    frame = pd.DataFrame(rng.normal(0, 0.01, (400, 5)), columns=["MKT", *"ABCD"])
    frame.insert(0, "date", dates)
    events = pd.DataFrame({"event_id": list("efgh"), "asset": list("ABCD"), "group": list("xxyy")})
    events["date"] = dates[[290, 310, 330, 350]]
    spec = es.StudySpec(returns="simple", windows=[(0, 0), (-1, 1)], draws=99)
    return es.run_study(frame, events, spec, benchmark="MKT", values="returns").to_dict()


def test_a_german_page_of_a_study_shares_no_sentence_with_the_english_one_but_what_is_stored(
    document: dict[str, Any],
) -> None:
    english = set(texts(render_study(document)))
    with speaking(in_language("de")):
        german = texts(render_study(document))
    stored = "\n".join(strings(document)).lower()
    shared = [piece for piece in german if piece in english and TWO_WORDS.search(piece)]
    # of a reason that is a list of tests the reason alone is stored
    assert [piece for piece in shared if re.split(r"[:(]", piece.rstrip("."))[0].strip().lower() not in stored] == []
    assert len(german) > 100


def test_a_german_page_has_the_decimal_comma(document: dict[str, Any]) -> None:
    with speaking(in_language("de")):
        page = render_study(document)
    pieces = [piece for piece in texts(page) if not piece.startswith(("eventstudy ", "{"))]
    assert [piece for piece in pieces if re.search(r"\d\.\d+ ?\u202f?%|\d\.\d (?!\d)", piece)] == []


def test_whether_a_claim_was_a_reaction_is_answered_in_german() -> None:
    connection = reading.connect(site().database)
    with speaking(in_language("de")):
        written = (render_event(connection, FOUNDING)[0], as_plain_text(event_view(connection, FOUNDING), ""))
    connection.close()
    for words in written:
        assert "Nicht belegt. " in words
        assert "Not supported" not in words


@pytest.mark.parametrize(
    ("title", "german"),
    [("the DAX", "der DAX"), ("the S&P 500", "der S&P 500"), ("the euro against the US dollar", "der Euro gegenüber")],
)
def test_a_title_that_settings_have_in_english_is_the_german_name_of_the_same(title: str, german: str) -> None:
    with speaking(in_language("de")):
        assert titled(title).startswith(german)
    assert titled(title) == title
