"""One pass of the demo's settings, shared by every test that only reads what it left."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from eventstudy.cli.common import packaged_config
from jobs import nightly
from tests.support import passes

ADJUSTED = """\
  - id: adjusted
    model: market-adjusted
    benchmark: dollar-factor
    returns: simple
    estimation: [-135, -16]
    event_window: [-5, 5]
    windows: [[0, 0], [0, 1]]
    min_estimation: 100
events:
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Demo:
    """What a pass left."""

    database: Path
    reports: Path
    result: nightly.PassResult


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The shipped settings, with a market-adjusted study beside the two that are there."""
    folder = tmp_path_factory.mktemp("demo")
    path = folder / "config.yaml"
    text = packaged_config().read_text("utf-8").replace("var/", f"{folder}/")
    path.write_text(text.replace("\nevents:\n", f"\n{ADJUSTED}"), encoding="utf-8")
    result = passes.run(path)
    return Demo(database=folder / "eventstudy.db", reports=folder / "reports", result=result)
