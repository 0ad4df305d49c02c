"""What another distribution brings is there like ours: models, tests, figures; in help, results, settings, pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eventstudy import registry
from eventstudy.cli.browse import metadata
from eventstudy.config.load import load_config
from eventstudy.errors import InputError
from eventstudy.registry.figures import FIGURES
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS
from eventstudy.store.queries import QUERIES
from tests.docs import kind_tables, schema_page
from tests.support import passes
from tests.support.command import eventstudy
from tests.support.passes import write_config
from tests.support.studies import SHORT, walk

ROOT = Path(__file__).parents[2]
ENTRIES = """\
from eventstudy.registry.columns import Column
from eventstudy.registry.figures import Figure
from eventstudy.registry.models import Model
from eventstudy.registry.tests import SignificanceTest
from eventstudy.store.queries import NamedQuery

HALF = Model(name="half-market", words="half the return of {benchmark}", fit="brought_code:fit_half")
MEDIAN = SignificanceTest(
    name="share_of_rises", null="as many rise as fall", law="exact", source="by hand", fewest=1, valid_from=1,
    holds_for="any events", event="brought_code:of_event", group="brought_code:of_group",
)
SAR = Figure(
    name="sar", page="event", words="every session in standard errors", caption="In standard errors, {level}",
    code="brought_code:draw_sar",
)
FAULTY = Figure(name="faulty", page="event", words="nothing", caption="Never seen", code="brought_code:draw_nothing")
COUNT = Figure(name="count", page="study", words="how many", caption="Members", code="brought_code:draw_count")
QUIET = NamedQuery(
    name="quiet", words="The smallest.", table="reactions", filters={"asset": "asset = :asset"},
    sql="select asset, t from reactions where t is not null and {where} order by abs(t)",
)
PERCENT = Column(name="reactions.car_percent", words="`car` in per cent.", sql="100 * car", unit="per cent")
TWICE = Column(name="reactions.car_twice", words="Twice that.", sql="2 * car")
WRONG = Column(name="reactions.wrong", words="None.", sql="no_such_column + 1")
TAKEN = Column(name="reactions.car", words="Another one.", sql="1")
ASTRAY = Column(name="no_view.x", words="None.", sql="1")
NOT_ONE = object()
"""
CODE = """\
from eventstudy.inference.laws import Hypothesis
from eventstudy.models.linear import benchmark, fit_difference
from brought_entries import MEDIAN

SAYS = Hypothesis.of(MEDIAN)


def fit_half(sample, spec):
    return fit_difference(sample, spec, 0.5 * benchmark(sample))


def of_event(event):
    return SAYS.report(float(event.car > 0), 0.5, 1)


def of_group(panel):
    return SAYS.report(float((panel.car > 0).mean()), 0.5, panel.n)


def draw_sar(facts):
    return f"<svg><title>{max(abs(day['sar']) for day in facts.days):.6f}</title></svg>"


def draw_nothing(facts):
    return 1 / 0


def draw_count(facts):
    return f"<svg><title>{len(facts.members)} members</title></svg>"
"""
POINTS = """\
[eventstudy.models]
half-market = brought_entries:HALF
broken-model = brought_entries:absent
market = brought_entries:HALF

[eventstudy.tests]
share_of_rises = brought_entries:MEDIAN

[eventstudy.figures]
sar = brought_entries:SAR
faulty = brought_entries:FAULTY
count = brought_entries:COUNT

[eventstudy.columns]
reactions.car_percent = brought_entries:PERCENT
reactions.car_twice = brought_entries:TWICE
reactions.wrong = brought_entries:WRONG
reactions.car = brought_entries:TAKEN
reactions.absent = brought_entries:absent
no_view.x = brought_entries:ASTRAY

[eventstudy.queries]
quiet = brought_entries:QUIET
broken = brought_entries:absent
strongest = brought_entries:QUIET
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real distribution on the path, as pip would put it there."""
    site = tmp_path / "site"
    info = site / "brought-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "brought_entries.py").write_text(ENTRIES)
    (site / "brought_code.py").write_text(CODE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(site))
    registry.installed.cache_clear()
    yield site
    registry.installed.cache_clear()
    for name in ("brought_entries", "brought_code"):
        sys.modules.pop(name, None)


def command(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "eventstudy", "study", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(site), "COLUMNS": "200"},
    )


def test_help_names_them_without_loading_them(site: Path) -> None:
    (site / "brought_entries.py").write_text("raise RuntimeError('loaded')")
    shown = command(site, "--help").stdout
    assert "half-market" in shown
    assert "share_of_rises" in shown


def test_a_study_uses_them(site: Path, tmp_path: Path) -> None:
    prices = walk("AB", 120)
    prices.to_csv(tmp_path / "prices.csv", index=False)
    (tmp_path / "events.csv").write_text(
        f"event_id,asset,date\none,A,{prices['date'][80]}\ntwo,B,{prices['date'][90]}\n"
    )
    done = command(
        site, "--prices", str(tmp_path / "prices.csv"), "--events", str(tmp_path / "events.csv"), *SHORT,
        "--benchmark", "MKT", "--model", "half-market", "--tests", "t,share_of_rises", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    returns = np.log(prices.drop(columns="date")).diff()
    cars = [returns["A"][80] - 0.5 * returns["MKT"][80], returns["B"][90] - 0.5 * returns["MKT"][90]]
    windows = [event["windows"][0] for event in found["events"]]
    np.testing.assert_allclose([window["car"] for window in windows], cars, rtol=1e-9)
    assert [test["name"] for test in windows[0]["tests"]] == ["t", "share_of_rises"]
    (test,) = found["aggregate"][0]["windows"][0]["tests"]
    assert (test["name"], test["is_valid"], test["validity"]) == ("share_of_rises", True, "any events")
    assert test["statistic"] == np.mean(np.array(cars) > 0)


@pytest.mark.usefixtures("site")
def test_settings_know_the_model_and_offer_it(tmp_path: Path) -> None:
    change = ("model: constant-mean", "model: half-market\n    benchmark: EURUSD")
    assert "half-market" in {study.model for study in load_config(write_config(tmp_path, change), environ={}).studies}
    change = ("model: constant-mean", "model: half-markt")
    with pytest.raises(InputError, match="did you mean 'half-market'"):
        load_config(write_config(tmp_path, change), environ={})


def test_its_figures_stand_on_the_pages_and_one_that_fails_stops_none(site: Path, tmp_path: Path) -> None:
    passes.run(write_config(tmp_path))
    page = (tmp_path / "reports" / "visit.html").read_text("utf-8")
    found = passes.rows(
        tmp_path / "es.db", "select asset, max(abs(sar)) from daily_reactions where event_id = 'visit' group by asset"
    )
    assert {asset for asset, _ in found} == {"EURUSD", "USDCNY"}
    for _, sar in found:
        assert f"In standard errors, 95\u202f%</figcaption><svg><title>{sar:.6f}</title></svg>" in page
    assert page.count("The figure faulty of a plug-in cannot be drawn: ZeroDivisionError: division by zero") == 2
    assert page.count("</svg>") == 2 + 4 * len(found)  # ours too
    prices = walk("AB", 120)
    prices.to_csv(tmp_path / "prices.csv", index=False)
    (tmp_path / "events.csv").write_text(f"event_id,asset,date\none,A,{prices['date'][80]}\n")
    done = command(
        site, "--prices", str(tmp_path / "prices.csv"), "--events", str(tmp_path / "events.csv"), *SHORT,
        "--model", "constant-mean", "--report", str(tmp_path / "study.html"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (
        "<figcaption>Members</figcaption><svg><title>1 members</title></svg>" in (tmp_path / "study.html").read_text()
    )


@pytest.mark.usefixtures("site")
def test_the_documentation_lists_its_figures_beside_ours() -> None:
    assert "| `sar` | event | every session in standard errors |" in kind_tables.figure_table(FIGURES.values())
    assert "`sar`" not in kind_tables.figure_table()


@pytest.mark.usefixtures("site")
def test_its_queries_are_asked_by_name_listed_and_documented(tmp_path: Path) -> None:
    passes.run(write_config(tmp_path))
    here = ("--db", tmp_path / "es.db", "--json")
    found = json.loads(eventstudy("query", "quiet", "--asset", "EURUSD", *here).out)["rows"]
    assert found
    assert {row["asset"] for row in found} == {"EURUSD"}
    assert [abs(row["t"]) for row in found] == sorted(abs(row["t"]) for row in found)
    explained = json.loads(eventstudy("query", "quiet", "--explain", *here).out)
    assert explained["columns"][1] == {"name": "t", "unit": "number", "meaning": "`car` divided by `car_se`."}
    listed = {query["name"]: query for query in json.loads(eventstudy("query", "--list", "--json").out)["queries"]}
    assert listed["quiet"]["origin"] == "plug-in"
    assert listed["strongest"]["origin"] == "ours"
    assert "cannot be used" in listed["broken"]["words"]
    done = eventstudy("query", "broken", *here)
    assert done.code == 1
    assert "the plug-in brought_entries:absent cannot be used" in done.err
    assert "| `quiet` | The smallest. | `--asset` |" in kind_tables.query_table([QUERIES["quiet"]])


def test_its_columns_are_seen_by_queries_pages_and_every_program(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    passes.run(write_config(tmp_path))
    database = tmp_path / "es.db"
    left_out = [message for message in caplog.messages if "left out" in message or "cannot be used" in message]
    for words in (
        "reactions.wrong of a plug-in is left out: no such column",
        "'car' is a column of reactions already",
        "no_view.x of a plug-in is left out: there is no such view",
        "brought_entries:absent cannot be used",
    ):
        assert any(words in message for message in left_out), words
    found = passes.rows(database, "select car, car_percent, car_twice from reactions where car is not null")
    assert found
    assert all((percent, twice) == (100 * car, 2 * car) for car, percent, twice in found)
    answer = json.loads(eventstudy("query", "reactions", "--db", database, "--json").out)
    assert answer["columns"][-2:] == ["car_percent", "car_twice"]
    explained = json.loads(eventstudy("query", "reactions", "--explain", "--db", database, "--json").out)
    assert explained["columns"][-2] == {"name": "car_percent", "unit": "per cent", "meaning": "`car` in per cent."}
    assert "| car_percent | per cent | `car` in per cent. |" in schema_page.page(schema_page.extended())
    browsed = metadata("es", {"reactions": answer["columns"]})["databases"]["es"]["tables"]["reactions"]
    assert browsed["columns"]["car_percent"] == "`car` in per cent. (per cent)"
    assert passes.run(tmp_path / "config.yaml").exit_code == 0  # and stays while the package does
    assert len(passes.rows(database, "select car_percent from reactions")) > 0
    (site / "brought-1.0.dist-info" / "entry_points.txt").write_text("")
    registry.installed.cache_clear()
    passes.run(tmp_path / "config.yaml")
    (view,) = passes.rows(database, "select sql from sqlite_schema where name = 'reactions'")
    fresh = schema_page.database().execute("select sql from sqlite_schema where name = 'reactions'").fetchone()
    assert view[0].partition(" as")[2] == fresh[0].partition(" as")[2]


@pytest.mark.usefixtures("site")
def test_ours_keep_their_names_and_what_cannot_be_loaded_is_named() -> None:
    assert MODELS["market"].fit.startswith("eventstudy.")
    assert list(MODELS)[-2:] == ["broken-model", "half-market"]
    assert list(TESTS)[-1] == "share_of_rises"
    with pytest.raises(InputError, match=r"brought_entries:absent cannot be used \(AttributeError"):
        MODELS["broken-model"]
    with pytest.raises(KeyError):
        MODELS["no-such-model"]


def test_an_entry_point_must_be_an_entry_of_its_own_name(site: Path) -> None:
    info = site / "brought-1.0.dist-info" / "entry_points.txt"
    info.write_text("[eventstudy.models]\nother = brought_entries:HALF\nnothing = brought_entries:NOT_ONE\n")
    for name in ("other", "nothing"):
        with pytest.raises(InputError, match="is no Model of this name"):
            MODELS[name]
