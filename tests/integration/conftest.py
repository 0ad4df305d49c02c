"""One `eventstudy demo`, shared by every test that only looks at what it left."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.support.command import Done, eventstudy


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
