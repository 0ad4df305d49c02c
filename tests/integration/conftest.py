"""One `eventstudy demo`, shared by every test that only looks at what it left; and the time that commands see."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import Done, eventstudy
from tests.support.passes import NOW


@dataclasses.dataclass(frozen=True, slots=True)
class Demo:
    """What the command said, and where it wrote."""

    done: Done
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "eventstudy.db"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo") / "var"
    return Demo(done=eventstudy("demo", "--dir", folder), folder=folder)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Set the time that commands see; `tests.support.passes.NOW` at first."""

    def set_to(moment: dt.datetime) -> None:
        # All of them, common last: a module that is first imported later would take the replaced name for good.
        named = ("demo", "doctor", "events_write", "plan", "prices", "report", "run", "common")
        for name in named:
            monkeypatch.setattr(f"eventstudy.cli.{name}.utc_now", lambda: moment)

    set_to(NOW)
    return set_to
