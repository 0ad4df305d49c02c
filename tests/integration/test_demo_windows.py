"""Every window of the demo as version 3fdd533 stored it: no rebuilding of the house may move a number.

`demo_windows.csv` was read out of the database that ``eventstudy demo`` of that version made (all events, both studies,
all alignments), before the service's own engine was replaced by that of the file studies.
Since then releases are on file; those that are context of a window are left out here, and one test lists them.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from tests.support.passes import rows

GUARD = Path(__file__).parents[1] / "golden" / "demo_windows.csv"
KEY = ("study_id", "event_id", "asset", "alignment", "window_start", "window_end")
ANALYSIS = ("day0", "n_estimation", "df", "sigma")
WINDOW = ("is_primary", "n_days", "car", "car_se", "car_low", "car_high", "scar", "bhar", "mde", "t", "p")
WINDOW += ("p_adjusted", "placebo_p", "verdict", "context")
TESTS = ("hac_z", "sample_quantile", "t")
JOINT = ("max_t_placebo", "portfolio_t")


def guarded() -> dict[tuple[str, ...], dict[str, str]]:
    with GUARD.open(encoding="utf-8", newline="") as file:
        return {tuple(row[name] for name in KEY): row for row in csv.DictReader(file)}


def stored(database: Path) -> dict[tuple[str, ...], dict[str, object]]:
    names = (*KEY, *ANALYSIS, *WINDOW)
    wanted = ", ".join("car / car_se" if name == "scar" else name for name in names)
    found = rows(database, f"select {wanted} from window_results join analyses using (analysis_id)")
    out = {tuple(map(str, row[: len(KEY)])): dict(zip(names, row, strict=True)) for row in found}
    for row in out.values():
        row["context"] = json.dumps(
            [c for c in json.loads(str(row["context"])) if not c.startswith(("ecb-press", "fomc"))]
        )
    tests = rows(
        database,
        "select study_id, event_id, asset, alignment, window_start, window_end, name, statistic, p_value, n "
        "from tests join analyses using (analysis_id)",
    )
    for *key, name, statistic, p, n in tests:
        out[tuple(map(str, key))] |= {f"test_{name}_statistic": statistic, f"test_{name}_p": p, f"test_{name}_n": n}
    joint = rows(
        database,
        "select study_id, event_id, alignment, window_start, window_end, name, statistic, p_value from joint_tests",
    )
    for study, event, alignment, start, end, name, statistic, p in joint:
        for key, row in out.items():
            if key[:2] == (study, event) and key[3:] == (alignment, str(start), str(end)):
                row |= {f"test_{name}_statistic": statistic, f"test_{name}_p": p}
    return out


def is_equal(found: object, wanted: str) -> bool:
    if found is None or wanted == "":
        return found is None and wanted == ""
    if isinstance(found, float):
        return math.isclose(found, float(wanted), rel_tol=1e-9, abs_tol=1e-15)
    return str(found) == wanted


def test_all_490_windows_of_the_demo_stand_as_they_did(demo):
    wanted, found = guarded(), stored(demo.database)
    assert len(wanted) == 490
    assert found.keys() == wanted.keys()
    names = [n for n in next(iter(wanted.values())) if n not in (*KEY, "reason")]
    wrong = [
        (key, name, found[key].get(name), row[name])
        for key, row in wanted.items()
        for name in names
        if not is_equal(found[key].get(name), row[name])
    ]
    assert wrong == []


def test_the_releases_on_file_that_are_context_of_a_window_are_these(demo):
    where = "context glob '*ecb-press*' or context glob '*fomc*'"
    sql = f"select distinct event_id, asset, context from reactions where {where}"
    assert rows(demo.database, sql) == [("xi-state-visit-2019", "dollar-index", '["ecb-press-release-2019-06-06"]')]


@pytest.mark.parametrize(
    ("found", "wanted", "is_same"),
    [(0.1, "0.1", True), (0.1, "0.1000001", False), (None, "", True), (None, "0.1", False), ("none", "weak", False)],
)
def test_a_difference_would_be_seen(found, wanted, is_same):
    assert is_equal(found, wanted) is is_same
