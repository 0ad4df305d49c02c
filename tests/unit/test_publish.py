"""A page is replaced whole or not at all, and only inside its folder."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from eventstudy.errors import InputError
from eventstudy.report.publish import publish_event, put


def test_the_same_text_is_not_written_again(tmp_path: Path) -> None:
    page = tmp_path / "deep" / "a.html"
    assert put(page, "é\n")
    before = page.stat()
    assert not put(page, "é\n")
    assert page.stat().st_ino == before.st_ino
    assert page.read_bytes() == "é\n".encode()
    assert before.st_mode & 0o777 == 0o644


def test_a_page_in_another_encoding_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_bytes(b"\xff\xfe")
    assert put(page, "new")
    assert page.read_text("utf-8") == "new"


def test_a_failure_leaves_the_old_page_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "a.html"
    put(page, "old")

    def no_space(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space"):
        put(page, "new")
    assert page.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]


@pytest.mark.parametrize("event_id", ["../evil", "a/b", ".hidden", "", "A", "a\n", "index", "x" * 81])
def test_a_name_that_could_leave_the_folder_or_hide_the_index_is_refused(tmp_path: Path, event_id: str) -> None:
    with pytest.raises(InputError, match="cannot name a page"):
        publish_event(sqlite3.connect(":memory:"), tmp_path / "reports", event_id)
    assert list(tmp_path.iterdir()) == []
