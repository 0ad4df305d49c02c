"""What ``eventstudy study`` refuses, and with which exit code: 1 for the data, 2 for the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventstudy.cli.study import COVARIANCES
from eventstudy.inference.cross_section import Covariance
from tests.support.studies import SHORT, events, run_cli, walk

PRICES = walk()
DATES = PRICES["date"].tolist()
ONE = events(("e1", "A", DATES[100]))
MARKET = ("--benchmark", "MKT", *SHORT)
AS_RETURNS = (*MARKET, "--values", "returns", "--units", "decimal")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--window", "0"), "not a window of two whole numbers"),
        (("--window", "5:1"), "a window must not end before it starts"),
        (("--window", "-3:9"), "the window [-3,9] is not inside the event window [-5,5]"),
        (("--window", "-10:-8"), "the window [-10,-8] overlaps the estimation window [-60,-6]"),
        (("--event-window", "-6:5"), "the estimation window [-60,-6] overlaps the event window [-6,5]"),
        (("--tests", "t,nope"), "unknown test nope; known are t, sample_quantile"),
        (("--model", "nope"), "Invalid value for '--model'"),
        (("--variant", "distributed"), "--variant distributed is of --model dimson"),
        (("--alpha", "1"), "Invalid value for '--alpha'"),
        (("--equivalence", "0"), "Invalid value for '--equivalence'"),
        (("--regress", "x", "--formula", "car ~ x"), "--formula stands in place of --regress"),
        (("--cluster-by", "a,b,c"), "--cluster-by takes one or two"),
        (("--cluster-by", "date", "--covariance", "HC1"), "--cluster-by is a covariance of its own"),
        (("--no-such-option",), "No such option"),
    ],
)
def test_wrong_usage_exits_2(options: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, ONE, *MARKET, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("prices", "table", "options", "message"),
    [
        (PRICES, ONE, SHORT, "benchmark: the market model needs a benchmark; name a column with --benchmark"),
        (PRICES, ONE, ("--benchmark", "X", *SHORT), "benchmark: there is no such column (got 'X'); columns are MKT, A"),
        (PRICES, "", MARKET, "--events events.csv: the file is empty"),
        (PRICES, "event_id,asset,date\n", MARKET, "events: there is no event"),
        (PRICES, "event_id,date\ne1,2022-05-23\n", MARKET, "events: there is no column asset"),
        (PRICES, "event_id,asset\ne1,A\n", MARKET, "events: there is neither a column date nor announced_at"),
        (PRICES, ONE.replace("date", "asset"), MARKET, "events: two columns have the same name (got 'asset')"),
        (PRICES, "event_id,asset,date,group\ne1,A,2022-05-23,all\n", MARKET, "all is the name of the group of all"),
        ("", ONE, MARKET, "--prices prices.csv: the file is empty"),
        ("date,A,MKT\n", ONE, MARKET, "prices.csv: there is no number"),
        ("A,MKT\n1,2\n", ONE, MARKET, "prices.csv: there is no column of dates: none is called date, and the first"),
        (PRICES.rename(columns={"B": "A"}), ONE, MARKET, "prices.csv: two columns have the same name (got 'A')"),
        (PRICES.to_csv(index=False) + "2023-01-02,1,2,3,4,5,6\n", ONE, MARKET, "line 202: 7 cells under 6 columns"),
        (PRICES.to_csv(index=False) + "2023-01-02,1,2\n", ONE, MARKET, "line 202: 3 cells under 6 columns"),
        (PRICES.to_csv(index=False) + '2023-01-02,"1,2,3,4,5\n', ONE, MARKET, "line 202: not CSV"),
        (PRICES, ONE, (*MARKET, "--model", "factor", "--factors", "B"), "factors are returns, not prices"),
        (PRICES, ONE, (*AS_RETURNS, "--model", "factor"), "the factor model needs factors"),
        (
            PRICES,
            ONE,
            (*MARKET, "--values", "returns", "--model", "ff3"),
            "factors: the factor has no column (got 'mkt')",
        ),
        (PRICES, ONE, (*AS_RETURNS, "--missing", "lump"), "lumped returns need prices"),
        (PRICES, ONE, (*MARKET, "--model", "dimson", "--missing", "lump"), "cannot use returns over several sessions"),
        (PRICES, ONE, (*MARKET, "--regress", "size"), "regress: there is no such column (got 'size')"),
    ],
)
def test_unusable_data_exit_1(
    prices: object, table: str, options: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    if "ff3" in options:
        prices = PRICES.rename(columns={"MKT": "M"})
        options = tuple("M" if word == "MKT" else word for word in options)
    done = run_cli(tmp_path, prices, table, *options)  # type: ignore[arg-type]  # text or a frame, as the case says
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert message in done.stderr


def test_files_that_are_not_there_or_no_text(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00" * 9)
    for path, message in (
        (tmp_path / "no", "there is no such file"),
        (tmp_path, ""),
        (tmp_path / "binary", "cut short"),
    ):
        done = run_cli(tmp_path, PRICES, ONE, *MARKET, "--factor-file", str(path))
        assert done.exit_code == 1
        assert "--factor-file" in done.stderr
        assert message in done.stderr


def test_what_the_command_repeats_is_what_the_package_has() -> None:
    assert Covariance.__args__ == COVARIANCES
