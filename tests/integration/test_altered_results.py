"""A stored result that was altered by accident is told of by doctor and backup, and its page shows no number."""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from eventstudy.database import reading
from eventstudy.database.connection import open_database
from eventstudy.errors import AlteredResults, EventStudyError, StoreError
from eventstudy.report.digest.night import digest_of_day
from eventstudy.report.index_page import index_files
from eventstudy.report.publish import publish_assets, publish_event
from eventstudy.store import backup, claims, collections, content, ledger, sealed, summaries, write
from tests.support.alterations import altered
from tests.support.command import eventstudy
from tests.support.passes import NOW, RELATIVE, run, write_config

WEEK = dt.timedelta(days=7)
ALTERATIONS = 400
# Every table that holds something of results, with the columns that are no part of a key.
TABLES = {
    "analyses": "asset_title position reason first_session last_session day0 price_before price_at instant_before "
    "instant_at n_estimation df sigma r_squared coefficients diagnostics code_version config_hash input_hash "
    "content_hash",
    "window_results": "is_primary n_days price_before price_at car car_se car_low car_high bhar avar mde t p "
    "p_adjusted placebo_p verdict context reason",
    "window_tests": "statistic df p_value n reason",
    "placebos": "cars",
    "event_days": "session return expected ar_se car car_se beaver_u_p",
    "event_tests": "statistic df p_value n reason",
    "texts": "text",
    "test_descriptions": "name null_hypothesis distribution source",
    "events": "title announced_at earliest latest kind url note zone tags assets",
    "collection_studies": "title n_members settings differences regressions warnings checked verdict stands_since "
    "times_looked first_looked_at looked_at code_version config_hash input_hash members_hash content_hash",
    "collection_members": "group_name reason",
    "collection_groups": "position design days",
    "collection_windows": "position n_events caar caar_low caar_high caar_se median_car share_positive mean_bhar mde "
    "measures test statistic p p_adjusted verdict",
    "collection_window_tests": "position statistic df p_value n reason is_valid validity details",
}
FLIPS = 200


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What one pass left: two studies, by the mean and by the market, and a collection."""
    made = tmp_path_factory.mktemp("altered")
    more = "collections: [{id: yuan, asset: USDCNY, fewest: 2}]\n"
    path = write_config(made, ("events:\n", RELATIVE), more=more)
    assert run(path).exit_code == 0
    return made


def listed(folder, tmp_path, monkeypatch):
    """A copy in which results are listed as those of large databases are."""
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    monkeypatch.setattr(summaries, "FEWEST_LISTED", 0)
    with closing(sqlite3.connect(copy)) as connection:
        summaries.make(connection, 1)
        connection.commit()
    return copy


def alter(connection, chance):
    """Alter one stored value; say what it was."""
    while True:
        table = chance.choice(list(TABLES))
        column = chance.choice(TABLES[table].split())
        keys = [row[1] for row in connection.execute(f"pragma table_info({table})") if row[5]]
        found = connection.execute(f"select {', '.join(keys)}, {column} from {table}").fetchall()
        *key, value = chance.choice(found)
        if value == "":
            continue
        new = altered(value, chance)
        if new == value:
            continue
        try:
            connection.execute(
                f"update {table} set {column} = ? where {' and '.join(f'{k} = ?' for k in keys)}", (new, *key)
            )
        except sqlite3.Error:  # the schema itself refuses it
            continue
        return f"{table}.{column} of {key}: {value!r} became {new!r}"


def test_whatever_is_altered_in_a_result_is_found(folder):
    missed = []
    with closing(sqlite3.connect(folder / "es.db", isolation_level=None)) as connection:
        assert list(content.altered(connection)) == []
        connection.execute("pragma ignore_check_constraints = 1")
        for seed in range(ALTERATIONS):
            connection.execute("begin")
            what = alter(connection, random.Random(seed))
            wrong = next(content.altered(connection), None)
            if wrong is None:
                missed.append(what)
            elif wrong.event_id:
                with pytest.raises(AlteredResults, match="not what was written"):
                    publish_event(connection, folder / "none", wrong.event_id)
            else:
                with pytest.raises(AlteredResults, match="the collection yuan are not what was written"):
                    collections.stored_document(connection, "yuan")
            connection.execute("rollback")
        assert list(content.altered(connection)) == []
    assert missed == []
    assert not (folder / "none").exists()


@pytest.mark.parametrize("change", ["car = car * 2 where car is not null", "verdict = 'none\x7f'"])
def test_the_digest_shows_no_altered_result(folder, change):
    with closing(reading.connect(folder / "es.db")) as connection:
        (shown, *_) = digest_of_day(connection).reactions
    assert shown.verdict != "not computable"
    with closing(sqlite3.connect(folder / "es.db", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma ignore_check_constraints = 1")
        connection.execute("begin")
        connection.execute(f"update window_results set {change}")
        found = digest_of_day(connection).reactions
        connection.execute("rollback")
    assert {(reaction.verdict, reaction.t) for reaction in found} == {("not computable", None)}
    assert all("not what was written" in reaction.sentences[0] for reaction in found)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from event_days where analysis_id = 1 and tau = 0",
        "delete from window_tests where analysis_id = 1",
        "delete from placebos where analysis_id = 1",
        "delete from event_tests where study_id = 'total'",
        "delete from window_results where analysis_id = 1 and window_end = 1",
        "update texts set text = cast(x'ff' || text as text) where text_id = (select max(notes_id) from analyses)",
        "update event_days set analysis_id = analysis_id + 100 where analysis_id = 1",
    ],
)
def test_rows_that_are_gone_or_no_text_any_more_are_found(folder, sql):
    with closing(sqlite3.connect(folder / "es.db", isolation_level=None)) as connection:
        connection.execute("begin")
        assert connection.execute(sql).rowcount > 0
        assert list(content.altered(connection))
        connection.execute("rollback")


def test_members_of_a_collection_are_checked_where_they_are_shown(folder):
    def shown(check, *columns):
        rows = connection.execute(f"select {', '.join(columns)} from collection_members").fetchall()
        return list(check(connection, reading.Answer(columns, iter(rows))).rows)

    with closing(sqlite3.connect(folder / "es.db", isolation_level=None)) as connection:
        connection.execute("begin")
        connection.execute("update collection_members set reason = 'x'")
        assert shown(content.first_checked, "collection_id")
        for check, columns in (
            (content.first_checked, ("collection_id", "event_id")),
            (content.checked, ("collection_id",)),
        ):
            with pytest.raises(AlteredResults, match="the collection yuan"):
                shown(check, *columns)
        connection.execute("rollback")


def test_a_person_is_told_and_sees_no_number(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    database = tmp_path / "copy" / "es.db"
    path = write_config(tmp_path / "copy")
    page = tmp_path / "copy" / "reports" / "visit.html"
    assert eventstudy("report", "visit", "--config", path).code == 0
    before = page.read_bytes()
    assert eventstudy("doctor", "--config", path).code == 0
    assert eventstudy("backup", "--config", path).code == 0
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "update window_results set car = -car where analysis_id in (select analysis_id from analyses "
            "where event_id = 'visit' and asset = 'USDCNY' and study_id = 'total')"
        )
        connection.commit()
    said = "the stored results of visit, USDCNY, in study total are not what was written"
    told = eventstudy("report", "visit", "--config", path)
    assert told.code == 1
    assert said in told.err
    assert "eventstudy restore" in told.err
    assert told.out == ""
    assert page.read_bytes() == before
    assert eventstudy("report", "meeting", "--config", path).code == 0  # nothing is wrong with it
    asked = ("--event", "visit", "--db", database)
    for command in (("query", "reactions"), ("query", "strongest"), ("export", "daily", "-o", tmp_path / "days.csv")):
        told = eventstudy(*command, *asked)
        assert (told.code, told.out) == (1, "")
        assert said in told.err
    assert not (tmp_path / "days.csv").exists()
    assert eventstudy("query", "reactions", "--event", "meeting", "--db", database).code == 0
    for command in ("doctor", "backup"):
        told = eventstudy(command, "--config", path)
        assert told.code == 1
        assert said in told.out + told.err
        assert "eventstudy restore" in told.out + told.err


def test_a_bit_that_is_flipped_anywhere_in_the_file_changes_no_answer_unseen(folder, tmp_path):
    """The numbers of `reactions` are those that were written, or the command says what is wrong."""
    with closing(sqlite3.connect(folder / "es.db")) as connection:
        connection.execute("vacuum into ?", (str(tmp_path / "whole.db"),))
    whole, flipped = (tmp_path / "whole.db").read_bytes(), tmp_path / "flipped.db"
    sql = "select * from reactions order by study, event_id, asset, window_start, window_end"

    def answer(path):
        with reading.select(path, sql, check=content.first_checked) as found:
            return list(found.rows)

    true = answer(tmp_path / "whole.db")
    assert len(true) > 10
    refused = 0
    for seed in range(FLIPS):
        chance = random.Random(seed)
        raw = bytearray(whole)
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        flipped.write_bytes(raw)
        try:
            assert answer(flipped) == true, f"seed {seed}"
        except EventStudyError:
            refused += 1
    assert 0 < refused < FLIPS


@pytest.mark.parametrize(
    "change",
    [
        "update window_results set car = null where analysis_id = 1",
        "update analyses set analysis_id = 2 * :most where analysis_id = 1",
    ],
    ids=["its number is gone", "it is called otherwise"],
)
def test_a_list_from_which_an_altered_result_fell_is_refused(folder, tmp_path, change):
    with closing(sqlite3.connect(folder / "es.db")) as connection:
        connection.execute("vacuum into ?", (str(tmp_path / "es.db"),))
    with closing(sqlite3.connect(tmp_path / "es.db", isolation_level=None)) as connection:
        assert connection.execute(change, {"most": content.MOST_RESULTS}).rowcount
    for sql in (
        "select event_id, asset, t from reactions where car is not null",
        "select event_id, asset from reactions order by car desc limit 1",
        "select max(car) from reactions",
        "select avg(car) from window_results",
        "select * from daily_reactions",
    ):
        with (
            pytest.raises(AlteredResults, match="not what was written"),
            reading.select(tmp_path / "es.db", sql, check=content.first_checked) as found,
        ):
            list(found.rows)
    with reading.select(tmp_path / "es.db", "select symbol from bars", check=content.first_checked) as found:
        assert list(found.rows)  # no result is in it


def test_a_copy_of_altered_results_is_no_sound_one(folder, tmp_path):
    shutil.copy(folder / "es.db", tmp_path / "es.db")
    good, _ = backup.back_up(tmp_path / "es.db", tmp_path / "backups", keep=2, now=NOW)
    bad = tmp_path / "backups" / "es-20991231T000000Z.db"
    shutil.copy(good, bad)
    with closing(sqlite3.connect(bad)) as connection:
        connection.execute("update event_days set return = return * 1.0000001 where tau = 0")
        connection.commit()
    with pytest.raises(StoreError, match="not what was written"):
        backup.verify(bad)
    found, unsound = backup.newest_sound(tmp_path / "es.db", tmp_path / "backups")
    assert found == good
    assert len(unsound) == 1


def test_the_view_for_people_carries_the_hash(folder):
    with closing(reading.connect(folder / "es.db")) as connection:
        found = connection.execute("select distinct length(content_hash) from reactions").fetchall()
    assert found == [(64,)]


def test_once_a_week_a_pass_looks_at_results_and_never_copies_altered_ones(tmp_path):
    path = write_config(tmp_path, more=f"backups: {{folder: {tmp_path}/backups}}\n")
    run(path)
    assert len(list((tmp_path / "backups").iterdir())) == 1
    with closing(sqlite3.connect(tmp_path / "es.db")) as connection:
        connection.execute("update window_results set verdict = 'strong' where verdict = 'none'")
        connection.commit()
    told = run(path, now=lambda: NOW + dt.timedelta(days=1))
    assert told.exit_code == 3
    assert "not what was written" in told.troubles[0]
    assert len(list((tmp_path / "backups").iterdir())) == 1
    with pytest.raises(StoreError, match="not what was written"):
        run(path, now=lambda: NOW + WEEK)


@pytest.mark.parametrize(
    ("sql", "name", "said"),
    [
        ("update studies set title = 'Another'", "reactions", "the table studies"),
        ("update studies set title = 'Another'", "by-tag", "the table studies"),
        ("update average_reactions set n = n + 64", "by-year", "the table average_reactions"),
        ("update average_members set car = -car", "by-year --since 2000", "the table average_members"),
        ("update study_disagreements set size = 7", "disagreements", "the table study_disagreements"),
        ("update kept_reactions set size = 7", "strongest", "the table kept_reactions"),
        ("update event_classes set kind = 'merger'", "before --kind meeting", "the table event_classes"),
        ("update window_tests set window_end = 7 where window_end = 1", "tests", "the stored results of"),
    ],
)
def test_what_answers_show_beside_results_is_held_against_its_hash_too(folder, tmp_path, monkeypatch, sql, name, said):
    copy = listed(folder, tmp_path, monkeypatch)
    asked = ("query", *name.split(), "--db", copy)
    assert eventstudy(*asked).code == 0
    with closing(sqlite3.connect(copy)) as connection:
        for (trigger,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger {trigger}")  # a bit that flips sets none off
        assert connection.execute(sql).rowcount > 0
        connection.commit()
        assert list(content.altered(connection))
    told = eventstudy(*asked)
    assert (told.code, told.out) == (1, "")
    assert said in told.err


def test_averages_that_are_asked_anew_are_held_against_the_results_that_they_are_of(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    asked = ("query", "by-tag", "--since", "2000-01-01", "--db", copy)
    assert eventstudy(*asked).code == 0
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("update window_results set car = car * 2 where car is not null")
        connection.commit()
    told = eventstudy(*asked)
    assert (told.code, told.out) == (1, "")
    assert "the stored results of" in told.err


@pytest.mark.parametrize(
    "sql",
    [
        "update events set title = 'Another visit' where event_id = 'visit'",
        "update studies set title = 'Another'",
        "update collection_windows set caar = caar * 2",
    ],
)
def test_the_index_is_not_made_of_what_was_altered(folder, tmp_path, sql):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute(sql).rowcount > 0
        connection.commit()
    with pytest.raises(AlteredResults):
        next(index_files(copy, ()))


def test_what_the_index_says_of_an_event_is_worked_out_anew_where_it_was_altered(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    before = dict(index_files(copy, ()))
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("update event_states set answer = replace(answer, ' was ', ' wis ')")
        connection.commit()
        assert [wrong.event_id for wrong in content.altered(connection)] == ["meeting", "visit"]
    assert dict(index_files(copy, ())) == before


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("update runs set finished_at = '2026-11-20T22:30:00Z'", "what is stored of pass 1"),
        ("update run_steps set reason = 'another'", "what is stored of pass 1"),
        ("update runs set results_written = 999", "what is stored of pass 1"),
        ("delete from table_hashes where table_name = 'runs'", "what is stored of pass 1"),
    ],
)
def test_times_and_counts_of_a_pass_are_held_against_its_hash_wherever_they_are_shown(folder, tmp_path, sql, said):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute(sql).rowcount > 0
        connection.commit()
        assert [wrong.problem for wrong in content.altered(connection)] == [f"{said} is not what was written"]
        with pytest.raises(AlteredResults, match=said):
            digest_of_day(connection)
    with pytest.raises(AlteredResults, match=said):
        next(index_files(copy, ()))
    told = eventstudy("query", "latest_runs", "--db", copy)
    assert (told.code, told.out) == (1, "")
    assert said in told.err


def test_a_pass_at_work_has_no_hash_and_one_that_was_killed_has(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("delete from table_hashes where table_name = 'runs'")
        connection.execute("update runs set status = 'running', finished_at = null")
        connection.commit()
        assert list(content.altered(connection)) == []
    db = open_database(copy)
    assert ledger.close_interrupted(db, NOW) == 1
    assert list(content.altered(db.conn)) == []
    db.conn.execute("update runs set trigger = 'x'")
    assert len(list(content.altered(db.conn))) == 1
    db.close()


def test_a_study_that_was_altered_is_put_right_by_the_settings_and_never_sealed_as_it_is(folder, tmp_path):
    """`total` is of the settings still, `relative` of earlier ones alone."""
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        (row,) = reading.rows(
            connection, "select position, title, spec, config_hash from studies where study_id = 'total'"
        )
        row["spec"] = json.loads(row["spec"])
        for study_id, left in (("total", []), ("relative", ["the table studies is not what was written"])):
            connection.execute("update studies set title = 'Another' where study_id = ?", (study_id,))
            write.put_study(connection, "total", **row)
            write.retire_studies(connection, ["total"])
            assert [wrong.problem for wrong in content.altered(connection)] == left
        connection.rollback()


@pytest.mark.parametrize("table", ["studies", *sealed.KEPT])
def test_a_table_that_was_emptied_is_told_of_and_not_sealed_as_it_is(folder, tmp_path, monkeypatch, table):
    copy = listed(folder, tmp_path, monkeypatch)
    with closing(sqlite3.connect(copy)) as connection:
        for (trigger,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger {trigger}")
        assert connection.execute(f"delete from {table}").rowcount > 0
        told = f"the table {table} is not what was written"
        assert [wrong.problem for wrong in content.altered(connection)] == [told]
        write.put_study(connection, "another", 0, "Another", {}, "")
        assert told in [wrong.problem for wrong in content.altered(connection)]


def test_claims_and_passes_that_were_deleted_are_told_of_and_claims_that_were_taken_back_are_not(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        found = dict.fromkeys(claims.COLUMNS, "") | dict.fromkeys(("claimed", "measured", "reaction"))
        found |= {"position": 0, "answer": "supported", "is_proxy": 0, "details": "[]"}
        for answers in ([found], [], [found]):
            claims.put_answers(connection, "visit", answers, "2023-03-20T00:00:00Z")
            assert list(content.altered(connection)) == []
        connection.execute("delete from claims")
        connection.execute("delete from runs")
        assert [wrong.problem for wrong in content.altered(connection)] == [
            "what is stored of pass 1 is not what was written",
            "what is stored of the claims of visit is not what was written",
        ]


def test_a_page_is_not_made_without_a_change_of_a_pass_that_is_not_there(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        content.refuse_altered(connection, "visit")
        connection.execute(
            "insert into verdict_changes (run_id, study_id, event_id, asset, window_start, window_end, old_verdict, "
            "new_verdict, is_new_version, is_new_settings, is_new_inputs) "
            "values (99, 'total', 'visit', 'EURUSD', 0, 0, 'none', 'weak', 0, 0, 1)"
        )
        with pytest.raises(AlteredResults, match="what is stored of pass 99"):
            content.refuse_altered(connection, "visit")


def test_a_page_of_an_asset_is_not_made_of_altered_results(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.row_factory = sqlite3.Row
        assert publish_assets(connection, tmp_path, since=0)
        connection.execute("update window_results set car = car * 2 where car is not null")
        with pytest.raises(AlteredResults, match="the stored results of"):
            publish_assets(connection, tmp_path, since=0)


def test_browse_does_not_begin_on_altered_results(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("update window_results set car = car * 2 where car is not null")
        connection.commit()
    told = eventstudy("browse", "--db", copy)
    assert (told.code, told.out) == (1, "")
    assert "the stored results of" in told.err


def test_a_page_does_not_tell_of_prices_whose_record_was_altered(folder, tmp_path):
    copy = tmp_path / "es.db"
    shutil.copy(folder / "es.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("update snapshots set version = version || '?'")
        connection.commit()
        with pytest.raises(AlteredResults, match="the record of the prices of"):
            content.refuse_altered(connection, "visit")
