"""A file that is as it was is not read again, and every change of anything that it rests on is seen."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

import pytest

from eventstudy.store import by_hand as hand
from tests.support.feeds import drop
from tests.support.passes import NOW, rows
from tests.unit.test_feeds_gather import HEAD, folder, ids, keep, look

__all__ = ["folder"]  # the fixture

# the package has a function of the same name
gathering = importlib.import_module("eventstudy.events.gather")

X, MOVED, Y = "x,X,2022-05-04T07:00Z,\n", "x,X,2022-05-05T07:00Z,\n", "y,Y,2022-06-04T07:00Z,\n"


def fresh(folder: Path) -> dict[str, str]:
    """What a gathering without any memory gives: id → time."""
    bare = folder.parent / f"{folder.name}-bare"
    shutil.rmtree(bare, ignore_errors=True)
    bare.mkdir()
    text = (folder / "config.yaml").read_text("utf-8").replace(f"{folder}/es.db", f"{bare}/es.db")
    (bare / "config.yaml").write_text(text, encoding="utf-8")
    return {event.event_id: str(event.announced_at) for event in look(bare).events}


def kept(folder: Path) -> dict[str, str]:
    return {event.event_id: str(event.announced_at) for event in keep(folder).events}


def test_what_is_as_it_was_is_taken_from_the_database(folder, monkeypatch):
    drop(folder, "desk.csv", HEAD + X)
    assert (look(folder).fresh, look(folder).has_news) == ({"meeting", "visit", "x"}, True)
    keep(folder)
    with monkeypatch.context() as patch:
        patch.setattr(gathering, "read_feed", lambda *_: pytest.fail("the file was read again"))
        found = look(folder)
    assert (found.fresh, found.has_news) == (set(), False)
    assert found.origins["x"] == ("desk", "desk.csv:2")
    (event,) = (event for event in found.events if event.event_id == "x")
    assert str(event.earliest) == "2022-05-04 07:00:00+00:00"


def test_every_change_of_the_file_is_seen_and_so_is_the_way_back(folder):
    for text in (X, X + Y, MOVED + Y, X + Y, MOVED, "x,X,soon,\n" + Y, X + Y, X + X, X, "x,X,,cancelled\n", X):
        drop(folder, "desk.csv", HEAD + text)
        if "soon" in text or "cancelled" in text:  # what is stored counts here: tested elsewhere
            keep(folder)
        elif "y," in text or "y" not in ids(look(folder)):
            assert kept(folder) == fresh(folder)
        else:
            assert {**fresh(folder), "y": kept(folder)["y"]} == kept(folder)
        assert kept(folder) == kept(folder)


def test_a_row_that_was_moved_beside_a_fault_is_read_again_when_the_fault_is_mended(folder):
    drop(folder, "desk.csv", HEAD + X + Y)
    keep(folder)
    drop(folder, "desk.csv", HEAD + MOVED + "y,Y,soon,\n")
    keep(folder)
    drop(folder, "desk.csv", HEAD + X + Y)
    assert kept(folder) == fresh(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("desk.csv, assets: [USDCNY]", "desk.csv, assets: [EURUSD]"),
        ("desk.csv, assets: [USDCNY]", "desk.csv, assets: [USDCNY], tags: [new]"),
    ],
)
def test_a_change_of_the_settings_of_the_feed_is_seen(folder, old, new):
    drop(folder, "desk.csv", HEAD + X)
    keep(folder)
    path = folder / "config.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    assert look(folder).fresh == {"x"}


def test_an_id_that_the_settings_take_and_give_back(folder):
    drop(folder, "desk.csv", HEAD + X + Y)
    keep(folder)
    path = folder / "config.yaml"
    before = path.read_text("utf-8")
    taken = '  - {id: x, title: Mine, announced_at: "2021-03-17T07:00Z", assets: [USDCNY]}\nfeeds:'
    path.write_text(before.replace("feeds:", taken), encoding="utf-8")
    assert kept(folder) == fresh(folder)
    path.write_text(before, encoding="utf-8")
    assert kept(folder) == fresh(folder)
    assert not look(folder).has_news


def test_one_that_was_retired_by_hand_while_its_row_moved(folder):
    drop(folder, "desk.csv", HEAD + X + Y)
    event = next(event for event in keep(folder).events if event.event_id == "x")
    hand.retire(folder / "es.db", event, None, "a rumour", NOW)
    drop(folder, "desk.csv", HEAD + MOVED + Y)
    keep(folder)
    hand.take_back(folder / "es.db", "x", NOW)
    assert kept(folder) == fresh(folder)
    assert rows(folder / "es.db", "select version from events where event_id = 'x'") == [(2,)]
