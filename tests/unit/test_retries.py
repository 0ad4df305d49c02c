"""When an event that failed is tried again."""

from __future__ import annotations

import datetime as dt

import pytest

from eventstudy.config.model import RetryConfig
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import InputError
from eventstudy.events.build import from_config
from eventstudy.store import states, write
from tests.support.passes import NOW, loaded, write_config

POLICY = RetryConfig.model_validate({"attempts": 5, "first": "15m", "longest": "2h"})


def minutes(failures: int, event_id: str = "a") -> float | None:
    wait = states.delay(POLICY, event_id, failures)
    return wait and wait.total_seconds() / 60


def test_the_wait_doubles_up_to_the_longest_and_ends():
    for failures, least in enumerate((15, 30, 60, 120), start=1):
        assert least <= minutes(failures) <= least * 1.25
    assert minutes(5) is None
    assert states.delay(RetryConfig(attempts=10**9), "a", 10**8) <= dt.timedelta(days=1.25)


def test_events_that_failed_together_come_back_apart_and_always_at_the_same_time():
    waits = {minutes(1, f"event-{i}") for i in range(50)}
    assert len(waits) > 25
    assert minutes(1) == minutes(1)


@pytest.mark.parametrize("wrong", [{"first": "15"}, {"first": "0m"}, {"longest": "5m"}, {"attempts": 0}, {"first": 15}])
def test_a_policy_that_cannot_be_is_refused(wrong):
    with pytest.raises((InputError, ValueError)):
        RetryConfig.model_validate(wrong)


def test_the_queue_counts_gives_up_and_forgets(tmp_path):
    config, _ = loaded(write_config(tmp_path))
    event = from_config(config)[0]
    db = open_database(tmp_path / "es.db")
    for n in range(1, 6):
        with transaction(db) as connection:
            write.put_event(connection, event, "failed", "down")
            states.put(connection, event.event_id, "key", "2026-11-30T07:00:00Z", is_settled=False, is_news=True)
            at = NOW + dt.timedelta(days=n)
            assert states.fail(connection, POLICY, event.event_id, at, f"down {n}") == n
    ((attempts, first, last, gave_up, reason),) = db.execute(
        "select attempts, first_failed_at, last_failed_at, gave_up, reason from retry_queue"
    ).fetchall()
    assert (attempts, first[:10], last[:10], gave_up, reason) == (5, "2026-11-21", "2026-11-25", 1, "down 5")
    with transaction(db) as connection:
        assert states.succeed(connection, event.event_id)
        assert not states.succeed(connection, event.event_id)
    assert db.execute("select count(*) from retry_queue").fetchone() == (0,)
    db.close()
