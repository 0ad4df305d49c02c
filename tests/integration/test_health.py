"""/healthz and /metrics over HTTP, on databases that real passes left; and beside a running scheduler."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from eventstudy.errors import InputError
from eventstudy.store import heartbeat as heartbeats
from jobs.health import health, serving
from tests.support.passes import NOW, pages, rows, run, write_config

ROOT = Path(__file__).parents[2]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def get(url, method="GET", **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


@pytest.fixture
def site(tmp_path):
    """Settings, after a good pass that ended just now."""
    path = write_config(tmp_path)
    run(path, now=lambda: dt.datetime.now(dt.UTC))
    return tmp_path / "es.db"


@pytest.mark.parametrize(
    ("age", "is_healthy", "reason"),
    [
        (dt.timedelta(hours=1), True, None),
        (dt.timedelta(hours=27), False, "the last good pass is too old"),
        (-dt.timedelta(hours=1), False, "the last good pass is in the future"),
    ],
)
def test_health_is_the_age_of_the_last_good_pass(tmp_path, age, is_healthy, reason):
    run(write_config(tmp_path))
    found = health(tmp_path / "es.db", dt.timedelta(hours=26), NOW + age)
    assert (found[0], found[1]["healthy"], found[1]["reason"]) == (is_healthy, is_healthy, reason)
    assert found[1]["age_seconds"] == age.total_seconds()


def test_without_a_pass_or_with_a_damaged_heartbeat_it_is_not_healthy(tmp_path):
    assert health(tmp_path / "es.db", DAY, NOW)[1]["reason"] == "no pass over all events has worked yet"
    (tmp_path / "es.db.heartbeat.json").write_text("[")
    is_healthy, found = health(tmp_path / "es.db", DAY, NOW)
    assert not is_healthy
    assert "is no heartbeat" in found["reason"]


def test_healthz_says_200_or_503(site):
    with serving(site, "127.0.0.1:0", DAY) as url:
        status, body, headers = get(f"{url}/healthz")
        assert (status, headers["Content-Type"]) == (200, "application/json")
        assert json.loads(body)["healthy"]
        assert get(f"{url}/healthz", "HEAD")[:2] == (200, "")
        heartbeats.beat(
            site,
            heartbeats.Heartbeat(
                finished_at=NOW, status="failed", exit_code=5, events={}, last_good=dt.datetime.now(dt.UTC) - 2 * DAY
            ),
        )
        status, body, _ = get(f"{url}/healthz")
        assert (status, json.loads(body)["last_exit_code"]) == (503, 5)
        assert get(f"{url}/")[0] == 404
        assert get(f"{url}/healthz", "DELETE")[0] == 501
    with pytest.raises(urllib.error.URLError):
        get(f"{url}/healthz")


def test_metrics_are_what_the_database_says(site):
    pytest.importorskip("prometheus_client")
    from prometheus_client.parser import text_string_to_metric_families

    with serving(site, "127.0.0.1:0", DAY) as url:
        status, body, headers = get(f"{url}/metrics")
        openmetrics = get(f"{url}/metrics", Accept="application/openmetrics-text")
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }
    assert found["eventstudy_events", "ok"] == 2
    assert found["eventstudy_runs", "ok"] == 1
    assert (found["eventstudy_results_written",],) == rows(site, "select results_written from runs")[0]
    assert found["eventstudy_last_pass_exit_code",] == 0
    assert 0 <= found["eventstudy_last_good_pass_age_seconds",] < 60
    assert found["eventstudy_database_size_bytes",] == site.stat().st_size
    assert openmetrics[2]["Content-Type"].startswith("application/openmetrics-text")
    assert openmetrics[1].endswith("# EOF\n")


def test_metrics_without_the_library_say_how_to_get_it(site, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client.exposition", None)
    with serving(site, "127.0.0.1:0", DAY) as url:
        assert get(f"{url}/metrics")[:2] == (
            501,
            "needs prometheus-client: pip install 'eventstudy-service[metrics]'\n",
        )


def test_without_a_database_metrics_are_503_and_nothing_is_made(tmp_path):
    pytest.importorskip("prometheus_client")
    with serving(tmp_path / "es.db", "127.0.0.1:0", DAY) as url:
        status, body, _ = get(f"{url}/metrics")
    assert status == 503
    assert "there is no results database" in body
    assert pages(tmp_path) == {}


def test_a_client_that_says_nothing_does_not_keep_the_others_out(site):
    with serving(site, "127.0.0.1:0", DAY) as url, contextlib.ExitStack() as held:
        for _ in range(5):
            held.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))))
        assert get(f"{url}/healthz")[0] == 200


def test_a_client_that_says_a_letter_at_a_time_is_hung_up_on(site, monkeypatch):
    monkeypatch.setattr("jobs.health.PATIENCE_SECONDS", 0.5)
    with serving(site, "127.0.0.1:0", DAY) as url:
        with contextlib.closing(socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))) as client:
            client.settimeout(10)
            began = time.monotonic()
            with contextlib.suppress(OSError):
                while time.monotonic() - began < 10:
                    client.sendall(b"G")
                    time.sleep(0.05)
        assert time.monotonic() - began < 5
        assert get(f"{url}/healthz")[0] == 200


def test_clients_beyond_the_limit_are_hung_up_on_and_the_others_are_answered(site, monkeypatch):
    monkeypatch.setattr("jobs.health.MOST_AT_ONCE", 2)
    with serving(site, "127.0.0.1:0", DAY) as url:
        address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        with contextlib.ExitStack() as held:
            for _ in range(2):
                held.enter_context(contextlib.closing(socket.create_connection(address)))
            with contextlib.closing(socket.create_connection(address)) as third:
                third.settimeout(5)
                with contextlib.suppress(ConnectionResetError):
                    assert third.recv(1) == b""
        end = time.monotonic() + 5
        while time.monotonic() < end:  # the two are gone as soon as their threads notice
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                assert get(f"{url}/healthz")[0] == 200
                return
        pytest.fail("nobody was answered")


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /%2e%2e/%00/metrics\xff HTTP/1.1\r\n\r\n",
        b"GET http://evil.example/healthz HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"\x16\x03\x01\x00\xff\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nContent-Length: 999999999\r\n\r\nx",
    ],
)
def test_hostile_requests_are_refused_and_the_next_is_answered(site, request_line):
    with serving(site, "127.0.0.1:0", DAY) as url:
        with contextlib.closing(socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))) as client:
            client.settimeout(10)
            client.sendall(request_line)
            with contextlib.suppress(ConnectionResetError):
                answer = client.recv(65536)
                assert re.match(rb"HTTP/1\.0 [45]\d\d |<!DOCTYPE|$", answer), answer[:80]
        assert get(f"{url}/healthz", Host="evil.example")[0] == 200


@pytest.mark.parametrize("address", ["9090", "localhost", "127.0.0.1:99999", "a b:1", ""])
def test_what_is_no_address_is_refused(site, address):
    with pytest.raises(InputError, match="--health"), serving(site, address, DAY):
        pass


def test_a_port_that_is_taken_is_refused(site):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(InputError, match="cannot listen"), serving(site, address, DAY):
            pass


@pytest.mark.long
def test_it_lives_as_long_as_the_scheduler(tmp_path):
    path = write_config(tmp_path)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log"
    line = [sys.executable, "-m", "eventstudy", "schedule", "--config", str(path), "--now", "--health"]
    with log.open("w") as file:
        process = subprocess.Popen([*line, f"127.0.0.1:{port}"], stdout=file, stderr=file, cwd=ROOT, env=os.environ)
    try:
        end = time.monotonic() + 30
        while not re.search("pass finished: ok", log.read_text("utf-8")):
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.05)
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
    with pytest.raises(urllib.error.URLError):
        get(f"http://127.0.0.1:{port}/healthz")
