"""The page on sizes given validity is made from its file, and the file keeps what the page promises."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from eventstudy.records import StudySpec
from eventstudy.registry.tests import group_tests
from tests.simulation.size import re_estimated
from tests.simulation.valid import (
    CALLED,
    DESIGNS,
    ESTIMATION,
    LENGTHS,
    LIMIT,
    PAGE,
    PLACEBOS,
    SHOWN,
    SIZES,
    key,
    main,
    placebos,
    read,
    run,
    with_tables,
)

OTHERS = tuple(name for name in group_tests() if name not in PLACEBOS)
CELLS = {(design, n, length) for design in DESIGNS if "," not in design for n in SIZES for length in LENGTHS}


def test_the_tables_of_the_page_are_those_of_the_file() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_tables(page, read()), "run python -m tests.simulation.valid --page"


def test_no_test_that_is_called_valid_rejects_more_than_its_share() -> None:
    """Beyond 6.5 % by less than three standard errors."""
    for row in read():
        draws, valid, rejected = (int(row[name]) for name in ("draws", "valid", "rejected"))
        if key(row)[3] or valid < CALLED * draws:
            continue
        assert rejected / valid <= LIMIT + 3 * math.sqrt(LIMIT * (1 - LIMIT) / valid), row


def test_a_false_alarm_by_a_test_called_valid_is_rare_even_where_it_is_called_so_by_mistake() -> None:
    for row in read():
        if not key(row)[3]:
            draws = int(row["draws"])
            assert int(row["rejected"]) / draws <= LIMIT + 3 * math.sqrt(LIMIT * (1 - LIMIT) / draws), row


def test_every_cell_has_a_valid_test() -> None:
    found = {key(row)[:3] for row in read() if row["test"] == SHOWN and int(row["valid"]) >= 0.99 * int(row["draws"])}
    assert found >= CELLS


@pytest.mark.parametrize("length", [1, 3])
def test_placebo_days_by_moving_sums_are_those_of_the_kernel(length: int) -> None:
    rng = np.random.default_rng(0)
    m = rng.normal(0, 0.01, (3, 2 * ESTIMATION + length))
    y = m + rng.normal(0, 0.02, m.shape)
    spec = StudySpec(
        returns="simple",
        estimation=(-ESTIMATION, -1),
        event_window=(0, length - 1),
        windows=[(0, length - 1)],
    )
    fast, slow = placebos(y, m, length), re_estimated(y, m[:, :, None], spec)
    np.testing.assert_allclose(fast.car.T, slow.car, rtol=1e-9)
    np.testing.assert_allclose(fast.scar.T, slow.scar, rtol=1e-9)


def test_a_short_run_counts_what_the_product_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulation.valid.CSV", tmp_path / "found.csv")
    for _ in range(2):  # the second time there is nothing to do
        main(["--reps", "4", "--power-reps", "2", "--placebo-reps", "2", "--designs", "apart", "--sizes", "5"])
    rows = read()
    assert {(key(row)[2], row["draws"]) for row in rows if not key(row)[3]} >= {(length, "4") for length in LENGTHS}
    assert all(0 <= int(row["rejected"]) <= int(row["valid"]) <= int(row["draws"]) for row in rows)
    again = run("apart", 5, 3, 4, effect=0.0, names=OTHERS)
    kept = [row for row in rows if key(row) == ("apart", 5, 3, False, False)]
    assert [{name: str(value) for name, value in row.items()} for row in again] == [
        {name: row[name] for name in again[0]} for row in kept
    ]
