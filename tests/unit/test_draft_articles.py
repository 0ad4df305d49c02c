"""One hundred and four articles of our own: which share of their dates, prices and claims a draft gets right."""

from __future__ import annotations

import pytest

from tests.support.articles import DOCS, drafted, score, table, truths

# Shares below which a change of the rules has made them worse.
LEAST = {
    "day of print": 1.0,
    "announcement": 0.95,
    "dates": 0.95,
    "prices found": 0.97,
    "prices fair": 0.97,
    "claims": 0.97,
    "claims read": 0.94,
    "claims sound": 0.99,
}


@pytest.fixture(scope="module")
def scores():
    return [score(name, truth) for name, truth in truths().items()]


@pytest.mark.parametrize("kind", LEAST)
def test_the_share_that_is_right_holds(scores, kind):
    counts = [one.counts.get(kind, (0, 0)) for one in scores]
    missed = [line for one in scores for line in one.missed if f": {kind}: " in line]
    assert sum(right for right, _ in counts) / sum(every for _, every in counts) >= LEAST[kind], "\n".join(missed)


def test_the_documentation_shows_the_shares_as_they_are(scores):
    said = DOCS.read_text("utf-8")
    assert [line for line in table(scores) if line not in said] == []


def test_there_are_a_hundred_and_four_articles_of_three_decades():
    years = {str(truth["printed"])[:4] for truth in truths().values()}
    assert len(truths()) == 104
    assert {"1998", "2015", "2026"} <= years


def test_two_drafts_of_one_article_are_equal():
    name, truth = next(iter(truths().items()))
    assert drafted(name, truth) == drafted(name, truth)
