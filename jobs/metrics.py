"""What the database and the heartbeat say, in the text format of Prometheus."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from eventstudy import __version__
from eventstudy.database import reading
from eventstudy.store import heartbeat

STATUSES = ("ok", "partial", "skipped", "failed", "pending")


def exposition(database: Path, now: dt.datetime, accept: str) -> tuple[bytes, str]:
    """The metrics and their content type.

    Parameters
    ----------
    database : Path
    now : datetime
        UTC.
    accept : str
        Header of the request: the format that the asker takes.

    Raises
    ------
    ImportError
        Without the extra ``metrics``.
    StoreError
        When there is no database yet, or it cannot be read.
    """
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.metrics_core import GaugeMetricFamily
    from prometheus_client.registry import Collector, CollectorRegistry

    values = list(_values(database, now))

    class Collected(Collector):
        def collect(self) -> Iterator[GaugeMetricFamily]:
            for name, meaning, label, samples in values:
                family = GaugeMetricFamily(f"eventstudy_{name}", meaning, labels=[label] if label else None)
                for key, value in samples.items():
                    family.add_metric([key] if label else [], value)
                yield family

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collected())
    encode, kind = choose_encoder(accept)
    return encode(registry), kind


Metric = tuple[str, str, str, dict[str, float]]  # name, meaning, label ("" for none), value by label


def _values(database: Path, now: dt.datetime) -> Iterator[Metric]:
    beat, upcoming = heartbeat.heartbeat(database), heartbeat.next_pass(database)
    connection = reading.connect(database)
    try:
        events = dict(connection.execute("select status, count(*) from events where kind <> 'context' group by 1"))
        runs = dict(connection.execute("select status, count(*) from runs group by 1"))
        fetched = dict(connection.execute("select source, max(fetched_at) from snapshots group by 1"))
        (written,) = connection.execute("select coalesce(sum(results_written), 0) from runs").fetchone()
    finally:
        connection.close()
    yield "build_info", "Version of eventstudy.", "version", {__version__: 1}
    yield "events", "Announcements by their outcome.", "status", {name: events.get(name, 0) for name in STATUSES}
    yield "runs", "Passes with news by how they ended.", "status", runs
    yield "results_written", "Pairs of study and event that were computed, over all passes.", "", {"": written}
    yield (
        "last_new_price_timestamp_seconds",
        "When a source last gave a price that was new or revised.",
        "source",
        {source: dt.datetime.fromisoformat(moment).timestamp() for source, moment in fetched.items()},
    )
    yield "database_size_bytes", "Size of the database.", "", {"": database.stat().st_size}
    if beat is not None:
        yield "last_pass_timestamp_seconds", "When the last pass ended.", "", {"": beat.finished_at.timestamp()}
        yield "last_pass_exit_code", "Exit code of the last pass.", "", {"": beat.exit_code}
    if beat is not None and beat.last_good is not None:
        good = beat.last_good.timestamp()
        yield "last_good_pass_timestamp_seconds", "When the last good pass ended.", "", {"": good}
        yield "last_good_pass_age_seconds", "How long ago that was.", "", {"": now.timestamp() - good}
    if upcoming is not None:
        yield "next_pass_timestamp_seconds", "When the next pass is meant to run.", "", {"": upcoming.timestamp()}
