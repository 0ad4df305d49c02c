"""A package from outside adds a source, a feed and a command: settings, passes, help and doctor know them.

It is laid down as pip would, with no network: its modules and a `.dist-info` on the path of a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from eventstudy.registry import installed
from jobs import start
from tests.support.passes import rows, write_config

ROOT = Path(__file__).parents[2]

MODULE = '''
import datetime as dt

import click
import numpy as np

from eventstudy.errors import InputError
from eventstudy.prices.source import SourceFacts, check_question
from eventstudy.records import Snapshot


class Wave:
    version = "wave 1"
    facts = SourceFacts(bars=("1d",), snapshot_time="noon UTC", delay="none", currency="XXX", calendar="weekdays")

    def __init__(self, name):
        self.name = name

    def fetch(self, symbol, start, end, bar="1d"):
        check_question(self, symbol, start, end, bar)
        days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
        days = days[np.is_busday(days)]
        return Snapshot(
            source=self.name, symbol=symbol, currency="XXX", version=self.version, sessions=days,
            instants=days.astype("datetime64[ns]") + np.timedelta64(12, "h"),
            close=100 + np.sin(days.astype(int) * 1.7), dividends=np.zeros(days.size),
        )


def make_source(name, settings, now):
    return Wave(name)


def read_desk(name, settings, now):
    if set(settings) - {"topic"}:
        raise InputError("unknown key", where=min(settings), remedy="known here: topic")
    assert now.tzinfo is not None
    yield {"id": "hello", "title": f"Hello {settings['topic']}", "announced_at": "2023-03-01T07:00Z"}
    yield {"id": "bad", "title": "Bad", "announced_at": "soon"}
    yield {"id": "odd", "titel": "Odd"}
    yield {"id": "later", "title": "Later", "announced_at": "2023-03-02T07:00Z"}


def broken_feed(name, settings, now):
    raise RuntimeError("no licence")


@click.command()
@click.option("--loud", is_flag=True)
def greet(loud):
    """Greet whoever reads this."""
    click.echo("HELLO" if loud else "hello")


not_a_command = 3
'''
ENTRIES = """\
[eventstudy.sources]
wave = outsider:make_source
[eventstudy.feeds]
desk = outsider:read_desk
broken = outsider:broken_feed
[eventstudy.commands]
greet = outsider:greet
run = outsider:greet
absent = outsider:no_such_name
number = outsider:not_a_command
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the package in it."""
    site = tmp_path / "site"
    info = site / "outsider-1.5.dist-info"
    info.mkdir(parents=True)
    (site / "outsider.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    return site


def call(site: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "eventstudy", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "COLUMNS": "120"},
    )


def settings(folder: Path, feed: str) -> Path:
    return write_config(
        folder,
        ("  ecb: {kind: ecb}\n", "  ecb: {kind: ecb}\n  more: {kind: wave}\n"),
        ("assets:\n", "assets:\n  ONE: {source: more}\n"),
        ("events:\n", f"feeds:\n  - {feed}\nevents:\n"),
    )


def test_a_source_and_a_feed_from_outside_are_studied(tmp_path: Path, site: Path) -> None:
    path = settings(tmp_path, "{id: talk, kind: desk, topic: world, assets: [ONE]}")
    done = call(site, "run", "--config", path)
    assert done.returncode == 3, done.stderr  # two of the four entries are wrong, and stop no other
    told = done.stdout + done.stderr
    assert "desk:2: announced_at: not a" in told
    assert "desk:3: an event has no such field (got 'titel')" in told
    found = rows(tmp_path / "es.db", "select event_id, title from events where origin = 'talk' order by 1")
    assert found == [("hello", "Hello world"), ("later", "Later")]
    assert rows(tmp_path / "es.db", "select distinct status from analyses where asset = 'ONE'") == [("ok",)]


@pytest.mark.long
def test_a_list_of_events_asks_no_feed_from_outside(tmp_path: Path, site: Path) -> None:
    path = settings(tmp_path, "{id: talk, kind: broken, assets: [ONE]}")
    assert call(site, "events", "list", "--config", path).returncode == 0
    done = call(site, "run", "--config", path)
    assert done.returncode == 3
    assert "feeds[talk].kind: the plug-in outsider:broken_feed cannot be used (RuntimeError: no licence)" in (
        done.stdout + done.stderr
    )


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ("{id: talk, kind: desk, subject: x, assets: [ONE]}", "feeds[talk].subject: unknown key; known here: topic"),
        ("{id: talk, kind: dsek, assets: [ONE]}", "there is no such kind of feed (got 'dsek'); did you mean 'desk'?"),
    ],
)
def test_a_mistake_in_the_settings_of_a_feed_from_outside_is_named(
    tmp_path: Path, site: Path, feed: str, words: str
) -> None:
    done = call(site, "run", "--config", settings(tmp_path, feed))
    assert done.returncode in (1, 3)
    assert words in done.stdout + done.stderr


def test_doctor_names_what_comes_from_outside_and_what_cannot_be_loaded(site: Path) -> None:
    done = call(site, "doctor", "--json")
    found = {c["found"]: c["state"] for c in json.loads(done.stdout)["checks"] if c["name"] == "plug-in"}
    assert found["source wave, of outsider 1.5"] == "ok"
    assert found["feed desk, of outsider 1.5"] == "ok"
    assert found["command greet, of outsider 1.5"] == "ok"
    (line,) = [text for text in found if text.startswith("command absent")]
    assert found[line] == "bad"
    assert done.returncode == 1


def test_a_command_from_outside_is_one_of_ours(site: Path) -> None:
    help_ = call(site, "--help").stdout
    assert "greet" in help_.partition("Commands of plug-ins:")[2]
    assert "Of outsider." in help_
    assert call(site, "greet", "--loud").stdout == "HELLO\n"
    assert "Greet whoever reads this." in call(site, "greet", "--help").stdout
    assert "Run one pass" in call(site, "run", "--help").stdout  # a name of ours stays ours
    assert "no_such_name" in call(site, "absent").stderr
    assert call(site, "number").stderr.startswith("Error: the plug-in outsider:not_a_command gives no command")


def test_help_looks_for_plug_ins_without_the_library_that_finds_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "eventstudy", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=ROOT,
    )
    assert "eventstudy.cli" in done.stderr
    if not installed("eventstudy.commands"):
        assert "importlib.metadata" not in done.stderr


# --- the other distribution of our import name ----------------------------------------------------------------------

THEIRS = '__version__ = "0.1a12"\nfrom .single import Single\n'


@pytest.mark.parametrize(
    ("single", "way_in"),
    [
        ("from .models import market_model\n", ("-c", "from jobs.start import main; main()")),
        ("Single = 1\n", ("-c", "from jobs.start import main; main()")),
        ("Single = 1\n", ("-m", "eventstudy")),
    ],
)
def test_the_other_package_of_this_name_is_told_of_in_one_line(
    tmp_path: Path, single: str, way_in: tuple[str, ...]
) -> None:
    """Its files over ours, as `pip install eventstudy` leaves them; `single` is all of it that matters here."""
    package = tmp_path / "eventstudy"
    package.mkdir()
    for item in (ROOT / "eventstudy").iterdir():
        if item.name not in ("__init__.py", "__pycache__"):
            (package / item.name).symlink_to(item)
    (package / "__init__.py").write_text(THEIRS)
    (package / "single.py").write_text(single)
    (tmp_path / "jobs").symlink_to(ROOT / "jobs")
    info = tmp_path / "eventstudy-0.1a12.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: eventstudy\nVersion: 0.1a12\n")
    done = subprocess.run(
        [sys.executable, *way_in, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: another distribution called `eventstudy`")
    assert done.stderr.count("\n") == 1


def test_a_ctrl_c_while_libraries_are_loaded_ends_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run(
        [sys.executable, "-c", "from jobs.start import main; main()"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_files_that_went_with_the_other_package_are_told_of_in_one_line(tmp_path: Path) -> None:
    package = tmp_path / "eventstudy"
    package.mkdir()
    for item in (ROOT / "eventstudy").iterdir():
        if item.name not in ("__init__.py", "__pycache__"):
            (package / item.name).symlink_to(item)
    (tmp_path / "jobs").mkdir()
    for item in (ROOT / "jobs").glob("*.py"):
        shutil.copy(item, tmp_path / "jobs")
    # of the installed one, nothing: -S leaves out the environment, whose libraries are named one by one
    libraries = Path(click.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-S", "-c", "from jobs.start import main; main()", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{libraries}"},
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: files of eventstudy-service are missing")
    assert done.stderr.count("\n") == 1


def test_a_folder_of_our_name_that_comes_before_ours_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eventstudy").mkdir()
    (tmp_path / "eventstudy" / "__init__.py").write_text("")
    for name in [name for name in sys.modules if name.partition(".")[0] == "eventstudy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("gc.disable", lambda: None)
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert str(ended.value).startswith(f"Error: {tmp_path / 'eventstudy'} is imported as `eventstudy` in place of")


def test_doctor_tells_of_the_other_package_where_ours_came_last(tmp_path: Path) -> None:
    info = tmp_path / "eventstudy-0.1a12.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: eventstudy\nVersion: 0.1a12\n")
    done = call(tmp_path, "doctor", "--json")
    (found,) = [c for c in json.loads(done.stdout)["checks"] if c["name"] == "names"]
    assert (done.returncode, found["state"]) == (1, "bad")
    assert "another distribution, eventstudy 0.1a12" in found["found"]
