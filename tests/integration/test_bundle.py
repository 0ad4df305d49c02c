"""A bundle gives its results again on a machine that has nothing else, and says what in it was changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing

import numpy as np
import pytest

from eventstudy.archive import answers, bars
from eventstudy.bundle import container
from eventstudy.bundle.numbers import differences
from eventstudy.errors import DataError
from eventstudy.records import Snapshot
from jobs import bundles
from tests.support.command import eventstudy
from tests.support.passes import NOW, RELATIVE, rows, run, write_config

EVENT = "visit"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A pass over two events, a release that confounds, a basket as benchmark; and the bundle of one event."""
    made = tmp_path_factory.mktemp("bundled")
    assert run(write_config(made, ("events:\n", RELATIVE))).exit_code == 0
    done = eventstudy("bundle", EVENT, "--db", made / "es.db", "-o", made / "x.zip")
    assert (done.code, "computed again and equal" in done.out) == (0, True)
    return made


def changed(source, target, edit):
    """The bundle with `edit` done to its parts, by their names; the manifest agrees with what it then holds."""
    with zipfile.ZipFile(source) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    edit(parts)
    manifest = json.loads(parts[container.MANIFEST])
    manifest["sha256"] = {name: hashlib.sha256(parts[name]).hexdigest() for name in manifest["sha256"]}
    parts[container.MANIFEST] = container.dumped(manifest)
    with zipfile.ZipFile(target, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)


def test_it_is_equal_where_there_is_no_database_and_no_settings(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = eventstudy("reproduce", folder / "x.zip", "--json")
    told = json.loads(done.out)
    assert (done.code, told["is_equal"], told["differences"], told["rounding"], told["altered"]) == (
        0,
        True,
        [],
        [],
        [],
    )
    assert told["values"] > 500
    assert list(tmp_path.iterdir()) == []


def test_its_results_are_those_of_the_database(folder):
    _, parts, _ = container.read(folder / "x.zip")
    result = json.loads(parts["results.json"])[EVENT]["total"]
    found = rows(
        folder / "es.db",
        "select asset, window_start, window_end, car, t, p, placebo_p, verdict from window_results join analyses "
        f"using (analysis_id) where event_id = '{EVENT}' and study_id = 'total' and alignment = 'main'",
    )
    assert len(found) > 2
    for asset, start, end, *values in found:
        window = result[asset]["main"]["windows"][f"[{start},{end}]"]
        assert [window[name] for name in ("car", "t", "p", "placebo_p", "verdict")] == values
    days = rows(folder / "es.db", "select count(*) from bars where symbol = 'USDCNY'")
    assert parts["prices/bars.csv"].decode().count(",USDCNY,") == days[0][0]


def test_equal_results_are_equal_bytes(folder, tmp_path):
    assert eventstudy("bundle", EVENT, "--db", folder / "es.db", "-o", tmp_path / "x.zip").code == 0
    assert (tmp_path / "x.zip").read_bytes() == (folder / "x.zip").read_bytes()


def test_prices_that_came_since_the_last_pass_are_not_in_it(folder, tmp_path):
    """A revision, and a confirmation, on the next morning: the bundle is that of the night, to the byte."""
    shutil.copy(folder / "es.db", tmp_path / "es.db")
    with closing(sqlite3.connect(tmp_path / "es.db")) as connection:
        found = bars.read(connection, ("ecb", "USDCNY", "1d"))
        day = found.at(found.sessions == np.datetime64("2023-03-17"))
        revised = Snapshot(
            source="ecb",
            symbol="USDCNY",
            bar="1d",
            currency="CNY",
            version="1",
            sessions=day.sessions,
            instants=day.instants,
            close=day.values[:, bars.CLOSE] * 1.003,
            dividends=np.zeros(1),
        )
        asked = (dt.date(2023, 3, 17), dt.date(2023, 3, 17))
        assert answers.save(connection, revised, asked=asked, fetched_at=NOW + dt.timedelta(hours=9)) == 1
        connection.commit()
    done = eventstudy("bundle", EVENT, "--db", tmp_path / "es.db", "-o", tmp_path / "x.zip")
    assert (done.code, done.err.splitlines()[-1:]) == (0, [])
    assert (tmp_path / "x.zip").read_bytes() == (folder / "x.zip").read_bytes()


def test_a_study_is_packed_with_all_its_events(folder, tmp_path):
    assert eventstudy("bundle", "relative", "--db", folder / "es.db", "-o", tmp_path / "s.zip").code == 0
    _, parts, _ = container.read(tmp_path / "s.zip")
    results = json.loads(parts["results.json"])
    assert set(results) == {"visit", "meeting"}
    assert {study for found in results.values() for study in found} == {"relative"}
    assert eventstudy("reproduce", tmp_path / "s.zip").code == 0


def test_one_price_that_is_changed_is_named_whoever_changes_the_hashes_too(folder, tmp_path):
    def edit(parts):
        lines = parts["prices/bars.csv"].decode().splitlines()
        place = next(i for i, line in enumerate(lines) if ",USDCNY,1d,2023-03-17," in line)
        cells = lines[place].split(",")
        close = lines[0].split(",").index("close")
        cells[close] = repr(float(cells[close]) * 1.001)
        lines[place] = ",".join(cells)
        parts["prices/bars.csv"] = ("\n".join(lines) + "\n").encode()

    changed(folder / "x.zip", tmp_path / "y.zip", edit)
    done = eventstudy("reproduce", tmp_path / "y.zip")
    assert done.code == 1
    assert "altered: the prices of USDCNY from ecb" in done.out
    assert "USDCNY" in done.out.split("differs: ", 1)[1]


def test_one_number_that_is_changed_is_named(folder, tmp_path):
    def edit(parts):
        results = json.loads(parts["results.json"])
        results[EVENT]["total"]["USDCNY"]["main"]["windows"]["[0,0]"]["car"] += 0.001
        parts["results.json"] = container.dumped(results)

    changed(folder / "x.zip", tmp_path / "y.zip", edit)
    told = json.loads((done := eventstudy("reproduce", tmp_path / "y.zip", "--json")).out)
    assert (done.code, len(told["differences"])) == (1, 1)
    assert told["differences"][0]["what"] == "visit, total, USDCNY, main, windows, [0,0], car"


def test_a_part_that_is_not_what_was_packed_is_named(folder, tmp_path):
    with zipfile.ZipFile(folder / "x.zip") as file, zipfile.ZipFile(tmp_path / "y.zip", "w") as out:
        for name in file.namelist():
            out.writestr(name, file.read(name) + b"\n" * (name == "README.txt"))
    done = eventstudy("reproduce", tmp_path / "y.zip")
    assert (done.code, "altered: README.txt is not what was packed" in done.out) == (1, True)


def test_a_last_digit_is_rounding_and_a_ninth_is_not():
    held = {"a": {"car": 0.0123456789, "verdict": "none", "days": [1.0]}}
    (found,) = differences(held, {"a": {"car": 0.0123456789 * (1 + 1e-12), "verdict": "none", "days": [1.0]}})
    assert (found.what, found.is_rounding) == ("a, car", True)
    (found,) = differences(held, {"a": {"car": 0.0123456789 * (1 + 1e-8), "verdict": "none", "days": [1.0]}})
    assert not found.is_rounding
    assert [d.what for d in differences(held, {"a": {"car": 0.0123456789, "verdict": "weak", "days": []}})] == [
        "a, verdict",
        "a, days 1",
        "a, days",
    ]


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(container.MANIFEST, b"{}")
        file.writestr("results.json", bytes(container.LARGEST + 2))


def climber(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(container.MANIFEST, b"{}")
        file.writestr("../../etc/cron.d/x", b"* * * * * root true")


def twice(path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr(container.MANIFEST, b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr(container.MANIFEST, b"{}")
    path.write_bytes(held.getvalue())


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b"PK nonsense"), "no bundle"),
        (climber, "it holds '../../etc/cron.d/x'"),
        (twice, "it holds 'manifest.json'"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "it has no manifest.json"),
    ],
)
def test_what_is_no_bundle_is_refused_in_a_line(tmp_path, make, says):
    make(tmp_path / "x.zip")
    done = eventstudy("reproduce", tmp_path / "x.zip")
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert says in done.err


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(container, "LARGEST", 2**20)
    bomb(tmp_path / "x.zip")
    with pytest.raises(DataError, match=r"results\.json has more than 1 MB, unpacked"):
        bundles.reproduce(tmp_path / "x.zip")


def test_results_that_are_not_those_of_the_stored_prices_are_not_packed(folder, tmp_path):
    shutil.copy(folder / "es.db", tmp_path / "es.db")
    with closing(sqlite3.connect(tmp_path / "es.db")) as connection:
        connection.execute("update window_results set car = car + 0.01")
        connection.commit()
    done = eventstudy("bundle", EVENT, "--db", tmp_path / "es.db", "-o", tmp_path / "x.zip")
    assert (done.code, "not what was written" in done.err) == (1, True)
    assert not (tmp_path / "x.zip").exists()
    done = eventstudy("bundle", "nothing", "--db", folder / "es.db", "-o", tmp_path / "x.zip")
    assert (done.code, "no event or study with results has this id" in done.err) == (1, True)
