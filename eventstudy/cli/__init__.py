"""The command line: a thin shell whose commands are loaded when they are called."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from eventstudy import __version__
from eventstudy.errors import EventStudyError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGINS = "eventstudy.commands"  # the entry point group: name of a command → a `click.Command`

COMMANDS: dict[str, str] = {
    "init": "eventstudy.cli.init",
    "demo": "eventstudy.cli.demo",
    "run": "eventstudy.cli.run",
    "report": "eventstudy.cli.report",
    "draft": "eventstudy.cli.draft",
    "events": "eventstudy.cli.events",
    "study": "eventstudy.cli.study",
    "plan": "eventstudy.cli.plan",
    "power": "eventstudy.cli.power",
    "prices": "eventstudy.cli.prices",
    "query": "eventstudy.cli.query",
    "claims": "eventstudy.cli.claims",
    "export": "eventstudy.cli.export",
    "bundle": "eventstudy.cli.bundle",
    "reproduce": "eventstudy.cli.reproduce",
    "browse": "eventstudy.cli.browse",
    "mcp": "eventstudy.cli.mcp",
    "status": "eventstudy.cli.status",
    "digest": "eventstudy.cli.digest",
    "schedule": "eventstudy.cli.schedule",
    "docs": "eventstudy.cli.docs",
    "doctor": "eventstudy.cli.doctor",
    "backup": "eventstudy.cli.backup",
    "restore": "eventstudy.cli.restore",
}
# Repeated here so that --help need not import the commands; a test compares them.
SUMMARIES: dict[str, str] = {
    "init": "Write settings for prices and announcements of your own.",
    "demo": "Study ten announcements on bundled ECB rates; needs no config and no network.",
    "run": "Run one pass: pull prices, study what is due, store, write the pages.",
    "report": "Write the page of a stored event, or of one given here.",
    "draft": "Draft an event from an article, with every guess and its reason.",
    "events": "List, show, add, import, edit and retire announcements.",
    "study": "Study many events given in files, with every test that the design allows.",
    "plan": "Freeze what a study will do, before its data; later its page says whether the study kept to it.",
    "power": "Say before a study how often it would find a reaction, and how many events that takes.",
    "prices": "Pull, show, import, export and verify the archived prices.",
    "query": "Ask the results database by a named query, or in SQL; reads only.",
    "claims": "Check what was said of prices against the archive; supported, not supported, or why neither.",
    "export": "Write reactions, days, collections, studies with all tests, or prices to a file; or a site to a folder.",
    "bundle": "Pack results with all that they rest on into one file.",
    "reproduce": "Compute a bundle again and compare every value to the last digit.",
    "browse": "Browse the results database in Datasette; reads only.",
    "mcp": "Answer an assistant over standard input and output, by the Model Context Protocol; reads only.",
    "status": "Show when passes ran and run next, and what failed or waits.",
    "digest": "Tell what the last night studied, changed and met.",
    "schedule": "Run the pass every night until stopped.",
    "docs": "Show the section of the documentation that a word is about; without one, list the pages.",
    "doctor": "Check the installation, the settings and the database.",
    "backup": "Copy the database, prove the copy sound, and keep the newest few.",
    "restore": "Put a backup in the place of the database; keeps what was there.",
}


class _UnreadError(Exception):
    """The reader of a pipe has what it wanted."""


def _is_read() -> bool:
    """Whether somebody still reads standard output: another pipe may have broken."""
    import select

    watch = select.poll()
    watch.register(sys.stdout.fileno(), 0)
    return not watch.poll(0)  # asked for nothing, it tells of errors alone


@contextlib.contextmanager
def _until_unread() -> Iterator[None]:
    """An end of its own for output that nobody reads: click would end with code 1."""
    try:
        yield
    except BrokenPipeError:
        if _is_read():
            raise
        raise _UnreadError from None


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx  # the names do not depend on it
        return [*COMMANDS, *_added()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name in COMMANDS:
            command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
            return command
        entry = _added().get(cmd_name)
        return _loaded(entry) if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:  # click looks for near names among commands that are loaded
            from eventstudy.hints import nearest

            near = "" if error.ctx is None else nearest(args[0], self.list_commands(ctx))
            if not near:
                raise
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {near!r}?", ctx) from None

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _until_unread():  # --help and --version write while the line is read
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        with _until_unread():
            result: object = super().invoke(ctx)
            sys.stdout.flush()  # what cannot be written is told of here, and not while Python ends
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])
        added = _added()
        if added:
            with formatter.section("Commands of plug-ins"):
                formatter.write_dl(
                    [(name, f"Of {entry.dist.name if entry.dist else entry.value}.") for name, entry in added.items()]
                )


def _added() -> dict[str, EntryPoint]:
    """Commands that other distributions bring, by name; ours win."""
    if not any(map(_brings, sys.path)):
        return {}
    from eventstudy.registry import installed

    return {name: entry for name, entry in sorted(installed(PLUGINS).items()) if name not in COMMANDS}


def _brings(folder: str) -> bool:
    """Whether a distribution in the folder brings a command; importlib.metadata and pathlib take ten times as long."""
    try:
        names = [name for name in os.listdir(folder or ".") if name.endswith(".dist-info")]  # noqa: PTH208  # see above
    except OSError:
        return False
    for name in names:
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:  # noqa: PTH118, PTH123
                if f"[{PLUGINS}]".encode() in file.read():
                    return True
        except OSError:
            continue
    return False


def _loaded(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise click.ClickException(f"the plug-in {entry.value} cannot be used ({problem}); ask its makers") from error
    if not isinstance(command, click.Command):
        raise click.ClickException(f"the plug-in {entry.value} gives no command; it must be one of click's")
    return command


def _print_versions(ctx: click.Context, _parameter: click.Parameter, is_wanted: bool) -> None:
    if not is_wanted or ctx.resilient_parsing:
        return
    import sqlite3
    from importlib.metadata import version

    libraries = (
        "numpy",
        "scipy",
        "pandas",
        "statsmodels",
        "yfinance",
        "exchange_calendars",
        "APScheduler",
        "sqlite-utils",
    )
    click.echo(f"eventstudy {__version__}")
    click.echo(f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")
    click.echo(", ".join(f"{name} {version(name)}" for name in libraries))
    ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_versions, help="Show versions."
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback instead of one line on an error.")
def group() -> None:
    """Did the market react to this announcement, by how much, and how sure are we?

    Exit codes: 0 done; 1 error; 2 wrong usage; 3 finished, but an event was skipped or failed; 4 another run is
    active; 5 a price source is down (nothing is lost, try again).
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every expected error is one line on stderr and an exit code."""
    # A command lives for seconds and what it makes stays in use: collecting garbage costs some 4 % and frees nothing,
    # and Python would look through all of it once more at the end, for 10 ms.
    gc.disable()
    atexit.register(gc.freeze)
    _open_closed()
    given = sys.argv[1:] if arguments is None else arguments
    is_debug = "--debug" in given
    rest = [argument for argument in given if argument != "--debug"]
    if arguments is None and any(map(_is_misread, given)):
        # in a C locale with PYTHONUTF8=0 Python takes text for ASCII, and says so too late to be told otherwise
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606  # ourselves
    try:
        sys.exit(group.main(args=rest, prog_name="eventstudy", standalone_mode=False) or 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "eventstudy"
        _complain(f"{error.format_message().rstrip('.')}; see `{path} --help`")
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except _UnreadError:
        # Python would complain at exit of what is left to write
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except EventStudyError as error:
        if is_debug:
            raise
        for line in str(error).splitlines():
            _complain(line)
        where = str(getattr(error, "where", "")).partition("[")[0]
        sys.exit(2 if where in _TIMES else error.exit_code)
    except Exception as error:  # the last border: nobody is shown a traceback who did not ask for one
        if is_debug:
            raise
        is_usage = isinstance(error, UnicodeEncodeError) and any(map(_is_garbled, rest))
        _complain("an argument is not valid UTF-8; check the terminal's encoding" if is_usage else _words(error))
        sys.exit(2 if is_usage else 1)


def _open_closed() -> None:
    """Put nothing where the shell closed a stream, as by ``>&-``: the next file would take its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115  # to the end of the process


# Options whose value is a time, which is written wrongly or well whatever the data are.
_TIMES = ("--at", "--between", "--zone", "--as-of")


def _is_garbled(argument: str) -> bool:
    """Whether the shell gave bytes that are no text in its encoding."""
    return any("\ud800" <= character <= "\udfff" for character in argument)


def _is_misread(argument: str) -> bool:
    """Whether it is UTF-8, and this process reads arguments in another encoding."""
    if not _is_garbled(argument):
        return False
    with contextlib.suppress(UnicodeDecodeError):
        return bool(os.fsencode(argument).decode("utf-8"))
    return False


def _words(error: Exception) -> str:
    from eventstudy.database.faults import is_damage, is_interrupted

    if is_interrupted(error):
        return "reading the database took too long; try again when the machine has less to do"
    if is_damage(error):
        return f"the database is damaged ({error}); put a backup back with `eventstudy restore`"
    if isinstance(error, OSError):
        return f"{error.filename or 'the output'}: {error.strerror or error}; check its room and its rights"
    return f"{type(error).__name__}: {error}; run again with --debug to see where"


def _complain(line: str) -> None:
    from eventstudy.cli.common import printable, progress

    progress()("")  # a line of progress may stand where the error goes
    is_command = line.startswith("  ")  # to be typed, and so to be copied
    click.echo(printable(line) if is_command else f"Error: {printable(line)}", err=True)
