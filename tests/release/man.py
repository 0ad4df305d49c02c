"""Make the man page from the commands: ``python -m tests.release.man`` writes docs/man/eventstudy.1."""

from __future__ import annotations

import inspect
from pathlib import Path

import click

from eventstudy import __version__
from eventstudy.cli import SUMMARIES, group
from tests.docs.commands_page import commands

PAGE = Path(__file__).parents[2] / "docs" / "man" / "eventstudy.1"
NAME = "did the market react to this announcement, by how much, and how sure are we?"
CODES = (
    ("0", "done"),
    ("1", "an error in the data or the place; a page, bundle or price that differs"),
    ("2", "wrong usage"),
    ("3", "finished, but an event was skipped, failed or in doubt, a window refused, or a file not readable"),
    ("4", "another pass holds the lock"),
    ("5", "a price source is down and an event waits for it; nothing is lost"),
)


def roff(text: str) -> str:
    """Text that roff leaves alone."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())


def _help(command: click.Command) -> list[str]:
    """Paragraphs of the help; what was laid out by hand stays so."""
    out = []
    for paragraph in inspect.cleandoc(command.help or "").replace("\x08\n", "\x08").split("\n\n"):
        text = paragraph.strip("\n")
        if text.startswith("\x08"):
            out += [".PP", ".nf", roff(text.removeprefix("\x08")), ".fi"]
        elif text:
            out += [".PP", roff(" ".join(text.split()))]
    return out


def _section(command: click.Command, context: click.Context) -> list[str]:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    out = [f'.SS "{roff(context.command_path)}"', f".B {roff(usage)}", *_help(command)]
    for option in command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record is not None and not getattr(option, "hidden", False):
            out += [".TP", f".B {roff(record[0])}", roff(" ".join(record[1].split()) or "\u2013")]
    return out


def page() -> str:
    """The page as the commands say it; no date, so that the same commands give the same bytes."""
    out = [f'.TH EVENTSTUDY 1 "" "eventstudy {__version__}" "User Commands"', ".SH NAME", f"eventstudy \\- {NAME}"]
    out += [".SH SYNOPSIS", ".B eventstudy", "[\\-\\-debug] COMMAND [OPTIONS] [ARGUMENTS]", ".SH DESCRIPTION"]
    out += [roff(" ".join((inspect.cleandoc(group.help or "").split("\n\n")[0]).split()))]
    for name, summary in SUMMARIES.items():
        out += [".TP", f".B {name}", roff(summary)]
    out += [".SH COMMANDS"]
    for command, context in commands():
        out += _section(command, context)
    out += [".SH EXIT STATUS"]
    for code, meaning in CODES:
        out += [".TP", f".B {code}", roff(meaning)]
    out += [".SH ENVIRONMENT", ".TP", ".B EVENTSTUDY_*", "settings, instead of those of the file: EVENTSTUDY_DATABASE"]
    out += [".TP", ".B NO_COLOR", "no colours on a terminal", ".SH FILES", ".TP", ".B config.yaml", "the settings"]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
