"""The commands of docs/plan.md, in their order: what the page says of each is what it does."""

from __future__ import annotations

import datetime as dt
import shlex

import numpy as np
import pandas as pd
import yaml

from tests.docs.test_house import ROOT, blocks
from tests.support.command import eventstudy
from tests.support.passes import write_config

PAGE = ROOT / "docs" / "plan.md"


def test_every_command_of_the_page_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("eventstudy.cli.plan.utc_now", lambda: dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC))
    (event,) = yaml.safe_load(blocks(PAGE, "yaml")[0])["events"]
    write_config(tmp_path, more=f"  - {event}\n".replace("'", '"'))
    (tmp_path / "events.csv").write_text(blocks(PAGE, "csv")[0])
    days = pd.bdate_range("2026-05-01", "2027-12-01")
    steps = np.random.default_rng(1).normal(0, 0.01, (len(days), 3))
    prices = pd.DataFrame(100 * np.exp(steps.cumsum(axis=0)), index=days, columns=["AAA", "BBB", "MKT"])
    prices.rename_axis("date").to_csv("prices.csv")
    said = []
    for line in "".join(blocks(PAGE, "sh")).splitlines():
        done = eventstudy(*shlex.split(line)[1:])
        assert done.code == 0, (line, done.err)
        said.append(" ".join(done.out.split()))
    planned, listed, checked, of_files, study = said
    assert "before the announcement" in planned
    assert "fed-2027-01 1" in listed
    assert "The study kept to it" in checked  # held against what the settings would run
    assert "before the first of its 3 events" in of_files
    assert "The study kept to it" in study
