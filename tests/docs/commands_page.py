"""Make docs/commands.md from the commands themselves: ``python -m tests.docs.commands_page`` writes it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from eventstudy.cli import COMMANDS, SUMMARIES, group

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

HEAD = """\
# Commands

What `eventstudy --help` and the help of every command say. This page is made from the commands (`python -m
tests.docs.commands_page`), and a test keeps it so. Data go to standard output and talk to standard error; `--debug`
before a command shows a traceback in place of one line.

| command | what it does |
|---|---|
"""


def walk(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """A command, and those under it."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from walk(child, click.Context(child, info_name=name, parent=context))


def commands() -> Iterator[tuple[click.Command, click.Context]]:
    """Every command of ours, those under others included; none of plug-ins."""
    top = click.Context(group, info_name="eventstudy")
    for name in COMMANDS:
        command = group.get_command(top, name)
        assert command is not None
        yield from walk(command, click.Context(command, info_name=name, parent=top))


def page() -> str:
    """The page as the commands say it."""
    summaries = "".join(f"| [`{name}`](#eventstudy-{name}) | {SUMMARIES[name]} |\n" for name in COMMANDS)
    return HEAD + summaries + "".join(section(command, context) for command, context in commands())


def section(command: click.Command, context: click.Context) -> str:
    """One command: its usage, its help and its options."""
    level = "#" * (context.command_path.count(" ") + 1)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    rows = [
        _row(option, context) for option in command.params if isinstance(option, click.Option) and not option.hidden
    ]
    table = "\n| option | meaning |\n|---|---|\n" + "".join(rows) if rows else ""
    return f"\n{level} {context.command_path}\n\n```text\n{usage}\n```\n{_help(command)}{table}"


def _help(command: click.Command) -> str:
    """The help as paragraphs, what was laid out by hand as a block."""
    out = ""
    for paragraph in inspect.cleandoc(command.help or "").replace("\x08\n", "\x08").split("\n\n"):
        text = paragraph.strip("\n")
        if text.startswith("\x08"):
            out += f"\n```text\n{text.removeprefix(chr(8))}\n```\n"
        elif text:
            out += f"\n{' '.join(_plain(text).split())}\n"
    return out


def _row(option: click.Option, context: click.Context) -> str:
    """One option: how it is written, what it means, its default."""
    record = option.get_help_record(context)
    names, text = record or (", ".join(option.opts), "")
    return f"| `{names.replace('|', ', ')}` | {_plain(' '.join(text.split())).replace('|', ',')} |\n"


def _plain(text: str) -> str:
    """Text that Markdown leaves alone."""
    return re.sub(r"([*<>_\[\]])", r"\\\1", text)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
