"""`eventstudy query NAME`: questions with a name, held against the same asked by hand in pandas."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import re
import shlex
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eventstudy.config.load import load_config
from eventstudy.errors import InputError
from eventstudy.store import queries, summaries
from eventstudy.store.queries import QUERIES
from tests.docs import answers
from tests.integration.conftest import Demo
from tests.support import passes
from tests.support.command import Done, eventstudy
from tests.support.passes import revise_a_price

ROOT = Path(__file__).parents[2]
NAMES = [query.name for query in QUERIES.ours]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def asked(database: Path, *arguments: object) -> pd.DataFrame:
    """The answer as a frame, by way of the command line and JSON."""
    done = eventstudy("query", *arguments, "--db", database, "--json")
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    return pd.DataFrame(answer["rows"], columns=answer["columns"])


def whole(database: Path, sql: str) -> pd.DataFrame:
    connection = sqlite3.connect(database)
    try:
        return pd.read_sql(sql, connection)
    finally:
        connection.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers_and_explains_every_column(demo: Demo, name: str) -> None:
    answer = json.loads(eventstudy("query", name, "--limit", 5, "--json", "--db", demo.database).out)
    records, columns = answer["rows"], answer["columns"]
    explained = json.loads(eventstudy("query", name, "--explain", "--json", "--db", demo.database).out)
    assert [column["name"] for column in explained["columns"]] == columns
    assert [column["name"] for column in explained["columns"] if not column["meaning"]] == []
    assert explained["plan"]
    query = QUERIES[name]
    assert set(query.brief) <= set(columns)
    assert query.words.endswith(".")
    # what it shows runs as it stands in any program that reads SQLite
    assert passes.rows(demo.database, explained["sql"])[:5] == [tuple(row.values()) for row in records]


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_every_query_narrows_it(demo: Demo, name: str) -> None:
    values = {"event": "xi-visits-russia-2023", "asset": "dollar-index", "study": "relative", "kind": "meeting"}
    values |= {"tag": "china", "verdict": "none", "since": "2022", "until": "2023-03", "min_t": "1.5", "window": "0:1"}
    for option in QUERIES[name].filters:
        asked(demo.database, name, f"--{option.replace('_', '-')}={values[option]}")
    every = [f"--{option.replace('_', '-')}={values[option]}" for option in QUERIES[name].filters]
    asked(demo.database, name, *every)


def test_reactions_takes_what_the_contract_says(demo: Demo) -> None:
    found = asked(demo.database, "reactions", "--asset", "dollar-index", "--since", 2022, "--min-t", 2)
    by_hand = whole(demo.database, "select * from reactions")
    by_hand = by_hand[(by_hand.asset == "dollar-index") & (by_hand.announced_at >= "2022") & (by_hand.t.abs() >= 2)]
    assert list(found.columns) == list(by_hand.columns)
    keys = ["study", "event_id", "window_start", "window_end"]
    assert len(found) == len(by_hand) > 3
    np.testing.assert_array_equal(found.sort_values(keys)["car"], by_hand.sort_values(keys)["car"])
    assert list(found.announced_at) == sorted(found.announced_at)
    assert len(asked(demo.database, "reactions")) == len(whole(demo.database, "select * from reactions"))


def test_until_takes_in_all_of_its_year_month_or_day(demo: Demo) -> None:
    for until, last in (("2022", "2022-12-31T23"), ("2022-02", "2022-02-28T23"), ("2022-02-03", "2022-02-03T23")):
        found = set(asked(demo.database, "reactions", "--until", until).event_id)
        sql = f"select distinct event_id from reactions where announced_at < '{last}:59:60Z'"
        assert found == set(whole(demo.database, sql).event_id)


def headline(database: Path) -> pd.DataFrame:
    return whole(database, "select * from reactions where is_headline and is_primary and car is not null")


def test_strongest_comes_first_and_shows_twenty(demo: Demo) -> None:
    found = asked(demo.database, "strongest")
    by_hand = headline(demo.database)
    assert list(found.t.abs()) == sorted(by_hand.t.abs(), reverse=True)[:20]
    assert len(asked(demo.database, "strongest", "--limit", 1000)) == len(by_hand) > 20
    shifted = asked(demo.database, "strongest", "--limit", 3, "--offset", 2)
    assert list(shifted.t) == list(found.t[2:5])
    other = asked(demo.database, "strongest", "--study", "relative", "--window", "-1:1", "--limit", 500)
    sql = (
        "select t from reactions where study = 'relative' and window_start = -1 and window_end = 1 and car is not null"
    )
    assert sorted(other.t) == sorted(whole(demo.database, sql).t)


@pytest.mark.parametrize("name", ["by-tag", "by-year", "by-weekday"])
def test_averages_are_what_pandas_and_scipy_find(demo: Demo, name: str) -> None:
    column = name.removeprefix("by-")
    rows = headline(demo.database)
    if column == "tag":
        rows = rows.merge(whole(demo.database, "select * from event_tags"), on="event_id")
    elif column == "year":
        rows["year"] = rows.day0.str[:4].astype(int)
    else:
        rows["weekday"] = pd.to_datetime(rows.day0).dt.day_name()
    found = asked(demo.database, name).set_index([column, "asset"])
    groups = dict(iter(rows.groupby([column, "asset"])))
    assert set(found.index) == set(groups)
    for key, part in groups.items():
        row, n = found.loc[key], len(part)
        assert row.n == n
        assert row.median_car == pytest.approx(part.car.median(), rel=1e-12)
        assert row.mean_car == pytest.approx(part.car.mean(), rel=1e-12)
        assert row.share_positive == pytest.approx((part.car > 0).mean())
        assert row.share_clear == pytest.approx(part.verdict.isin(["strong", "moderate"]).mean())
        if n == 1:
            assert pd.isna(row.mean_low)
            assert pd.isna(row.mean_high)
            continue
        half = stats.t.ppf(0.975, n - 1) * part.car.std() / np.sqrt(n)
        assert (row.mean_low, row.mean_high) == pytest.approx((row.mean_car - half, row.mean_car + half), rel=1e-3)
    if column == "weekday":
        order = [WEEKDAYS.index(day) for day, _ in found.index]
        assert order == sorted(order)
    assert max(len(part) for part in groups.values()) >= 3


def test_students_quantile_is_right_for_every_number_of_events() -> None:
    expression = QUERIES["by-tag"].sql.partition("select *, ")[2].partition(" as quantile")[0]
    connection = sqlite3.connect(":memory:")
    for n in (*range(2, 60), 100, 1000, 100_000):
        (found,) = connection.execute(f"select {expression} from (select ? as n)", (n,)).fetchone()
        assert found == pytest.approx(stats.t.ppf(0.975, n - 1), abs=3e-4)
    connection.close()


def test_disagreements_are_pairs_of_studies_over_one_window(demo: Demo) -> None:
    rows = whole(demo.database, "select * from reactions where car is not null")
    mine = rows[(rows.is_headline == 1) & (rows.is_primary == 1)]
    keys = ["event_id", "asset", "window_start", "window_end"]
    pairs = mine.merge(rows[rows.is_headline == 0], on=keys, suffixes=("", "_other"))
    differing = pairs[pairs.verdict != pairs.verdict_other]
    found = asked(demo.database, "disagreements")
    assert len(found) == len(differing) > 3
    columns = [*keys, "verdict", "other_verdict", "other_t"]
    expected = differing.rename(columns={"verdict_other": "other_verdict", "t_other": "other_t"})[columns]
    assert set(found[columns].itertuples(index=False)) == set(expected.itertuples(index=False))


def test_before_sums_the_days_before_the_event_day(demo: Demo) -> None:
    days = whole(demo.database, "select * from daily_reactions where is_headline and tau < 0")
    sums = days.groupby(["event_id", "asset"]).ar.sum()
    found = asked(demo.database, "before").set_index(["event_id", "asset"])
    assert len(found) > 20
    for key, row in found.iterrows():
        assert row.car == pytest.approx(sums[key], rel=1e-9)
        assert row.t == pytest.approx(row.car / row.car_se)
    assert list(found.t.abs()) == sorted(found.t.abs(), reverse=True)


def test_failed_names_the_event_that_lacks_an_asset(demo: Demo) -> None:
    found = asked(demo.database, "failed")
    assert list(found.event_id) == ["xi-visits-russia-2023"]
    assert found.status[0] == "partial"
    assert found.reason[0].startswith("USDRUB: no price on 2023-03-17")


def questions() -> list[list[str]]:
    """The commands of the commonest questions in the documentation."""
    text = (ROOT / "docs" / "asking.md").read_text("utf-8")
    part = text.partition("<!-- questions -->")[2].partition("<!-- end of questions -->")[0]
    return [shlex.split(line) for line in re.findall(r"^eventstudy .+$", part, re.MULTILINE)]


def test_the_twelve_commonest_questions_are_answered(demo: Demo) -> None:
    assert len(questions()) == 12
    empty = set()
    for _, *words in questions():
        done = eventstudy(*words, "--db", demo.database, "--json")
        assert done.code == 0, done.err
        empty |= set() if json.loads(done.out)["rows"] else {words[1]}
    assert empty == {"changed", "revised"}  # one pass has changed nothing yet


def test_the_answers_beneath_the_questions_are_those_of_the_demo(demo: Demo) -> None:
    text = answers.PAGE.read_text("utf-8")
    assert answers.page(text, demo.database) == text


# --- changes, which a demo has none of -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a changed verdict, a revised price, a capture and a hostile title."""
    folder = tmp_path_factory.mktemp("lively")
    title = '=HYPERLINK(""http://x"") | <b>*'
    config = passes.write_config(folder, ("title: A visit", f"title: '{title}'"))
    passes.run(config)
    database = folder / "es.db"
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("update window_results set verdict = 'strong' where verdict = 'none' and window_end = 0")
    connection.execute("update analyses set input_hash = ''")
    connection.execute("update event_states set state_key = ''")
    connection.close()
    passes.run(config, is_full=True)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute(
        "insert into captures values ('visit', 'ecb', 'EURUSD', '1m', '2023-03-17T08:00:00Z', '2023-03-17T08:05:00Z', "
        "'2023-03-15', '2023-03-17', 3, null)"
    )
    revise_a_price(connection)
    connection.close()
    return database


def test_changed_has_the_verdicts_before_and_after_with_titles(lively: Path) -> None:
    found = asked(lively, "changed", "--event", "visit")
    assert set(found.old_verdict) == {"strong"}
    assert set(found.new_verdict) == {"none"}
    assert found.title[0].startswith("=HYPERLINK")
    assert len(asked(lively, "changed", "--verdict", "strong")) == 0
    assert len(asked(lively, "changed", "--since", "2026-11-21")) == 0


def test_revised_names_the_results_that_rest_on_an_old_price(lively: Path) -> None:
    found = asked(lively, "revised")
    assert set(zip(found.event_id, found.asset, found.session, found.is_computed_since, strict=True)) == {
        ("visit", "EURUSD", "2023-03-17", 0)
    }
    assert len(asked(lively, "revised", "--asset", "USDCNY")) == 0


def test_captures_have_the_title_of_their_event(lively: Path) -> None:
    found = asked(lively, "captures", "--event", "visit")
    assert (found.symbol[0], found.new_rows[0], found.title[0][:5]) == ("EURUSD", 3, "=HYPE")


# --- what is asked for wrongly ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["by-tga"], 1, "there is no such query or table (got 'by-tga'); did you mean 'by-tag'?"),
        (["captures", "--min-t", "2"], 2, "the query captures takes no --min-t; of these options it takes --event"),
        (["events", "--asset", "EURUSD"], 2, "the query events takes no --asset; of these options it takes none"),
        (["strongest", "--since", "2022-13"], 2, "'2022-13' is no date"),
        (["strongest", "--since", "soon"], 2, "'soon' is no date"),
        (["strongest", "--window", "0"], 2, "'0' is no window"),
        (["strongest", "-p", "least=3"], 2, "the query strongest has no parameter :least"),
        (["strongest", "-p", "least"], 2, "'least' is not NAME=VALUE"),
        (["select 1 where 2 > :x"], 2, "this statement needs a value: -p x=VALUE"),
        (["strongest", "--columns", "title,tt"], 1, "--columns: no such column (got 'tt'); there are event_id, title"),
        (["strongest", "-o", "answer.pdf"], 2, "what is answer.pdf to be?"),
        (["--explain"], 2, "--explain needs a NAME or a statement"),
        (["strongest", "-o", "no/such/folder/x.csv"], 2, "there is no folder 'no/such/folder'"),
    ],
)
def test_a_wrong_question_is_one_line(demo: Demo, arguments: list[str], code: int, words: str) -> None:
    done = eventstudy("query", *arguments, "--db", demo.database)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1


# --- forms ------------------------------------------------------------------------------------------------------------


def saved(database: Path, path: Path, *arguments: object) -> Path:
    done = eventstudy("query", *arguments, "--db", database, "-o", path)
    assert (done.code, done.out) == (0, ""), done.err
    return path


def test_every_form_has_the_same_numbers(demo: Demo, tmp_path: Path) -> None:
    found = asked(demo.database, "reactions", "--min-t", 1)
    assert len(found) > 50
    numbers = ["car", "t", "p", "placebo_p", "window_start"]
    forms = {
        "csv": pd.read_csv,
        "jsonl": lambda path: pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()]),
        "parquet": pd.read_parquet,
        "xlsx": lambda path: pd.read_excel(path, engine="calamine"),
    }
    for suffix, read in forms.items():
        frame = read(saved(demo.database, tmp_path / f"x.{suffix}", "reactions", "--min-t", 1))
        assert list(frame.columns) == list(found.columns)
        # a workbook stores sixteen digits, and pandas reads the last of a text carelessly
        is_exact = suffix in ("jsonl", "parquet")
        np.testing.assert_allclose(frame[numbers], found[numbers], rtol=0 if is_exact else 1e-14)
        assert list(frame.title) == list(found.title)
        assert list(frame.announced_at.astype(str)) == list(found.announced_at)


def test_bytes_are_base64_in_text_and_bytes_in_parquet(demo: Demo, tmp_path: Path) -> None:
    sql = "select x'00ff41' as found"
    for form in ("table", "csv", "json", "jsonl", "markdown", "latex", "html"):
        done = eventstudy("query", sql, "--db", demo.database, "--format", form)
        assert (done.code, done.err) == (0, "")
        assert "AP9B" in done.out, form
    frame = pd.read_excel(saved(demo.database, tmp_path / "x.xlsx", sql), engine="calamine")
    assert list(frame.found) == ["AP9B"]
    assert list(pd.read_parquet(saved(demo.database, tmp_path / "x.parquet", sql)).found) == [b"\x00\xffA"]


def test_a_column_without_a_number_is_still_one_of_numbers(demo: Demo, tmp_path: Path) -> None:
    sql = "select null as car, null as title, null as window_end"
    frame = pd.read_parquet(saved(demo.database, tmp_path / "x.parquet", sql))
    assert [str(kind) for kind in frame.dtypes[["car", "window_end"]]] == ["float64", "float64"]
    assert frame.title[0] is None or pd.isna(frame.title[0])


def test_numbers_and_text_in_one_column_are_no_parquet_and_leave_the_old_file(demo: Demo, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"before")
    done = eventstudy("query", "select 1 as x union all select 'a'", "--db", demo.database, "-o", path)
    assert done.code == 1
    assert "the column x holds several kinds of values" in done.err
    assert [file.name for file in tmp_path.iterdir()] == ["x.parquet"]
    assert path.read_bytes() == b"before"


def test_a_hostile_title_is_no_formula_anywhere(lively: Path, tmp_path: Path) -> None:
    import zipfile

    arguments = ("reactions", "--event", "visit", "--limit", 1, "--columns", "title,car")
    title = '=HYPERLINK(""http://x"") | <b>*'
    assert pd.read_csv(saved(lively, tmp_path / "x.csv", *arguments)).title[0] == f"'{title}"
    book = saved(lively, tmp_path / "x.xlsx", *arguments)
    with zipfile.ZipFile(book) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        assert not [name for name in parts.namelist() if "rels" in name and "sheet" in name]  # no link
        assert b'state="frozen"' in parts.read("xl/worksheets/sheet1.xml")
    frame = pd.read_excel(book, engine="calamine")
    assert frame.title[0] == title
    assert frame.car.dtype == float
    line = saved(lively, tmp_path / "x.md", *arguments).read_text().splitlines()[2]
    assert line.startswith('| =HYPERLINK(""http://x"") \\| &lt;b&gt;\\* | ')
    assert json.loads(saved(lively, tmp_path / "x.jsonl", *arguments).read_text())["title"] == title


@pytest.mark.parametrize(
    ("suffix", "library", "extra"), [("parquet", "pyarrow", "parquet"), ("xlsx", "xlsxwriter", "excel")]
)
def test_a_form_whose_library_is_absent_says_which_extra_brings_it(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, library: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    done = eventstudy("query", "strongest", "--db", demo.database, "-o", tmp_path / f"x.{suffix}")
    assert done.code == 1
    assert f"needs {library}, which is not installed" in done.err
    assert f"eventstudy-service[{extra}]" in done.err
    assert list(tmp_path.iterdir()) == []


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> tuple[str, list[str]]:
    """What a terminal of 80 × 24 shows, and what went through the pager."""
    paged: list[str] = []
    monkeypatch.setattr("click.echo_via_pager", paged.append)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    screen = _Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    import contextlib

    from eventstudy.cli import main

    with pytest.raises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
        main(["query", *map(str, arguments)])
    return screen.getvalue(), paged


def test_a_terminal_has_few_columns_and_pages_what_is_long(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, paged = on_terminal(monkeypatch, "reactions", "--db", demo.database, "--limit", 3)
    assert paged == []
    assert shown.split()[:4] == ["event_id", "day0", "study", "asset"]
    shown, paged = on_terminal(monkeypatch, "reactions", "--db", demo.database)
    assert shown == ""
    assert len(paged[0].splitlines()) > 100
    shown, _ = on_terminal(monkeypatch, "alignments", "--db", demo.database, "--limit", 3)
    assert len(shown.splitlines()[0]) <= 80
    shown, _ = on_terminal(monkeypatch, "reactions", "--db", demo.database, "--limit", 3, "--columns", "all")
    assert len(shown.splitlines()[0].split()) == len(asked(demo.database, "reactions", "--limit", 1).columns)


def test_elsewhere_a_table_has_every_column_and_no_pager(demo: Demo) -> None:
    out = eventstudy("query", "reactions", "--db", demo.database, "--limit", 60).out
    assert len(out.splitlines()) == 62
    assert "input_hash" in out


# --- of the settings and of plug-ins ----------------------------------------------------------------------------------

OWN = """\
queries:
  clear-moves:
    words: Moves of at least so many standard errors.
    sql: select event_id, asset, t from reactions where is_headline and is_primary and abs(t) >= :least order by t
  rates:
    sql: select * from reactions where asset = :asset and window_start = :window_start and window_end = :window_end
  gone: {sql: delete from events}
"""


@pytest.fixture
def settings(tmp_path: Path, demo: Demo) -> Path:
    text = (ROOT / "config.yaml").read_text("utf-8").replace("var/eventstudy.db", str(demo.database))
    path = tmp_path / "config.yaml"
    path.write_text(f"{text}\n{OWN}", encoding="utf-8")
    return path


def test_queries_of_the_settings_are_asked_by_name(settings: Path, demo: Demo) -> None:
    def ask(*arguments: object) -> Done:
        return eventstudy("query", *arguments, "--config", settings)

    assert set(load_config(settings, {}).queries) == {"clear-moves", "rates", "gone"}
    found = json.loads(ask("clear-moves", "-p", "least=3", "--json").out)["rows"]
    by_hand = headline(demo.database)
    assert [row["t"] for row in found] == sorted(by_hand[by_hand.t.abs() >= 3].t)
    assert ask("clear-moves").err.startswith("Error: the query clear-moves needs a value: -p least=VALUE")
    rows = json.loads(ask("rates", "--asset", "dollar-index", "--window", "-1:1", "--json").out)["rows"]
    assert {(row["asset"], row["window_start"], row["window_end"]) for row in rows} == {("dollar-index", -1, 1)}
    done = ask("gone")
    assert done.code == 1
    assert "only reading is possible here" in done.err
    listed = {q["name"]: q for q in json.loads(ask("--list", "--json").out)["queries"]}
    assert listed["clear-moves"]["origin"] == "settings"
    assert listed["clear-moves"]["options"] == ["least"]
    assert "clear-moves" in ask("--list").out
    explained = json.loads(ask("clear-moves", "-p", "least=3", "--explain", "--json").out)
    assert [column["unit"] for column in explained["columns"]] == ["", "", "number"]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("{strongest: {sql: select 1}}", "queries.strongest: a query of ours has this name"),
        ("{mine: select 1}", "queries.mine: has no SQL"),
        ("{mine: {sql: select 1, limit: 3}}", "queries.mine.limit: unknown key"),
        ("[select 1]", "queries: not a mapping"),
    ],
)
def test_a_query_of_the_settings_that_is_written_wrongly_is_named(
    tmp_path: Path, demo: Demo, section: str, words: str
) -> None:
    (tmp_path / "config.yaml").write_text(f"queries: {section}\n", encoding="utf-8")
    done = eventstudy("query", "mine", "--config", tmp_path / "config.yaml", "--db", demo.database)
    assert done.code == 1
    assert words in done.err


def test_the_name_of_ours_cannot_be_taken_by_the_settings_of_a_pass(tmp_path: Path) -> None:
    path = passes.write_config(tmp_path, ("schedule:", "queries: {strongest: {sql: select 1}}\nschedule:"))
    assert eventstudy("query", "strongest", "--config", path, "--list").code == 1


def test_parameters_are_found_outside_of_texts_and_comments() -> None:
    sql = "select ':no', \"a:b\", strftime('%H:%M', x) -- :never\nfrom t where a = :a and b > @b and c = :a /* :not */"
    assert queries.parameters(sql) == ("a", "b")


def test_no_query_is_called_like_another() -> None:
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(InputError, match="unknown named query"):
        QUERIES.check("no-such", "query")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["strongets"], "did you mean 'strongest'?"),
        (["by_tag"], "did you mean 'by-tag'?"),
        (["window_result"], "did you mean 'window_results'?"),
        (["select study_id from reactions"], "no such column: study_id; did you mean 'study'?"),  # as analyses call it
        (["reactions", "--asset", "dollar-indx"], "There is no asset 'dollar-indx' here; did you mean 'dollar-index'?"),
        (["strongest", "--verdict", "Strong"], "did you mean 'strong'?"),
        (["strongest", "--study", "qq"], "There is no study 'qq' here; there are relative, total."),
        (["strongest", "--offset", "9999"], "No rows."),
        (["captures"], "No rows."),
    ],
)
def test_a_near_miss_and_an_empty_answer_are_explained(demo: Demo, words: list[str], said: str) -> None:
    done = eventstudy("query", *words, "--db", demo.database, "--format", "csv")
    assert said in done.err
    assert len(done.out.splitlines()) <= 1


def test_an_answer_with_rows_says_nothing_beside_them(demo: Demo) -> None:
    assert eventstudy("query", "strongest", "--db", demo.database).err == ""


@pytest.mark.parametrize("query", [query for query in QUERIES.ours if query.quick], ids=lambda query: query.name)
@pytest.mark.parametrize("kept", ["listed too", "of few results", "nothing"])
def test_the_quick_way_gives_what_the_long_way_gives(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, query: queries.NamedQuery, kept: str
) -> None:
    values = {"event": "xi-visits-russia-2023", "asset": "dollar-index", "study": "relative", "kind": "meeting"}
    values |= {"tag": "china", "verdict": "none", "since": "2022", "until": "2023-03", "min_t": 0.5, "window": "-1:1"}
    long = dataclasses.replace(query, quick=())
    connection = sqlite3.connect(demo.database)
    try:
        # rolled back below
        if kept == "listed too":
            monkeypatch.setattr(summaries, "FEWEST_LISTED", 0)
            summaries.make(connection, 1)
        if kept == "nothing":
            connection.execute("delete from summaries")
        listed = connection.execute("select count(*) from kept_reactions").fetchone()[0]
        assert (listed > 0) == (kept == "listed too")
        seen = 0
        for names in itertools.chain(*(itertools.combinations(query.filters, count) for count in range(3))):
            given = {name: values[name] for name in names}
            taken = given | {"window_start": -1, "window_end": 1}
            found, by_hand = (
                connection.execute(asked.statement(given, 500), taken).fetchall() for asked in (query, long)
            )
            if not query.name.startswith("by-"):
                assert found == by_hand, given
            for row, other in zip(found, by_hand, strict=True):
                # averages sum the same numbers in another order, and ends of an interval may cancel to next to nothing
                wide = abs(other[6] - other[5]) if query.name.startswith("by-") and other[5] is not None else 0.0
                slack = [max(1e-15, 1e-12 * wide) if place in (5, 6) else 1e-15 for place in range(len(other))]
                near = [
                    pytest.approx(v, rel=1e-12, abs=least) if isinstance(v, float) else v
                    for v, least in zip(other, slack, strict=True)
                ]
                assert list(row) == near, given
            seen += len(found)
        assert seen
    finally:
        connection.rollback()
        connection.close()


def test_what_is_kept_goes_with_the_first_change(demo: Demo) -> None:
    connection = sqlite3.connect(demo.database)
    try:
        for change in (
            "delete from analyses where analysis_id = 1",
            "update events set tags = '[]' where event_id = 'xi-visits-russia-2023'",
            "update events set announced_at = '2000-01-01T00:00:00Z'",
            "update window_results set verdict = 'strong' where is_primary",
            "update window_results set car = 2 * car",
            "update window_results set t = 2 * t",
            "update event_days set car = 2 * car where tau = -1",
            "update studies set position = 1 - position",
            "update analyses set day0 = '2001-01-01'",
            "update studies set bar = '5m'",
        ):
            assert connection.execute("select count(*) from summaries").fetchone() == (1,)
            connection.execute(change)
            assert connection.execute("select count(*) from summaries").fetchone() == (0,), change
            connection.rollback()
    finally:
        connection.rollback()
        connection.close()
