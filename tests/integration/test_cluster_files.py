"""Prices in a folder of Parquet files: read a part at a time by who needs them, and the numbers of one table."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import eventstudy as es
from eventstudy import compiled
from eventstudy.cli.study import command
from eventstudy.errors import DataError
from eventstudy.registry.tests import TESTS, group_tests
from eventstudy.study.options import StudyOptions
from eventstudy.study.prepared import prepared
from eventstudy.study.rows import write_study
from eventstudy.study.samples import CompiledResiduals
from eventstudy.study.spread import remote, run, saved
from eventstudy.study.spread.brief import brief_of
from eventstudy.study.spread.parquet import PriceFiles, price_files
from eventstudy.study.spread.planned import bytes_of_event, planned
from eventstudy.study.spread.prices import HeldPrices
from eventstudy.study.spread.run import study_parts, task_of
from eventstudy.study.spread.workers import workers
from eventstudy.tables.options import Options
from tests.support.holed import tables
from tests.support.killed_worker import one_is_killed

pytest.importorskip("pyarrow.dataset", reason="pyarrow is not installed: the extra [cluster] brings it")

SPEC = es.StudySpec(
    windows=[(0, 0), (-1, 1)],
    event_window=(-2, 2),
    estimation=(-120, -11),
    min_estimation=60,
    tests=("patell_z", "corrado_rank_z", "adjusted_bmp_t"),
)
STILL = "2015-07-08"
ROOT = Path(__file__).parents[2]
KINDS = ("by asset", "by year", "in an object store")
PARTS = 4


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """With a weekend that repeats its Friday, a day on which nothing moved, prices that are none, and a level shift."""
    prices, _ = tables(1, 10)
    still = int(prices.index[prices["date"] == STILL][0])
    prices.iloc[still, 1:] = prices.iloc[still - 1, 1:]
    friday = prices.index[prices["date"] == "2015-06-05"]
    weekend = [prices.loc[friday].assign(date=day) for day in ("2015-06-06", "2015-06-07")]
    prices = pd.concat([prices, *weekend]).sort_values("date", ignore_index=True)
    prices.loc[10:11, "A07"] = [-1, 0]
    prices.loc[200:, "A08"] *= 3
    found = prices.melt("date", var_name="symbol", value_name="close")
    return found.assign(date=pd.to_datetime(found["date"]), note="of no use")


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return tables(200, 10)[1]


@pytest.fixture(scope="module")
def folders(lines, tmp_path_factory) -> dict[str, str]:
    import fsspec

    by_asset, by_year = (tmp_path_factory.mktemp(name) for name in ("asset", "year"))
    lines.to_parquet(by_asset, partition_cols=["symbol"], index=False)
    lines.assign(year=lines["date"].dt.year, symbol=lines["symbol"].astype("category")).to_parquet(
        by_year, partition_cols=["year"], index=False
    )
    memory = fsspec.filesystem("memory")
    for k, (_, some) in enumerate(lines.groupby(lines["symbol"].str[:2], sort=False)):
        memory.pipe(f"/bucket/{k}.parquet", some.to_parquet(index=False, row_group_size=500))
    return dict(zip(KINDS, (str(by_asset), f"{by_year}/**/*.parquet", "memory://bucket/*.parquet"), strict=True))


@pytest.fixture(scope="module")
def alone(lines, events) -> str:
    # in the order in which a folder by symbol has them
    return json.dumps(es.run_study(lines, events, SPEC, benchmark="MKT").to_dict())


@pytest.mark.parametrize("kind", KINDS)
def test_prices_in_files_give_the_document_of_one_table(kind, folders, alone, events):
    found = es.run_study(folders[kind], events, SPEC, benchmark="MKT", parts=PARTS).to_dict()
    expected = json.loads(alone)
    # columns are named in the order in which the files come
    assert sorted(found.pop("warnings")) == sorted(expected.pop("warnings"))
    assert json.dumps(found) == json.dumps(expected)


def test_a_calendar_is_known_to_who_reads_a_part(folders, lines, events):
    some = {"benchmark": "MKT", "calendar": "XNYS"}
    found = es.run_study(folders[KINDS[1]], events, SPEC, **some, parts=PARTS).to_dict()
    assert found == es.run_study(lines, events, SPEC, **some).to_dict()
    assert any(STILL in warning and "no price of the table moved" in warning for warning in found["warnings"])


def test_a_part_reads_its_own_symbols_and_columns_alone(folders, events, monkeypatch):
    files = price_files(folders[KINDS[0]], Options())
    assert set(files.columns) == {"date", "close", "symbol"}
    asked: list[set[str]] = []
    read = PriceFiles.read
    monkeypatch.setattr(PriceFiles, "read", lambda self, symbols: asked.append({*symbols}) or read(self, symbols))
    some = events[events["asset"].isin(["A01", "A02"])]
    es.run_study(files, some, SPEC, benchmark="MKT", parts=2)
    assert asked == [{"A01", "A02", "MKT"}, {"A01", "MKT"}, {"A02", "MKT"}]


def test_row_groups_without_a_needed_symbol_are_not_read(folders):
    files = price_files(folders[KINDS[2]], Options())
    read = [group for group in files.groups() if group.is_read_for(["A01"])]
    # 402 lines a symbol in groups of 500: the second symbol ends in the second group
    assert [(group.low, group.high) for group in read] == [("A00", "A01"), ("A01", "A02")]
    assert len(files.read(["A01"])) == 402


def test_a_benchmark_that_is_in_no_file_is_named(folders, events):
    with pytest.raises(DataError, match=r"'NONE'.*symbols are A00"):
        es.run_study(folders[KINDS[0]], events, SPEC, benchmark="NONE")
    with pytest.raises(DataError, match=r"'NONE'.*symbols are A00"):
        planned(price_files(folders[KINDS[0]], Options()), events, SPEC, StudyOptions(benchmark="NONE"), None)


@pytest.mark.parametrize("what", ["damaged", "lists of symbols"])
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_files_that_cannot_be_read_are_one_clear_line(what, more, lines, events, tmp_path):
    for symbol, some in lines.groupby("symbol"):
        some.to_parquet(tmp_path / f"{symbol}.parquet", index=False)
    last = lines.tail(3)
    last.assign(symbol=[["MKT"]] * 3).to_parquet(tmp_path / "Z.parquet", index=False)
    if what == "damaged":
        (tmp_path / "Z.parquet").write_bytes(b"PAR1")
    events.to_csv(tmp_path / "events.csv", index=False)
    arguments = ["--prices", str(tmp_path), "--events", str(tmp_path / "events.csv"), "--benchmark", "MKT", *more]
    said = CliRunner().invoke(command, arguments)
    assert isinstance(said.exception, DataError)
    assert "prices: cannot be read:" in str(said.exception)


def test_returns_in_files_are_read_as_a_table(lines, events, tmp_path):
    moves = lines.drop(columns="note").rename(columns={"close": "return"})
    moves["return"] = moves.groupby("symbol")["return"].pct_change(fill_method=None).clip(-0.2, 0.2)
    moves.to_parquet(tmp_path / "one.parquet", index=False)
    found = es.run_study(tmp_path, events, SPEC, benchmark="MKT", values="returns").to_dict()
    assert found == es.run_study(moves, events, SPEC, benchmark="MKT", values="returns").to_dict()


def test_returns_in_files_are_no_study_in_parts_to_go_on_with(folders, events, tmp_path):
    events.to_csv(tmp_path / "events.csv", index=False)
    arguments = ["--prices", folders[KINDS[0]], "--values", "returns", "--events", str(tmp_path / "events.csv")]
    said = CliRunner().invoke(command, [*arguments, "--benchmark", "MKT", "--out", str(tmp_path / "out"), "--resume"])
    assert said.exit_code == 2
    assert "--resume needs --out, and --cluster or prices that are read in parts" in said.output


@pytest.fixture
def cut_off(folders, events, tmp_path, monkeypatch):
    """A study that ended after two of its parts: the folder, and what was asked."""
    made = []

    def make(*needs: object) -> object:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(1)
        return make_part(*needs)

    make_part = run.make_part
    asked = {"benchmark": "MKT", "folder": tmp_path / "out"}
    with monkeypatch.context() as patch:
        patch.setattr(run, "make_part", make)
        with pytest.raises(KeyboardInterrupt):
            es.run_study(folders[KINDS[0]], events, SPEC, **asked, parts=PARTS)
    return asked


def test_a_study_that_was_cut_off_goes_on_and_ends_with_the_same_bytes(cut_off, folders, events, alone, monkeypatch):
    made = []
    make_part = run.make_part
    monkeypatch.setattr(run, "make_part", lambda *needs: made.append(1) or make_part(*needs))
    parts = sorted((cut_off["folder"] / "parts").glob("*.part"))
    assert len(parts) == 2
    parts[1].write_bytes(parts[1].read_bytes()[:-40])  # cut short by a full disk: made again
    found = es.run_study(folders[KINDS[0]], events, SPEC, **cut_off, resume=True).to_dict()
    n = len(sorted((cut_off["folder"] / "parts").glob("*.part")))
    assert len(made) == n - 1
    whole = es.run_study(folders[KINDS[0]], events, SPEC, benchmark="MKT").to_dict()
    assert json.dumps(found) == json.dumps(whole)


def test_parts_that_compiled_loops_have_made_are_taken_too(folders, events, tmp_path, monkeypatch):
    pytest.importorskip("numba", reason="numba is not installed: the extra [fast] brings it")
    monkeypatch.setattr(compiled, "WORTH", 0)
    asked = {"benchmark": "MKT", "folder": tmp_path, "parts": PARTS}
    found = es.run_study(folders[KINDS[0]], events, SPEC, **asked).to_dict()
    first = saved.Kept(str(tmp_path / "parts" / "00000.part")).read()
    assert isinstance(first.result.fit.residuals, CompiledResiduals)
    monkeypatch.setattr(run, "make_part", None)
    assert json.dumps(es.run_study(folders[KINDS[0]], events, SPEC, **asked, resume=True).to_dict()) == json.dumps(
        found
    )


@pytest.mark.parametrize(
    ("what", "field"), [("window", "spec.windows"), ("event", "events"), ("price", "prices.A01"), ("none", "--resume")]
)
def test_what_has_changed_since_is_refused_by_its_name(what, field, cut_off, folders, lines, events, tmp_path):
    spec, address = SPEC, folders[KINDS[0]]
    if what == "window":
        spec = dataclasses.replace(SPEC, windows=[(0, 1)])
    if what == "event":
        events = events.iloc[1:]
    if what == "price":
        address = str(tmp_path / "prices")
        at = (lines["symbol"] == "A01") & (lines["date"] == "2016-01-04")
        assert at.sum() == 1
        other = lines.assign(close=lines["close"].where(~at, lines["close"] * 1.001))
        other.to_parquet(address, partition_cols=["symbol"], index=False)
    if what == "none":
        cut_off["folder"] = tmp_path / "elsewhere"
    with pytest.raises(DataError, match=rf"{field}.*leave out --resume"):
        es.run_study(address, events, spec, **cut_off, resume=True)


def test_a_file_in_place_of_a_part_runs_nothing(tmp_path):
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "sprung",)  # type: ignore[return-value]

    with (tmp_path / "0.part").open("wb") as stream:
        saved._pack(Trap(), saved._Hashed(stream))  # whole, by its hash
    assert not saved._is_whole(tmp_path / "0.part")
    assert not (tmp_path / "sprung").exists()


def test_the_plan_is_printed_and_nothing_is_written(folders, events, tmp_path):
    events.to_csv(tmp_path / "events.csv", index=False)
    before = sorted(tmp_path.rglob("*"))
    arguments = ["--prices", folders[KINDS[0]], "--events", str(tmp_path / "events.csv"), "--benchmark", "MKT"]
    arguments += ["--cluster", "local:2", "--dry-run", "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert said.exit_code == 0
    assert "read by the worker that needs them" in said.output
    assert "portfolio_t, mvrm_f" in said.output
    found = json.loads(CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False).stdout)
    known = events["asset"].isin([f"A{i:02d}" for i in range(10)])
    assert found["events"] == known.sum() == sum(part["events"] for part in found["partitions"])
    # a symbol is a file here: the first look reads each once, and every part the benchmark's beside its own
    sizes = {path.parent.name: group for path in Path(folders[KINDS[0]]).rglob("*.parquet") for group in [path]}
    assert len(sizes) == 11
    assert 0 < found["bytes_read"]["looked_through"] < sum(path.stat().st_size for path in sizes.values())
    assert found["tests"]["corrado_rank_z"] == {"reads": "sums"}
    assert sorted(tmp_path.rglob("*")) == before


def test_files_that_a_shell_made_of_a_pattern_are_the_pattern(folders, events, tmp_path):
    events.to_csv(tmp_path / "events.csv", index=False)
    paths = sorted(map(str, Path(folders[KINDS[0]]).rglob("*.parquet")))
    arguments = ["--prices", *paths, "--events", str(tmp_path / "events.csv"), "--benchmark", "MKT", "--dry-run"]
    said = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert "out of 11 files" in said.output
    wrong = CliRunner().invoke(command, ["--prices", paths[0], "more.csv", "--events", "events.csv"])
    assert wrong.exit_code == 2
    assert "unexpected extra argument (more.csv)" in wrong.output


def test_who_cuts_a_study_off_is_told_how_it_goes_on(folders, events, tmp_path, monkeypatch):
    def cut(*_needs: object) -> None:
        (tmp_path / "out" / "parts").mkdir(parents=True)
        (tmp_path / "out" / "parts" / "00000.part").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("eventstudy.study.table.study_on", cut)
    events.to_csv(tmp_path / "events.csv", index=False)
    arguments = ["--prices", folders[KINDS[0]], "--events", str(tmp_path / "events.csv"), "--benchmark", "MKT"]
    said = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path / "out")])
    assert said.exit_code == 1
    assert "the same with --resume goes on" in said.output


@pytest.mark.parametrize("was_begun", [False, True])
def test_what_else_stands_in_the_folder_of_parts_stays_there(was_begun, folders, events, tmp_path):
    parts = tmp_path / "out" / "parts"
    if was_begun:
        es.run_study(folders[KINDS[0]], events, SPEC, benchmark="MKT", folder=tmp_path / "out", parts=2)
        assert {"00000.part", "plan.json"} <= {path.name for path in parts.iterdir()}
        (parts / ".00000.part.4194305-1.tmp").touch()  # of a process that was killed: no system has so many
    parts.mkdir(parents=True, exist_ok=True)
    (parts / "notes.txt").write_text("mine", encoding="utf-8")
    events.to_csv(tmp_path / "events.csv", index=False)
    arguments = ["--prices", folders[KINDS[0]], "--events", str(tmp_path / "events.csv"), "--benchmark", "MKT"]
    said = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path / "out")])
    assert said.exit_code == 3, said.output
    assert [path.name for path in parts.iterdir()] == ["notes.txt"]


def test_workers_write_the_rows_of_their_events_which_are_those_of_one_process(folders, events, tmp_path):
    out = tmp_path / "out"
    asked = {"benchmark": "MKT", "folder": out, "parts": 3, "with_events": False}
    found = es.run_study(folders[KINDS[0]], events, SPEC, **asked)
    assert found.fit.expected.shape[1] == found.daily.se.shape[1] == 0
    whole = es.run_study(folders[KINDS[0]], events, SPEC, benchmark="MKT", with_events=False)
    counts = write_study(whole, out)  # files, of which the folders take the place
    assert write_study(found, out) == counts
    names = sorted(path.name for path in (out / "days.parquet").iterdir())
    assert names == [f"{i:05d}.parquet" for i in range(4)]  # one more than asked for: some assets are not cut
    write_study(whole, tmp_path / "alone")
    for name in ("events", "windows", "days"):
        one = pd.read_parquet(tmp_path / "alone" / f"{name}.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(out / f"{name}.parquet"), one, check_exact=True)
    assert (out / "study.json").read_bytes() == (tmp_path / "alone" / "study.json").read_bytes()
    write_study(whole, out)
    assert (out / "days.parquet").read_bytes() == (tmp_path / "alone" / "days.parquet").read_bytes()


def laid_out(lines: pd.DataFrame, events: pd.DataFrame, spec: es.StudySpec):
    study = prepared(lines, events, spec, StudyOptions(benchmark="MKT"))
    with workers(None) as here:
        task = task_of(study.spec, study.settings, study.usable.size)
        return study_parts(task, HeldPrices(study.market), study.placed, study.usable, here, parts=PARTS)


@pytest.mark.parametrize("is_light", [False, True])
def test_the_plan_knows_how_much_comes_back_of_an_event(is_light, lines, events):
    result, found = laid_out(lines, events, SPEC)
    brief = brief_of(found.parts[0], is_light=is_light)
    held = [*_arrays(brief.fit), *_arrays(brief.daily), *(a for c in brief.cumulated for a in _arrays(c))]
    each = sum(a.nbytes for a in [*held, *brief.is_whole, brief.before, brief.after, brief.days_at])
    n = len(found.parts[0].result.placed.event_ids)
    assert bytes_of_event(result.spec, 1, 1000, is_light=is_light) == pytest.approx(each / n, rel=0.05)


def _arrays(held: object) -> list[np.ndarray]:
    values = (getattr(held, field.name) for field in dataclasses.fields(held) if field.name != "tau")
    return [value for value in values if isinstance(value, np.ndarray)]


@pytest.mark.long
@pytest.mark.parametrize("is_together", [False, True])
def test_what_the_plan_says_that_tests_read_is_what_they_read(is_together, lines, events, monkeypatch):
    if is_together:
        events = events.drop_duplicates("asset").assign(date="2015-08-27")
    asked: set[str] = set()

    def spied(owner: type, name: str, what: str) -> None:
        real = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *needs: asked.add(what) or real(*needs))

    spied(remote.Remote, "each_block", "sums")
    spied(remote.Remote, "by_date", "dates")
    read: dict[str, set[str]] = {}
    for name in group_tests():
        if not TESTS[name].needs_placebos:
            result, _ = laid_out(lines, events, dataclasses.replace(SPEC, tests=(name,), windows=[(0, 1)]))
            asked.clear()
            TESTS[name].of_group(result.groups[0].panels[0])
            read[name] = set(asked)
    of_rows = {name for name in read if TESTS[name].reads in ("rows", "returns")}
    assert not set().union(*(read[name] for name in of_rows))
    assert all("sums" in read[name] for name in read if TESTS[name].reads == "sums")
    if not is_together:
        assert {name for name in read if "dates" in read[name]} == {"adjusted_patell_z", "adjusted_bmp_t"}


def test_a_plan_of_tables_has_every_event_that_has_a_place(lines, events):
    plan = planned(lines, events, SPEC, StudyOptions(benchmark="MKT"), "local:2")
    study = prepared(lines, events, SPEC, StudyOptions(benchmark="MKT"))
    assert plan.workers == 2
    assert sum(part.events for part in plan.parts) == study.usable.size
    assert all(part.read == 0 < part.sent for part in plan.parts)


KILLED = """
import sys
from pathlib import Path

import pandas as pd

import eventstudy as es
from tests.integration.test_cluster_files import SPEC

prices, events, out = sys.argv[1:]
if __name__ == "__main__":
    es.run_study(
        prices, pd.read_csv(events), SPEC, benchmark="MKT", cluster="local:1", parts=9, folder=Path(out)
    )
"""


@pytest.mark.long
def test_a_study_that_is_killed_with_its_workers_goes_on_elsewhere(folders, events, alone, tmp_path):
    pytest.importorskip("distributed")
    events.to_csv(tmp_path / "events.csv", index=False)
    (tmp_path / "killed.py").write_text(KILLED, encoding="utf-8")
    out, address = tmp_path / "out", folders[KINDS[1]]
    command = [sys.executable, str(tmp_path / "killed.py"), address, str(tmp_path / "events.csv"), str(out)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        end = time.monotonic() + 120
        while not list(out.glob("parts/*.part")) and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.kill()
    assert list(out.glob("parts/*.part"))
    found = es.run_study(address, events, SPEC, benchmark="MKT", folder=out, resume=True).to_dict()
    undisturbed = es.run_study(address, events, SPEC, benchmark="MKT").to_dict()
    assert json.dumps(found) == json.dumps(undisturbed)


@pytest.mark.long
def test_two_processes_of_which_one_is_killed_read_the_files_again(folders, events, tmp_path):
    address = folders[KINDS[1]]
    with one_is_killed(2) as (client, kill, killed):
        asked = {"benchmark": "MKT", "parts": 8, "folder": tmp_path}
        found = es.run_study(address, events, SPEC, cluster=client, progress=kill, **asked).to_dict()
    assert killed
    assert json.dumps(found) == json.dumps(es.run_study(address, events, SPEC, benchmark="MKT").to_dict())
