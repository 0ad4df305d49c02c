"""Make the completion files of the shells: ``python -m tests.release.completion`` writes docs/completion."""

from __future__ import annotations

from pathlib import Path

from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from eventstudy.cli import group

FOLDER = Path(__file__).parents[2] / "docs" / "completion"
SHELLS: dict[str, type[ShellComplete]] = {
    "eventstudy.bash": BashComplete,
    "_eventstudy": ZshComplete,
    "eventstudy.fish": FishComplete,
}


def files() -> dict[str, str]:
    """File of each shell."""
    made = {name: shell(group, {}, "eventstudy", "_EVENTSTUDY_COMPLETE") for name, shell in SHELLS.items()}
    return {name: shell.source_template % shell.source_vars() for name, shell in made.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
