"""Studies by the minute in parts: the numbers of one process, whoever reads the bars and however they are cut."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import eventstudy as es
from eventstudy.cli.study import command
from eventstudy.errors import DataError
from eventstudy.study.clock import parquet, parts
from eventstudy.study.clock.parquet import ParquetBars
from eventstudy.study.clock.result import run_clock_study_on
from eventstudy.study.clock.table import DAY, EVER, FrameBars
from eventstudy.study.spread.run import Spread
from tests.support.killed_worker import one_is_killed

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: the extra [cluster] brings it")
pq = pytest.importorskip("pyarrow.parquet")

CASE = Path(__file__).parents[1] / "golden" / "case8_intraday"
SPEC = es.ClockSpec(
    bar="5m",
    windows=["0m:30m", "0m:close"],
    calendar="XNYS",
    benchmark="MKT",
    mask_events=True,
    regress=["size"],
    tests=["bmp_t", "corrado_rank_z"],
)
COPIES = 4  # of each symbol of the case, under names of their own


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    """Of thirteen symbols, one of which has two rows twice, and one prices in doubt."""
    case = pd.read_csv(CASE / "bars.csv")
    own = case[case["symbol"] != "MKT"]
    prices = ["open", "high", "low", "close"]
    copies = [own.assign(symbol=own["symbol"] + str(k), **(own[prices] * (1 + k / 7))) for k in range(COPIES)]
    found = pd.concat([case[case["symbol"] == "MKT"], *copies], ignore_index=True)
    twice = found[found["symbol"] == "BBB1"].iloc[100:102]
    found.loc[found.index[found["symbol"] == "AAA2"][500], "close"] *= 100
    return pd.concat([found, twice]).assign(start=lambda rows: pd.to_datetime(rows["start"]))


@pytest.fixture(scope="module")
def events(bars: pd.DataFrame) -> pd.DataFrame:
    """Three of each symbol, some near each other; one of a symbol that there is not, one that has its own benchmark."""
    symbols = sorted(set(bars["symbol"]) - {"MKT"})
    times = ("2023-03-22T18:00:00Z", "2023-03-22T18:10:00Z", "2023-03-28T16:00:00Z")
    rows = [
        {
            "event_id": f"{symbol}-{k}",
            "asset": symbol,
            "announced_at": at,
            "group": "ab"[k % 2],
            "size": len(symbol) + k,
        }
        for symbol in symbols
        for k, at in enumerate(times)
    ]
    found = pd.DataFrame([*rows, {**rows[0], "event_id": "nobody", "asset": "NOBODY"}])
    found["benchmark"] = [("CCC1" if i == 4 else None) for i in range(len(found))]
    return found.sample(frac=1.0, random_state=3, ignore_index=True)


@pytest.fixture(scope="module")
def alone(bars: pd.DataFrame, events: pd.DataFrame) -> str:
    found = es.run_study(bars, events, SPEC)
    assert any("stand twice" in text for text in found.warnings)
    assert any("in doubt" in text for text in found.warnings)
    assert sum(window["paced"] is not None for row in found.rows for window in row["windows"]) > 40
    return json.dumps(found.to_dict())


def in_parts(table: object, events: pd.DataFrame, **how: object) -> str:
    return json.dumps(run_clock_study_on(table, events, SPEC, Spread(**how)).to_dict())


@pytest.fixture(scope="module")
def file(bars: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bars in Parquet, a row group for each symbol and month."""
    path = tmp_path_factory.mktemp("bars") / "bars.parquet"
    groups = bars.groupby(["symbol", bars["start"].dt.strftime("%Y-%m")])
    tables = [pa.Table.from_pandas(rows, preserve_index=False) for _, rows in groups]
    with pq.ParquetWriter(path, tables[0].schema) as writer:
        for table in tables:
            writer.write_table(table)
    return path


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two symbols are read together, and of time less than sixty sessions take."""
    monkeypatch.setattr(parquet, "SYMBOLS_AT_ONCE", 2)
    monkeypatch.setattr(parquet, "EARLIER", 60 * DAY)


@pytest.fixture
def of_file(few_at_once: None, file: Path, events: pd.DataFrame, alone: str) -> str:
    """What one process makes of the file, which is what it makes of the table, but for what it says of what it read."""
    found = es.run_study(file, events, SPEC).to_dict()
    assert {**found, "warnings": []} == {**json.loads(alone), "warnings": []}
    return json.dumps(found)


@pytest.mark.parametrize("n", [1, 3, 12])
def test_any_number_of_parts_gives_the_bytes_of_one_process(bars, events, alone, n):
    assert in_parts(FrameBars(bars, "prices"), events, parts=n) == alone


@pytest.mark.parametrize("n", [2, 6])
def test_so_it_is_of_files_of_which_more_is_read_where_sessions_are_lacking(file, events, of_file, n, monkeypatch):
    made = []
    measure = parts.measure_part
    monkeypatch.setattr(parts, "measure_part", lambda task: made.append(task.span == EVER) or measure(task))
    assert in_parts(ParquetBars(file), events, parts=n) == of_file
    assert made.count(False) == n
    assert made.count(True) >= 2  # where the first reading had not enough


def test_the_warnings_of_a_benchmark_do_not_depend_on_the_part_that_reads_it_first(file, bars, tmp_path):
    twice = bars[bars["symbol"].isin(["AAA1", "CCC1"])].groupby("symbol").head(2)
    pd.concat([bars, twice]).sort_values(["symbol", "start"]).to_parquet(tmp_path / "bars.parquet", index=False)
    rows = [("late", "BBB2", "CCC1", "2023-03-28T16:00:00Z"), ("early", "BBB3", "AAA1", "2023-03-22T18:00:00Z")]
    table = pd.DataFrame(rows, columns=["event_id", "asset", "benchmark", "announced_at"]).assign(size=[1, 2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParquetBars, "at_once", lambda *_: 1)
        one = in_parts(ParquetBars(tmp_path / "bars.parquet"), table, parts=1)
        assert in_parts(ParquetBars(tmp_path / "bars.parquet"), table, parts=2) == one
    told = [text for text in json.loads(one)["warnings"] if "stand twice" in text]
    assert [text.split()[4] for text in told] == ["AAA1", "CCC1"]


def test_a_study_that_was_cut_off_goes_on_and_ends_with_the_same_bytes(file, events, of_file, tmp_path, monkeypatch):
    made: list[int] = []
    measure = parts.measure_part

    def until_two(task):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(1)
        return measure(task)

    with monkeypatch.context() as patch:
        patch.setattr(parts, "measure_part", until_two)
        with pytest.raises(KeyboardInterrupt):
            in_parts(ParquetBars(file), events, parts=4, folder=tmp_path)
    saved = sorted((tmp_path / "parts").glob("*.part"))
    assert len(saved) == 2
    saved[1].write_bytes(saved[1].read_bytes()[:-40])  # cut short by a full disk: made again
    monkeypatch.setattr(parts, "measure_part", lambda task: made.append(1) or measure(task))
    made.clear()
    assert in_parts(ParquetBars(file), events, folder=tmp_path, resume=True) == of_file
    assert len(made) == len(sorted((tmp_path / "parts").glob("*.part"))) - 1


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda bars, events, spec: (bars.assign(close=bars["close"] * 2), events, spec), "bars.AAA0"),
        (lambda bars, events, spec: (bars, events.iloc[1:], spec), "events"),
        (lambda bars, events, spec: (bars, events, dataclasses.replace(spec, reference_sessions=30)), "spec.reference"),
    ],
)
def test_another_study_is_not_gone_on_with(bars, events, tmp_path, change, name):
    study = FrameBars(bars), events, SPEC
    run_clock_study_on(*study, Spread(folder=tmp_path, parts=2))
    bars, events, spec = change(bars, events, SPEC)
    with pytest.raises(DataError, match=f"--resume, {name}"):
        run_clock_study_on(FrameBars(bars), events, spec, Spread(folder=tmp_path, resume=True))


def test_files_that_were_changed_are_not_gone_on_with(file, events, tmp_path):
    path = tmp_path / "bars.parquet"
    shutil.copy(file, path)
    run_clock_study_on(ParquetBars(path), events, SPEC, Spread(folder=tmp_path / "out", parts=2))
    os.utime(path, (0, 0))
    with pytest.raises(DataError, match=r"--resume, bars\..*bars.parquet"):
        run_clock_study_on(ParquetBars(path), events, SPEC, Spread(folder=tmp_path / "out", resume=True))


@pytest.fixture
def arguments(file, events, tmp_path):
    """Of the command, beside who computes."""
    events.drop(columns="benchmark").to_csv(tmp_path / "events.csv", index=False)
    named = ["--prices", str(file), "--events", str(tmp_path / "events.csv"), "--bar", "5m", "--calendar", "XNYS"]
    return [*named, "--benchmark", "MKT", "--window", "0m:30m"]


def test_the_plan_says_parts_and_bytes(arguments, file, events):
    said = CliRunner().invoke(command, [*arguments, "--cluster", "local:2", "--dry-run"])
    assert said.exit_code == 0
    assert "36 events in 1 parts" in said.output
    assert "out of 1 file." in said.output
    found = json.loads(CliRunner().invoke(command, [*arguments, "--cluster", "local:2", "--dry-run", "--json"]).stdout)
    assert found["tasks"] == {"prices_looked_through": 0, "parts": 1, "numbers_of_parts": 0, "sums_at_most": 0}
    (part,) = found["partitions"]
    assert part["columns"] == 13
    columns = ("symbol", "start", "open", "high", "low", "close", "volume")
    metadata = pq.ParquetFile(file).metadata
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    stored = [group.column(c) for group in groups for c in range(group.num_columns)]
    everything = sum(column.total_compressed_size for column in stored if column.path_in_schema in columns)
    own = sum(
        group.column(c).total_compressed_size
        for group in groups
        for c in range(group.num_columns)
        if group.column(0).statistics.min == "MKT"
    )
    assert part["bytes_read"] == everything
    assert own < everything
    assert {row["reads"] for row in found["tests"].values()} == {"rows"}


def test_the_folder_of_out_has_a_row_for_each_window_and_the_document(arguments, tmp_path):
    said = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path / "out"), "--json"])
    document, kept = json.loads(said.stdout), json.loads((tmp_path / "out" / "study.json").read_text())
    rows = pd.read_parquet(tmp_path / "out" / "windows.parquet")
    windows = [(e["event_id"], w["move"]) for e in document.pop("events") for w in e["windows"] or [{"move": None}]]
    assert kept == document
    assert rows["event_id"].tolist() == [name for name, _ in windows]
    moves = np.array([move for _, move in windows], dtype=float)
    assert np.array_equal(rows["move"].to_numpy(float), moves, equal_nan=True)


def test_parts_without_a_folder_or_workers_cannot_be_gone_on_with(arguments, tmp_path):
    for more in (["--cluster", "local:2"], ["--out", str(tmp_path / "out")]):
        said = CliRunner().invoke(command, [*arguments, *more, "--resume"])
        assert said.exit_code == 2
        assert "--resume needs --out, and --cluster" in said.output


@pytest.mark.long
def test_two_processes_of_which_one_is_killed_give_the_bytes_of_one(bars, file, events, alone, tmp_path):
    with one_is_killed(2) as (client, kill, killed):
        found = es.run_study(bars, events, SPEC, cluster=client, parts=6)
        assert json.dumps(found.to_dict()) == alone
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parquet, "SYMBOLS_AT_ONCE", 2)
            asked = {"parts": 6, "folder": tmp_path, "progress": kill}
            found = es.run_study(file, events, SPEC, cluster=client, **asked).to_dict()
            assert json.dumps(found) == json.dumps(es.run_study(file, events, SPEC).to_dict())
    assert killed
