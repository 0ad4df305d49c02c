"""A watched folder: what is dropped there is read once it is complete, and a broken file harms no other."""

from __future__ import annotations

import os
import threading
import time

import pytest

from eventstudy.config.model import Config
from eventstudy.events import unchanged
from eventstudy.events.folder import read_folder
from tests.support.feeds import ASSETS, NOW, drop, feed, problems, read, times

ROW = "id,title,announced_at\n{0},{0},2023-03-{1:02}T07:00Z\n"


def test_every_kind_of_file_and_nothing_else(tmp_path):
    drop(tmp_path, "a.csv", ROW.format("c", 1))
    drop(tmp_path, "b.JSON", '[{"id": "j", "title": "J", "announced_at": "2023-03-02T07:00Z"}]')
    drop(
        tmp_path,
        "c.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:i\nSUMMARY:I\nDTSTART:20230303T070000Z\nEND:VEVENT\nEND:VCALENDAR\n",
    )
    drop(tmp_path, "d.csv.part", "id,tit")
    drop(tmp_path, ".hidden.csv", "id,tit")
    drop(tmp_path, "notes.txt", "hello")
    (tmp_path / "old.csv").mkdir()
    found = read(tmp_path)
    assert (list(times(found)), problems(found), found.is_whole) == (["c", "j", "i"], [], True)


def test_a_broken_file_is_named_stays_and_stops_no_other(tmp_path):
    drop(tmp_path, "a.json", '[{"id": "x"')
    drop(tmp_path, "b.csv", b"id,title\n\xff\n")
    drop(tmp_path, "c.csv", ROW.format("c", 1))
    found = read(tmp_path)
    assert [line.partition(" ")[0] for line in problems(found)] == ["a.json:1:", "b.csv:2:"]
    assert list(times(found)) == ["c"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.csv", "c.csv"]


def test_a_later_file_corrects_an_earlier_one(tmp_path):
    drop(tmp_path, "2023-03-01.csv", ROW.format("c", 1))
    drop(tmp_path, "2023-03-02.csv", ROW.format("c", 2))
    found = read(tmp_path)
    assert times(found) == {"c": "2023-03-02T07:00:00Z"}
    assert found.notes == ["c: 2023-03-02.csv:2 counts, in place of 2023-03-01.csv:2"]
    assert problems(found) == []


def test_a_young_file_that_does_not_grow_is_read(tmp_path):
    drop(tmp_path, "a.csv", ROW.format("c", 1), age=0)
    assert list(times(read(tmp_path))) == ["c"]


def test_a_file_that_is_being_written_is_left_for_next_time(tmp_path):
    path = drop(tmp_path, "a.csv", ROW.format("c", 1), age=0)
    drop(tmp_path, "b.csv", ROW.format("d", 1))
    stop = threading.Event()

    def write_on() -> None:
        with path.open("a") as file:
            while not stop.is_set():
                file.write("half of a li")
                file.flush()
                time.sleep(0.005)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        found = read_folder(tmp_path, feed(), ASSETS, NOW, settle=1.0)
    finally:
        stop.set()
        writer.join()
    assert list(times(found)) == ["d"]
    assert found.notes == ["a.csv is still being written; it is read next time"]
    assert (problems(found), found.is_whole) == ([], False)


def test_no_path_leaves_the_folder(tmp_path):
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    outside.mkdir()
    drop(outside, "secret.csv", ROW.format("secret", 1))
    (folder / "a.csv").symlink_to(outside / "secret.csv")
    (folder / "b.csv").symlink_to(folder / "nowhere.csv")
    found = read(folder)
    assert found.items == []
    assert problems(found)[0].startswith("a.csv: leads out of the folder")
    assert "No such file" in problems(found)[1]


def test_a_link_that_leads_in_a_circle_stops_no_other(tmp_path):
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    drop(tmp_path, "a.csv", ROW.format("c", 1))
    found = read(tmp_path)
    assert list(times(found)) == ["c"]
    assert problems(found)[0].startswith("loop.csv: leads round in a circle")


def test_a_name_that_is_no_text_can_be_shown_and_stored(tmp_path):
    name = os.fsdecode(b"caf\xe9\n.csv")
    drop(tmp_path, name, ROW.format("c", 1) + "bad,B,soon\n")
    found = read(tmp_path)
    assert list(times(found)) == ["c"]
    told = [found.items[0].place, *problems(found)]
    assert all("caf\\xe9\\n.csv" in text.replace("\\\\", "\\") for text in told), told
    assert all(text.encode("utf-8") and text.isprintable() for text in told)


def test_a_folder_that_is_not_there_is_one_problem(tmp_path):
    found = read_folder(tmp_path / "none", feed(), ASSETS, NOW)
    (line,) = problems(found)
    assert line.startswith("feeds[desk].path: No such file or directory")
    assert not found.is_whole


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights_is_one_problem(tmp_path):
    drop(tmp_path, "a.csv", ROW.format("c", 1)).chmod(0)
    assert "Permission denied" in problems(read(tmp_path))[0]


def test_a_pipe_is_refused_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    drop(tmp_path, "b.csv", ROW.format("c", 1))
    found = read(tmp_path)
    assert [line.partition(";")[0] for line in problems(found)] == ["a.csv: not a file"]
    assert list(times(found)) == ["c"]
    settings = feed(path=str(tmp_path))
    assert unchanged.fingerprint(Config.model_construct(assets={}), settings) is None
