"""Passes that send their studies to a cluster: the same database, whether it answers, dies, or was never there."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eventstudy.errors import ConfigError, SourceDown
from eventstudy.study.spread.workers import Here
from jobs import on_cluster
from tests.support.passes import rows, run, write_config

ON = ("releases: []", "cluster: tcp://127.0.0.1:9\nreleases: []")
RESULTS = """
select study, event_id, asset, window_start, window_end, car, car_se, p, placebo_p, verdict, input_hash
from reactions order by 1, 2, 3, 4, 5
"""


class ByPost(Here):
    """Workers that get and give nothing but bytes."""

    n = 2

    def __init__(self, until: int | None = None) -> None:
        super().__init__()
        self.sent, self._until = 0, until

    def submit(self, work: Callable[..., Any], *parts: Any) -> Any:
        self.sent += 1
        if self.sent == self._until:
            raise OSError("Timed out during handshake")
        return pickle.loads(pickle.dumps(work(*pickle.loads(pickle.dumps(parts)))))


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(on_cluster, "FEWEST", 1)
    monkeypatch.setattr("eventstudy.study.spread.workers.PATIENCE", 0.2)


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> list[tuple[Any, ...]]:
    folder = tmp_path_factory.mktemp("alone")
    assert run(write_config(folder)).exit_code == 0
    return rows(folder / "es.db", RESULTS)


def a_night(folder: Path, monkeypatch: pytest.MonkeyPatch, by: ByPost) -> list[tuple[Any, ...]]:
    @contextlib.contextmanager
    def opened(_cluster: str) -> Iterator[ByPost]:
        yield by

    monkeypatch.setattr(on_cluster, "workers", opened)
    assert run(write_config(folder, ON)).exit_code == 0
    return rows(folder / "es.db", RESULTS)


def test_a_pass_on_a_cluster_stores_what_a_pass_stores(tmp_path, alone, monkeypatch):
    by = ByPost()
    assert a_night(tmp_path, monkeypatch, by) == alone
    assert by.sent == 2
    assert rows(tmp_path / "es.db", "select * from run_steps where step = 'cluster'") == []


def test_a_cluster_that_dies_in_the_middle_changes_no_result(tmp_path, alone, monkeypatch):
    assert a_night(tmp_path, monkeypatch, ByPost(until=2)) == alone
    (step,) = rows(tmp_path / "es.db", "select subject, status, reason from run_steps where step = 'cluster'")
    assert step == (
        "tcp://127.0.0.1:9",
        "failed",
        "Timed out during handshake; studied in this process, with the same numbers",
    )


def test_a_cluster_that_is_down_is_told_once_and_the_pass_computes(tmp_path, alone):
    pytest.importorskip("distributed")
    path = write_config(tmp_path, ON)
    assert run(path).exit_code == 0
    assert rows(tmp_path / "es.db", RESULTS) == alone
    (told,) = rows(tmp_path / "es.db", "select subject, reason from notices where step = 'cluster'")
    assert told[0] == "tcp://127.0.0.1:9"
    assert "the scheduler cannot be reached" in told[1]
    assert any("127.0.0.1:9" in page.read_text("utf-8") for page in (tmp_path / "reports").rglob("*digest*.html"))


def test_a_small_night_does_not_ask_for_the_cluster(tmp_path, alone, monkeypatch):
    monkeypatch.setattr(on_cluster, "FEWEST", 64)
    by = ByPost()
    assert a_night(tmp_path, monkeypatch, by) == alone
    assert by.sent == 0


def test_a_cluster_that_is_none_is_refused_with_its_key(tmp_path):
    with pytest.raises(ConfigError, match=r"cluster.*slurm.*local:4"):
        run(write_config(tmp_path, ("releases: []", "cluster: slurm\nreleases: []")))


def test_an_error_of_a_source_comes_back_from_a_worker_as_it_was():
    error = SourceDown("no answer", source="yahoo", symbol="^GSPC")
    found = pickle.loads(pickle.dumps(error))
    assert (type(found), str(found), found.symbol) == (SourceDown, str(error), "^GSPC")


@pytest.mark.long
def test_a_pass_on_two_processes_stores_what_a_pass_stores(tmp_path, alone):
    pytest.importorskip("distributed")
    path = write_config(tmp_path, ("releases: []", "cluster: local:2\nreleases: []"))
    assert run(path).exit_code == 0
    assert rows(tmp_path / "es.db", RESULTS) == alone
    assert rows(tmp_path / "es.db", "select * from run_steps where step = 'cluster'") == []
