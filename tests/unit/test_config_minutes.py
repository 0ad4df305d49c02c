"""Studies by the minute in the settings: what is taken, and what each mistake is answered with."""

from __future__ import annotations

import pytest

from eventstudy.config import minute_windows as settings
from eventstudy.config.load import load_config
from eventstudy.errors import ConfigError
from eventstudy.study.clock.spec import NAMED, ClockSpec
from tests.support.passes import write_config

TOTAL = "studies:\n"
GOOD = "bar: 5m, windows: [[0m, 5m], [-10m, 30m], [0m, close], [0m, next-open], [0m, next-close], statement]"


def config(folder, text):
    return load_config(write_config(folder, (TOTAL, f"studies:\n  - {{id: fast, {text}}}\n")), environ={})


def test_studies_by_the_minute_stand_among_the_others_which_they_leave_as_they_are(tmp_path):
    plain = load_config(write_config(tmp_path), environ={})
    found = config(tmp_path, f"{GOOD}, benchmark: EURUSD")
    assert found.studies == plain.studies
    assert [study.id for study in found.all_studies] == ["total", "fast"]
    (fast,) = found.clock_studies
    assert fast.windows == ("0m:5m", "-10m:30m", "0m:close", "0m:next-open", "0m:next-close", "statement")
    assert (fast.bar, fast.reference_sessions, fast.mask_events) == ("5m", 60, True)


def test_every_window_and_name_of_the_settings_is_one_of_the_engine(tmp_path):
    (fast,) = config(tmp_path, GOOD).clock_studies
    assert ClockSpec(bar=fast.bar, windows=fast.windows).windows[1].bounds == ("-10m", "30m")
    assert set(settings.NAMES) <= set(NAMED)


def test_a_study_by_the_minute_may_be_the_only_one(tmp_path):
    path = write_config(tmp_path)
    head, _, tail = path.read_text("utf-8").partition("studies:\n")
    path.write_text(f"{head}studies:\n  - {{id: fast, {GOOD}}}\nevents:{tail.partition('events:')[2]}", "utf-8")
    found = load_config(path, environ={})
    assert (found.studies, found.all_studies[0].id) == ((), "fast")


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("bar: 7m", "studies[fast].bar", "write 1m, 5m, 15m, 30m, 1h"),
        ("bar: 5m, windows: [[0, 5]]", "studies[fast].windows[0]", "write [0m, 5m]"),
        ("bar: 5m, windows: [[0m, 30]]", "studies[fast].windows[0]", "[0m, close]"),
        ("bar: 5m, windows: [[5m, 30m]]", "studies[fast].windows[0]", "begins at the announcement or before"),
        ("bar: 5m, windows: [[0m, clos]]", "studies[fast].windows[0]", "'close'"),
        ("bar: 5m, windows: [[-10m, next-open]]", "studies[fast].windows[0]", "write [0m, next-open]"),
        ("bar: 5m, windows: [[20m, 0m]]", "studies[fast].windows[0]", "begins at"),
        ("bar: 1h, windows: [[0m, 5m]]", "studies[fast].windows", "[0m, 60m]"),
        ("bar: 5m, windows: [[-10m, 20m], statement]", "studies[fast].windows", "stands twice"),
        ("bar: 5m, windows: [statment]", "studies[fast].windows[0]", "'statement'"),
        ("bar: 5m, estimation: [-60, -11]", "studies[fast].estimation", "reference_sessions"),
        ("bar: 5m, benchmark: NOBODY", "studies[fast].benchmark", "no such asset"),
        ("bar: 5m, model: market", "studies[fast].benchmark", "name an asset"),
        ("bar: 5m, fewest_sessions: 61", "studies[fast].fewest_sessions", "60 or less"),
        ("bar: 5m, refernce_sessions: 61", "studies[fast].refernce_sessions", "reference_sessions"),
    ],
)
def test_a_mistake_has_its_place_its_value_and_what_to_write(tmp_path, text, where, words):
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text)
    assert where in str(caught.value)
    assert words in str(caught.value)
    assert "clock_studies" not in str(caught.value)


def test_the_file_has_one_list_of_studies(tmp_path):
    path = write_config(tmp_path, ("studies:\n", "clock_studies: []\nstudies:\n"))
    with pytest.raises(ConfigError, match="list them under studies, with bar"):
        load_config(path, environ={})
