"""Announcements by the words of their titles and notes."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from eventstudy.store.words import WordIndex
from tests.support.passes import run, write_config


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    path = write_config(tmp_path_factory.mktemp("words"))
    text = path.read_text("utf-8").replace("title: A visit,", 'title: "A visit, Élysée", note: Xi goes to Moscow,')
    path.write_text(text, "utf-8")
    run(path)
    return path


def test_words_of_titles_and_notes_are_found_by_how_they_begin_and_without_accents(told):
    index = WordIndex(told.with_name("es.db"))
    assert index.find("mosc xi") == ["visit"]
    assert index.find("ELYSEE") == ["visit"]
    assert sorted(index.find("a")) == sorted(index.find(" ")) == ["meeting", "visit"]
    assert index.find("moscow meeting") == []  # every word in one announcement
    for hostile in ('"', "a OR visit:", "NEAR(", "-", "*"):
        index.find(hostile)


def test_an_announcement_that_was_changed_is_found_by_its_new_words(told):
    index = WordIndex(told.with_name("es.db"))
    assert index.find("summit") == []
    told.write_text(told.read_text("utf-8").replace("A meeting", "A summit"), "utf-8")
    run(told)
    assert index.find("summit") == ["meeting"]
    assert "meeting" not in index.find("meeting")


def test_the_database_has_nothing_of_the_index(told):
    WordIndex(told.with_name("es.db")).find("visit")
    with contextlib.closing(sqlite3.connect(told.with_name("es.db"))) as connection:
        (count,) = connection.execute("select count(*) from sqlite_schema where sql like '%fts5%'").fetchone()
    assert count == 0
