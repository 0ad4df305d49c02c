"""The command line itself: help, exit codes, and one line for every error."""

from __future__ import annotations

import importlib

import click
import pytest

from eventstudy import cli
from eventstudy.cli import common
from eventstudy.errors import EventStudyError, LockHeld, SourceDown
from tests.support.command import eventstudy
from tests.support.passes import write_config


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(name):
    done = eventstudy(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: eventstudy {name}")
    assert "\\b" not in done.out  # of click: a paragraph that keeps its lines
    assert "\b" not in done.out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_summary_is_how_the_help_of_the_command_begins(name):
    command = importlib.import_module(cli.COMMANDS[name]).command
    first = command.help.split(". ")[0].split("\n")[0].rstrip(".")
    words = cli.SUMMARIES[name].rstrip(".")
    assert words.split()[:4] == first.split()[:4]


def test_the_commands_and_their_summaries_are_the_same_list():
    assert list(cli.COMMANDS) == list(cli.SUMMARIES)


@pytest.mark.parametrize("command", [[], ["query"], ["run"], ["report"], ["doctor"], ["schedule"], ["demo"]])
def test_an_unknown_option_is_exit_code_2_and_one_line(command):
    done = eventstudy(*command, "--no-such-option")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: No such option '--no-such-option'")
    assert f"`{' '.join(['eventstudy', *command])} --help`" in done.err
    assert len(done.err.splitlines()) == 1


def test_no_command_shows_the_help():
    done = eventstudy()
    assert done.code == 2
    assert "Commands:" in done.err


@pytest.fixture
def failing(monkeypatch):
    """A command that raises what it is told."""

    def fails(error):
        @click.command()
        def command():
            raise error

        monkeypatch.setattr(cli._LazyGroup, "get_command", lambda *_: command)

    return fails


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (EventStudyError("what; why"), 1, "Error: what; why\n"),
        (LockHeld("held"), 4, "Error: held\n"),
        (SourceDown("no route", source="yahoo", symbol="X"), 5, "Error: X from yahoo: no route\n"),
        (ZeroDivisionError("oh"), 1, "Error: ZeroDivisionError: oh; run again with --debug to see where\n"),
        (EventStudyError("one\ntwo"), 1, "Error: one\nError: two\n"),
        (EventStudyError("\x1b[31mred"), 1, "Error: \ufffd[31mred\n"),
        (KeyboardInterrupt(), 130, "\nStopped.\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_an_error_is_one_line_and_its_exit_code(failing, error, code, says, request):
    failing(error)
    done = eventstudy("run")
    assert (done.code, done.err.lstrip("\n"), done.out) == (code, says.lstrip("\n"), "")


@pytest.mark.parametrize("error", [EventStudyError("what"), ZeroDivisionError("oh")], ids=["ours", "other"])
def test_debug_shows_where(failing, error):
    failing(error)
    with pytest.raises(type(error)):
        eventstudy("--debug", "run")


def test_run_knows_only_events_that_can_be_studied(tmp_path):
    path = write_config(tmp_path, ("title: A meeting,", "title: A meeting, kind: context,"))
    for event_id in ("nope", "meeting"):
        done = eventstudy("run", "--config", path, "--event", event_id)
        assert done.code == 2
        assert f"no event {event_id!r} to study" in done.err
    assert not (tmp_path / "es.db").exists()


def test_a_dry_run_shows_the_plan_and_touches_nothing(tmp_path):
    done = eventstudy("run", "--config", write_config(tmp_path), "--dry-run")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[2:4]] == ["meeting", "visit"]
    assert [p.name for p in tmp_path.iterdir()] == ["config.yaml"]


def test_the_table_of_reactions_fits_eighty_columns(tmp_path):
    path = write_config(tmp_path, ("assets: [USDCNY, EURUSD]", "assets: [USDCNY, EURUSD, USDRUB]"))
    done = eventstudy("run", "--config", path)
    assert done.code == 0
    lines = done.out.splitlines()
    assert max(map(len, [line for line in lines if "Pages" not in line and "Database" not in line])) <= 80
    assert lines[2] == "A meeting"
    assert "not computable" in done.out
    assert "\nUSDRUB from ecb: no rate between 2022-08-27 and 2023-03-30" in done.out


def test_a_second_run_says_that_nothing_is_new(tmp_path):
    path = write_config(tmp_path)
    eventstudy("run", "--config", path)
    assert eventstudy("run", "--config", path).err == "Nothing new: no result was written.\n"


def test_control_characters_are_shown_as_such_and_spaces_stay():
    assert common.printable("a\x1b[0m\u202f%\u00a0é中\u202e\x9b\n") == "a\ufffd[0m\u202f%\u00a0é中\ufffd\ufffd\ufffd"


def test_a_table_of_nothing_has_its_head():
    assert common.table(("a", "bb"), []) == "a  bb\n-  --"
