"""Returns as input: what is no decimal return is refused or missing, and never studied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.studies import SHORT, Done, events, run_cli, walk

PRICES = walk()
DATES = PRICES["date"].tolist()
DAY = 100
ONE = events(("e1", "A", DATES[DAY]))
RETURNS = PRICES.set_index("date").apply(np.log).diff().reset_index()
PRICED = ("--benchmark", "MKT", *SHORT)
GIVEN = (*PRICED, "--values", "returns")


def changed(change: float, *names: str) -> pd.DataFrame:
    table = RETURNS.copy()
    for name in names or [*"ABCD", "MKT"]:
        table[name] *= change
    return table


def car(done: Done) -> float:
    """The CAR of day 0, which is also what least squares by hand says of the decimal returns."""
    return float(done.event("e1")["windows"][0]["car"])


def by_hand(x: np.ndarray) -> float:
    y = RETURNS["A"].to_numpy()
    rows = slice(DAY - 60, DAY - 5)
    beta, alpha = np.polyfit(x[rows], y[rows], 1)
    return float(y[DAY] - alpha - beta * x[DAY])


@pytest.mark.parametrize(
    ("table", "what", "remedy"),
    [
        (changed(100), "the column MKT looks like per cent", "write --units percent"),
        (changed(100, "A"), "the column A looks like per cent", "--units decimal"),
        (changed(1e4), "the column MKT looks like basis points", "write --units basis-points"),
        (PRICES, "the column MKT looks like prices", "leave out --values returns"),
        (RETURNS.assign(MKT=PRICES["MKT"]), "the column MKT looks like prices", "--units decimal"),
        (RETURNS.assign(A=RETURNS["A"] + 1), "the column A looks like growth factors", "take 1 off"),
    ],
)
@pytest.mark.parametrize("kind", ["log", "simple"])
def test_other_units_are_an_error_that_says_what_to_type(
    table: pd.DataFrame, what: str, remedy: str, kind: str, tmp_path: Path
) -> None:
    done = run_cli(tmp_path, table, ONE, *GIVEN, "--returns", kind)
    assert (done.exit_code, done.stdout) == (1, "")
    assert what in done.stderr
    assert remedy in done.stderr
    assert done.stderr.count("\n") == 1


def test_growth_factors_are_no_prices_and_a_currency_near_one_with_a_bad_tick_is(tmp_path: Path) -> None:
    columns = ["MKT", "A"]
    done = run_cli(tmp_path, RETURNS.assign(**{name: RETURNS[name] + 1 for name in columns}), ONE, *PRICED)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "looks like growth factors, 1 + return, not prices" in done.stderr
    assert "--values returns" in done.stderr
    prices = PRICES.assign(**{name: PRICES[name] / PRICES[name].median() for name in columns})
    prices.loc[20, "A"] *= 10
    assert "looks like" not in run_cli(tmp_path, prices, ONE, *PRICED).stderr


@pytest.mark.parametrize(("first", "end"), [(0, 20), (60, 90), (95, 108), (100, None)])
def test_a_part_of_a_column_in_per_cent_is_refused_with_its_days(first: int, end: int | None, tmp_path: Path) -> None:
    table = RETURNS.copy()
    table.loc[first : None if end is None else end - 1, "A"] *= 100
    done = run_cli(tmp_path, table, ONE, *GIVEN)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the column A seems to change its unit: half of its numbers from " in done.stderr
    assert run_cli(tmp_path, table, ONE, *GIVEN, "--units", "decimal").stdout


@pytest.mark.parametrize("factor", [0.01, 0.001])
@pytest.mark.parametrize("name", ["A", "MKT"])
def test_a_part_of_a_column_that_is_a_hundred_times_too_small_is_in_doubt(
    factor: float, name: str, tmp_path: Path
) -> None:
    table = RETURNS.copy()
    table.loc[DAY - 3 :, name] *= factor
    given = events(("e1", "A", DATES[DAY]), ("e2", "B" if name == "A" else "A", DATES[DAY - 20]))
    done = run_cli(tmp_path, table, given, *GIVEN)
    assert done.exit_code == 3
    assert done.event("e1")["reason"].startswith(f"price in doubt: {name}: return a hundred times as small")
    assert done.event("e2")["status"] == "ok"
    confirmed = done.event("e1")["reason"].split("--confirm ")[1]
    assert run_cli(tmp_path, table, given, *GIVEN, "--confirm", confirmed).exit_code == 0


def test_weeks_that_are_eight_times_as_wild_are_a_crisis(tmp_path: Path) -> None:
    table = RETURNS.copy()
    table.loc[70:90, ["A", "MKT"]] *= 8
    assert run_cli(tmp_path, table, ONE, *GIVEN).exit_code == 0


@pytest.mark.parametrize(("scale", "code"), [(6.7e-5, 1), (2e-6, 0)], ids=["dollars for a yen", "a rate of a day"])
def test_small_numbers_above_zero_are_prices_unless_they_may_be_a_rate(scale: float, code: int, tmp_path: Path) -> None:
    done = run_cli(tmp_path, RETURNS.assign(MKT=PRICES["MKT"] * scale), ONE, *GIVEN)
    assert done.exit_code == code
    assert ("the column MKT looks like prices" in done.stderr) == bool(code)


def test_a_column_that_the_study_does_not_use_may_be_anything(tmp_path: Path) -> None:
    assert run_cli(tmp_path, RETURNS.assign(D=PRICES["D"]), ONE, *GIVEN).exit_code == 0


def test_percent_are_converted_and_decimals_taken_where_asked(tmp_path: Path) -> None:
    plain = run_cli(tmp_path, RETURNS, ONE, *GIVEN)
    assert plain.json["spec"]["units"] == "decimal"
    percent = run_cli(tmp_path, changed(100), ONE, *GIVEN, "--units", "percent")
    assert percent.json["spec"]["units"] == "percent"
    wanted = by_hand(RETURNS["MKT"].to_numpy())
    assert [car(plain), car(percent)] == pytest.approx([wanted, wanted], rel=1e-9)
    taken = run_cli(tmp_path, changed(100), ONE, *GIVEN, "--units", "decimal")
    assert car(taken) == pytest.approx(100 * wanted, rel=1e-9)
    assert any(note.startswith("A: a return beyond ±50% on ") for note in taken.json["warnings"])


def test_units_of_prices_are_wrong_usage(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, ONE, "--benchmark", "MKT", *SHORT, "--units", "percent")
    assert done.exit_code == 2
    assert "--units is of returns" in done.stderr


def test_monthly_returns_may_be_larger(tmp_path: Path) -> None:
    months = pd.date_range("2005-01-31", periods=len(RETURNS), freq="ME").strftime("%Y-%m-%d")
    table = changed(7).assign(date=months)  # half of them beyond ±7 %, as of single shares
    done = run_cli(tmp_path, table, events(("e1", "A", months[DAY])), *GIVEN)
    assert done.exit_code == 0
    table = changed(100).assign(date=months)
    assert "looks like per cent" in run_cli(tmp_path, table, events(("e1", "A", months[DAY])), *GIVEN).stderr


@pytest.mark.parametrize("code", ["-66", "-77.0", "-88", "-99", "-99.99", "-0.9999", "-0.99", "-999", "B", "C", ".B"])
def test_codes_of_vendors_are_missing_and_noted(code: str, tmp_path: Path) -> None:
    table = RETURNS.astype(object)
    table.loc[[60, 70], "A"] = code
    done = run_cli(tmp_path, table, ONE, *GIVEN)
    assert done.exit_code == 0
    assert done.event("e1")["n_estimation"] == 53
    (note,) = done.json["warnings"]
    if code.startswith("-"):
        assert note == f"A: a vendor's code for a missing return on {DATES[60]} and on 1 more days; counted as missing"
    else:
        assert note == (
            f"prices.csv, line 62, column A: a vendor's letter for a missing return ({code}) and 1 more; "
            "counted as missing"
        )


def test_a_fall_by_exactly_99_per_cent_is_kept_among_returns_of_two_digits(tmp_path: Path) -> None:
    table = RETURNS.round(2)
    table.loc[60, "A"] = -0.99
    done = run_cli(tmp_path, table, ONE, *GIVEN)
    assert done.event("e1")["n_estimation"] == 55
    assert f"A: a return beyond ±50% on {DATES[60]}; is it one?" in done.json["warnings"]


def factor_file(folder: Path, change: float = 1.0, code: float | None = None) -> str:
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"date": DATES, "F": rng.normal(0, 0.01, len(DATES)) * change})
    if code is not None:
        table.loc[60, "F"] = code
    path = folder / "factors.csv"
    table.to_csv(path, index=False)
    return str(path)


def test_factor_files_are_held_to_the_same(tmp_path: Path) -> None:
    options = (*SHORT, "--model", "factor", "--factors", "F", "--returns", "simple", "--factor-file")
    plain = run_cli(tmp_path, PRICES, ONE, *options, factor_file(tmp_path))
    assert (plain.event("e1")["n_estimation"], plain.json["warnings"]) == (55, [])
    for code in (-99.99, -99.0, -0.9999):
        coded = run_cli(tmp_path, PRICES, ONE, *options, factor_file(tmp_path, code=code))
        assert coded.event("e1")["n_estimation"] == 54
        assert coded.json["warnings"] == [f"F: a vendor's code for a missing return on {DATES[60]}; counted as missing"]
    refused = run_cli(tmp_path, PRICES, ONE, *options, factor_file(tmp_path, 100))
    assert "the column F looks like per cent" in refused.stderr
    told = run_cli(tmp_path, PRICES, ONE, *options, factor_file(tmp_path, 100, -99.99), "--units", "percent")
    assert (told.event("e1")["n_estimation"], told.json["spec"]["factor_units"]) == (54, "percent")
    log = run_cli(tmp_path, PRICES, ONE, *options, factor_file(tmp_path), "--returns", "log")
    assert any("--returns simple" in note for note in log.json["warnings"])


def test_returns_that_are_taken_for_prices_are_refused(tmp_path: Path) -> None:
    done = run_cli(tmp_path, RETURNS, ONE, "--benchmark", "MKT", *SHORT)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the column MKT looks like returns, not prices" in done.stderr
    assert "write --values returns" in done.stderr


def test_a_table_of_factors_that_moved_as_none_does_is_an_error_with_its_day(tmp_path: Path) -> None:
    factors = RETURNS[["date"]].assign(SMB=np.random.default_rng(3).normal(0, 0.004, len(RETURNS)))
    factors.loc[DAY, "SMB"] = 0.4
    factors.to_csv(tmp_path / "f.csv", index=False)
    asked = ("--model", "factor", "--factors", "SMB", "--factor-file", str(tmp_path / "f.csv"), *SHORT)
    done = run_cli(tmp_path, PRICES, ONE, *asked)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"factor-file, {DATES[DAY]}: SMB moved as no factor does in a day (got '0.4')" in done.stderr
    assert "--units decimal where it is right" in done.stderr
    assert run_cli(tmp_path, PRICES, ONE, *asked, "--units", "decimal").exit_code == 0
