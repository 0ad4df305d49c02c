"""Every entry leads to code, and no other list of names exists."""

from __future__ import annotations

import inspect

import pytest

from eventstudy.errors import InputError
from eventstudy.inference.validity import NEEDS
from eventstudy.registry import load
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS, recommended
from tests.docs import registry_page


@pytest.mark.parametrize("place", dict.fromkeys(model.fit for model in MODELS.ours))
def test_the_code_of_a_model_takes_a_sample_and_a_specification(place: str) -> None:
    assert list(inspect.signature(load(place)).parameters) == ["sample", "spec"]


@pytest.mark.parametrize("test", TESTS.ours, ids=lambda test: test.name)
def test_the_code_of_a_test_is_there_and_its_needs_are_known(test: object) -> None:
    places = [place for place in (test.event, test.events, test.group) if place]  # type: ignore[attr-defined]  # an entry
    assert places
    assert all(callable(load(place)) for place in places)
    assert set(test.needs) <= set(NEEDS)  # type: ignore[attr-defined]  # an entry


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"unknown model.*market, constant-mean"):
        MODELS.check("no-such-model", "model")
    with pytest.raises(InputError, match=r"unknown test.*known are t, sample_quantile"):
        TESTS.check("no-such-test", "tests")


def test_no_two_tests_have_the_same_place_in_a_summary() -> None:
    ranks = [test.rank for test in TESTS.ours if test.rank]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    assert recommended()[0] == "portfolio_t"


def test_the_page_is_made_from_the_registries() -> None:
    assert registry_page.PAGE.read_text("utf-8") == registry_page.page(), "run python -m tests.docs.registry_page"
