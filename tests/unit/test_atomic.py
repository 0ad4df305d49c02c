"""Files are replaced as a whole, and what a killed process left is swept up, but nothing else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from eventstudy import atomic


@pytest.fixture
def dead() -> int:
    """Number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a.html"
    assert atomic.put(path, b"one")
    assert atomic.put(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == {"a.html"}


def test_the_same_content_is_not_written_again(tmp_path):
    path = tmp_path / "a.html"
    atomic.put(path, b"one")
    before = path.stat()
    assert not atomic.put(path, b"one")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_rights_are_those_asked_for_and_else_those_of_every_new_file(tmp_path):
    before = os.umask(0o077)
    try:
        atomic.put(tmp_path / "page", b"", mode=0o644)
        atomic.put(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "page").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_an_error_at_any_step_leaves_the_old_file(tmp_path, monkeypatch, broken):
    path = tmp_path / "a.html"
    atomic.put(path, b"old")

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (Path, "replace")), fails)
    with pytest.raises(OSError, match="No space"):
        atomic.put(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == {"a.html"}


def test_the_new_file_is_on_the_disk_before_it_takes_the_place_of_the_old_one(tmp_path, monkeypatch):
    seen = []
    sync, move = os.fsync, Path.replace
    name_of = lambda handle: str(Path(f"/proc/self/fd/{handle}").readlink())  # noqa: E731
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(name_of(handle)), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda old, new: (seen.append("replace"), move(old, new))[1])
    atomic.put(tmp_path / "a.html", b"new")
    assert [Path(step).name.startswith(".a.html.") for step in seen] == [True, False, False]
    assert seen[1:] == ["replace", str(tmp_path)]
    del seen[:]
    atomic.put(tmp_path / "a.html", b"one of many", sync_folder=False)
    atomic.put(tmp_path / "b.html", b"one of many", sync_folder=False)
    atomic.sync(tmp_path)
    assert [step for step in seen if step == "replace" or "tmp" not in Path(step).name] == [
        "replace",
        "replace",
        str(tmp_path),
    ]


def test_sweeping_takes_what_dead_processes_left_and_nothing_else(tmp_path, dead):
    left = tmp_path / f".a.html.{dead}-{dead}.tmp"
    kept = [
        tmp_path / f".a.html.{os.getpid()}-1.tmp",  # at work
        tmp_path / f"a.html.{dead}-{dead}.tmp",
        tmp_path / ".mine.tmp",
        tmp_path / ".a.html.99999999999999999999-1.tmp",  # no number of a process
        tmp_path / "a.html",
    ]
    for path in (left, *kept):
        path.write_bytes(b"half")
    assert atomic.sweep(tmp_path) == [left]
    assert names(tmp_path) == {path.name for path in kept}


def test_a_folder_that_is_not_there_has_nothing_to_sweep(tmp_path):
    assert atomic.sweep(tmp_path / "none") == []
