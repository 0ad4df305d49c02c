"""Files for ``eventstudy study``, and a way to run it in this process."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy.cli import main

SHORT = (
    "--estimation",
    "-60:-6",
    "--event-window",
    "-5:5",
    "--window",
    "0:0",
    "--window",
    "0:1",
    "--min-estimation",
    "30",
)


def walk(assets: str = "ABCD", days: int = 200, seed: int = 1, start: str = "2022-01-03") -> pd.DataFrame:
    """Prices of MKT and some assets on weekdays: seeded random walks with betas between 0.5 and 1.5."""
    rng = np.random.default_rng(seed)
    market = 0.01 * rng.standard_normal(days)
    returns = {"MKT": market}
    for name in assets:
        returns[name] = rng.uniform(0.5, 1.5) * market + 0.015 * rng.standard_normal(days)
    table = pd.DataFrame({name: 100 * np.exp(np.cumsum(r)) for name, r in returns.items()})
    table.insert(0, "date", pd.bdate_range(start, periods=days).strftime("%Y-%m-%d"))
    return table


def events(*rows: tuple[str, str, str], columns: str = "event_id,asset,date") -> str:
    return "\n".join([columns, *(",".join(row) for row in rows)]) + "\n"


@dataclass(frozen=True)
class Done:
    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))

    def event(self, event_id: str) -> Any:
        return next(event for event in self.json["events"] if event["event_id"] == event_id)


def run_cli(folder: Path, prices: pd.DataFrame | str, table: str, *options: str, json_wanted: bool = True) -> Done:
    """Write both files and run the command as the shell would, error handling included."""
    text = prices if isinstance(prices, str) else prices.to_csv(index=False)
    (folder / "prices.csv").write_text(text, encoding="utf-8")
    (folder / "events.csv").write_text(table, encoding="utf-8")
    words = ["study", "--prices", str(folder / "prices.csv"), "--events", str(folder / "events.csv"), *options]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as done:
        main([*words, "--json"] if json_wanted else words)
    return Done(exit_code=int(done.value.code or 0), stdout=out.getvalue(), stderr=err.getvalue())
