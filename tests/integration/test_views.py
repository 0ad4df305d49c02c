"""The views for people, and whose word the status of an event is."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.support import ecb_by_hand as hand
from tests.support.command import eventstudy
from tests.support.passes import revise_a_price, rows, run, write_config

# The bundled rates of the yuan begin on 1 April 2005: a study against it knows nothing of what came before.
SECOND = (
    "  - {id: against-yuan, title: Against the yuan, model: market, benchmark: USDCNY, returns: simple, "
    "estimation: [-60, -11], event_window: [-2, 2], windows: [[0, 0], [0, 1]]}\nevents:\n"
)
EARLY = (
    '  - {id: early, title: An early one, announced_at: "2004-06-15T07:00Z", assets: [EURUSD, GBPUSD], '
    "tags: [rates, europe]}\n"
)


@pytest.fixture
def path(tmp_path):
    return write_config(tmp_path, ("events:\n", SECOND), ("  USDRUB", "  GBPUSD: {source: ecb}\n  USDRUB"), more=EARLY)


def test_another_study_that_cannot_be_computed_says_so_and_the_event_is_well(path, tmp_path):
    result = run(path)
    assert (result.exit_code, result.status, result.troubles) == (0, "ok", [])
    assert result.outcomes["early"] == ("ok", None)
    assert rows(tmp_path / "es.db", "select status, reason from events where event_id = 'early'") == [("ok", None)]
    assert rows(tmp_path / "es.db", "select status from runs") == [("ok",)]
    found = rows(
        tmp_path / "es.db",
        "select study, asset, status, verdict, car is null, reason is not null, is_headline from reactions "
        "where event_id = 'early' and coalesce(is_primary, 1) order by is_headline desc, position",
    )
    assert [(row[0], row[1], row[2], *row[4:]) for row in found] == [
        ("total", "EURUSD", "ok", 0, 0, 1),
        ("total", "GBPUSD", "ok", 0, 0, 1),
        ("against-yuan", "EURUSD", "skipped", 1, 1, 0),
        ("against-yuan", "GBPUSD", "skipped", 1, 1, 0),
    ]
    assert {row[3] for row in found[2:]} == {"not computable"}
    reasons = rows(tmp_path / "es.db", "select reason from reactions where event_id = 'early' and not is_headline")
    assert all("2004-06-15" in reason for (reason,) in reasons)
    assert run(path).exit_code == 0
    assert "against the yuan" in (tmp_path / "reports" / "early.html").read_text("utf-8").lower()


def test_the_headline_study_is_the_first_of_the_settings_and_decides(tmp_path):
    edits = [("  - id: total", f"{SECOND.removesuffix(f'events:{chr(10)}')}  - id: total")]
    path = write_config(tmp_path, *edits, ("  USDRUB", "  GBPUSD: {source: ecb}\n  USDRUB"), more=EARLY)
    result = run(path)
    assert (result.exit_code, result.outcomes["early"][0]) == (3, "skipped")
    assert result.outcomes["visit"][0] == "partial"  # the yuan cannot be explained by itself


def test_a_window_has_the_prices_at_its_ends_and_the_move_between_them(demo):
    found = rows(
        demo.database,
        "select event_id, day0, window_start, window_end, price_before, price_at, move from reactions "
        "where study = 'total' and asset = 'dollar-index' and car is not null",
    )
    sessions, price = hand.table()[0], hand.price("dollar-index")
    place = {str(session): i for i, session in enumerate(sessions)}
    assert len(found) > 20
    for _, day0, start, end, before, at, move in found:
        i = place[day0]
        assert (before, at) == pytest.approx((price[i + start - 1], price[i + end]), rel=1e-12)
        assert move == pytest.approx(price[i + end] / price[i + start - 1] - 1, rel=1e-9)


def test_a_verdict_is_not_computable_exactly_where_there_is_no_number(demo):
    for view in ("reactions", "alignments"):
        found = rows(demo.database, f"select p is null, verdict = 'not computable', reason is null from {view}")
        assert {is_none for is_none, *_ in found} == {0, 1}
        assert all(is_none == is_word and not (is_none and lacks) for is_none, is_word, lacks in found)


def test_the_schema_refuses_a_verdict_without_a_number(demo, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(demo.database.read_bytes())
    connection = sqlite3.connect(copy)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("update window_results set p_adjusted = null where verdict = 'none'")
    connection.close()


def test_days_are_what_returns_and_expected_returns_make(demo):
    found = rows(
        demo.database,
        "select analysis_id, tau, return, expected, ar, ar_se, sar, car from daily order by analysis_id, tau",
    )
    running: dict[int, float] = {}
    for number, _, ret, expected, ar, se, sar, car in found:
        if ret is not None and expected is not None:
            assert ar == ret - expected
            assert sar == pytest.approx(ar / se, rel=1e-12)
            running[number] = running.get(number, 0.0) + ar
            assert car is None or car == pytest.approx(running[number], rel=1e-12, abs=1e-15)
        else:
            assert (ar, sar) == (None, None)


def test_every_tag_of_an_event_is_a_row(path, tmp_path):
    run(path)
    assert rows(tmp_path / "es.db", "select event_id, tag from event_tags order by tag") == [
        ("early", "europe"),
        ("early", "rates"),
    ]


def test_a_result_on_a_price_that_was_revised_is_named_until_it_is_computed_anew(path, tmp_path):
    run(path)
    asked = "select event_id, study, asset, session, previous_close, close, is_computed_since from revised_results"
    assert rows(tmp_path / "es.db", asked) == []
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    (old,) = connection.execute("select close from bars where symbol = 'EURUSD' and session = '2023-03-17'").fetchone()
    revise_a_price(connection)
    connection.close()
    found = rows(tmp_path / "es.db", asked)
    studies = ("total", "against-yuan")
    assert {row[:4] for row in found} == {("visit", study, "EURUSD", "2023-03-17") for study in studies}
    assert [row[4:] for row in found] == [(old, old * 1.01, 0)] * 2
    run(path)
    assert [row[-1] for row in rows(tmp_path / "es.db", asked)] == [1, 1]


def test_every_verdict_that_changed_is_in_the_history_with_its_titles(path, tmp_path):
    run(path)
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    connection.execute("update window_results set verdict = 'strong' where verdict = 'none' and window_end = 0")
    connection.execute("update analyses set input_hash = ''")
    connection.execute("update event_states set state_key = ''")
    connection.close()
    assert eventstudy("run", "--config", path, "--all").code == 0
    found = rows(
        tmp_path / "es.db",
        "select title, study_title, asset, old_verdict, new_verdict, started_at from verdict_history "
        "where event_id = 'early'",
    )
    assert {row[:2] for row in found} == {("An early one", "total")}
    assert {row[3:5] for row in found} == {("strong", "none")}
    assert all(row[5].endswith("Z") for row in found)


def test_texts_that_repeat_stand_once(demo):
    (texts,) = rows(demo.database, "select count(*), count(distinct text) from texts")
    assert texts[0] == texts[1]
    (used,) = rows(
        demo.database,
        "select count(*) from texts where text_id not in (select answers_id from analyses union select notes_id from "
        "analyses union select method_id from analyses)",
    )
    assert used == (0,)
    (answers,) = rows(demo.database, "select text from texts join analyses on text_id = answers_id limit 1")
    assert all(isinstance(number, int) for number in json.loads(answers[0]))
