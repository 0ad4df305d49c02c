"""Who is told of a night: real programs and a real web server on loopback; and what they do never costs a result."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import json
import resource
import socket
import sys
import threading
import time

import pytest
from pydantic import ValidationError

from eventstudy.config.model import NotifyConfig
from eventstudy.errors import SourceDown
from eventstudy.prices import open_source
from eventstudy.store import heartbeat as heartbeats
from jobs import pull
from jobs.notify import send
from tests.support.command import eventstudy
from tests.support.passes import NOW, Down, rows, run, write_config

# Just after the visit: prices of an event that is long over need not be asked for again.
NEAR = dt.datetime(2023, 3, 22, 23, 30, tzinfo=dt.UTC)
WRITE = "import sys; open({!r}, 'a', encoding='utf-8').write(sys.stdin.buffer.read().decode() + '---')"


class Hook:
    """A web server that keeps what it is sent and answers with `status`."""

    def __init__(self, status=200, headers=()):
        hook = self
        self.bodies, self.kinds = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                hook.kinds.append(self.headers["Content-Type"])
                hook.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()

            def do_GET(self):
                hook.bodies.append("a redirect was followed")
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/secret-token"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def told(tmp_path, **options):
    """Settings with a program that appends what it reads to a file; returns the settings' path and the file."""
    box = tmp_path / "box.txt"
    section = {"command": [sys.executable, "-c", WRITE.format(str(box))], **options}
    path = write_config(tmp_path, ("schedule:", f"notify: {json.dumps(section)}\nschedule:"))
    return path, box


def letters(box):
    return box.read_text("utf-8").split("---")[:-1] if box.exists() else []


def test_the_program_reads_the_digest_once_and_a_night_without_news_is_silent(tmp_path):
    path, box = told(tmp_path)
    assert run(path).exit_code == 0
    assert letters(box) == [eventstudy("digest", "--config", path, "--run", 1).out]
    assert run(path, now=lambda: NOW + dt.timedelta(days=1)).exit_code == 0
    assert len(letters(box)) == 1


def test_always_means_every_pass(tmp_path):
    path, box = told(tmp_path, when="always")
    run(path)
    run(path)
    assert letters(box)[1] == "Event studies: a pass without news.\n"


def test_failures_alone_are_told_when_that_is_asked_for(tmp_path, monkeypatch):
    path, box = told(tmp_path, when="failures")
    run(path, now=lambda: NEAR)
    assert letters(box) == []
    broken = lambda symbol: SourceDown("no route to host", source="ecb", symbol=symbol)  # noqa: E731
    monkeypatch.setattr(pull, "open_source", lambda *a: Down(open_source(*a), broken))
    assert run(path, now=lambda: NEAR + dt.timedelta(days=1)).exit_code == 5
    assert "no route to host" in letters(box)[0]


def test_a_mistake_in_a_feed_is_told_once_and_by_its_line(tmp_path):
    feed = tmp_path / "desk.csv"
    feed.write_text("id,title,announced_at,assets\nbad,Bad: one,2023-13-02T13:30Z,EURUSD\n")
    path, box = told(tmp_path)
    text = path.read_text("utf-8")
    path.write_text(text.replace("notify:", f"feeds: [{{id: desk, kind: csv, path: {feed}}}]\nnotify:"))
    assert eventstudy("run", "--config", path).code == 3
    (letter,) = letters(box)
    assert letter.count("2023-13-02T13:30Z") == 1
    assert "* desk.csv:2: announced_at: not an ISO 8601 date or time" in letter


def test_a_pass_over_one_event_tells_nobody(tmp_path):
    path, box = told(tmp_path)
    run(path, only=["visit"])
    assert letters(box) == []


def test_passes_over_single_events_are_told_of_with_the_next_night(tmp_path):
    path, box = told(tmp_path)
    run(path, only=["visit"])
    run(path)
    (letter,) = letters(box)
    assert "A visit" in letter
    assert "A meeting" in letter
    assert "2 announcements studied" in letter.splitlines()[0]


def test_what_nobody_took_is_told_again_until_somebody_does(tmp_path):
    path, box = told(tmp_path)
    good = path.read_text("utf-8")
    path.write_text(good.replace(sys.executable, "/bin/false"), "utf-8")
    assert [run(path).exit_code for _ in range(2)] == [3, 3]  # named every time
    assert letters(box) == []
    path.write_text(good, "utf-8")
    assert run(path, now=lambda: NOW + dt.timedelta(days=3)).exit_code == 0
    (letter,) = letters(box)
    assert "A visit" in letter
    assert run(path, now=lambda: NOW + dt.timedelta(days=4)).exit_code == 0
    assert len(letters(box)) == 1


def test_who_wants_to_be_told_from_now_on_is_not_told_of_all_that_was(tmp_path):
    run(write_config(tmp_path), now=lambda: NEAR)
    path, box = told(tmp_path)
    path.write_text(path.read_text("utf-8").replace("A meeting", "The meeting"), "utf-8")
    assert run(path, now=lambda: NEAR + dt.timedelta(days=30)).exit_code == 0
    (letter,) = letters(box)
    assert "The meeting" in letter
    assert "A visit" not in letter


def test_the_webhook_gets_the_digest_as_json(tmp_path):
    with Hook() as hook:
        path, _ = told(tmp_path, webhook=hook.url)
        assert run(path).exit_code == 0
    (body,) = hook.bodies
    assert hook.kinds == ["application/json; charset=utf-8"]
    assert body["schema"] == "eventstudy.digest/1"
    assert body["night"]["run_ids"] == [1]
    assert body["text"].startswith("Event studies, 20 November 2026")
    assert body["troubles"] == []


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["no-such-program-anywhere"], "it cannot be started (No such file or directory)"),
        ([sys.executable, "-c", "import sys; sys.exit('no \x1b[31mmail')"], "exit code 1: no"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "it took longer than 0.5 seconds and was ended"),
        # a child that outlives its parent and keeps the pipe open
        (["sh", "-c", "sleep 60 & exec sleep 60"], "it took longer than 0.5 seconds and was ended"),
        # one that never reads what it is sent
        (["sh", "-c", "exit 0"], None),
    ],
    ids=["absent", "fails", "hangs", "leaves a child", "does not read"],
)
def test_a_program_that_fails_is_named_and_bounded(command, says):
    began = time.monotonic()
    found = send(NotifyConfig(command=command, timeout=0.5), "words " * 100_000, {})
    assert time.monotonic() - began < 10
    if says is None:
        assert found == []
    else:
        assert found[0].startswith(f"the digest was not taken by {command[0]}: ")
        assert says in found[0]
        assert found[0].isprintable()


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
def test_a_webhook_that_does_not_take_it_is_named_without_its_secret(status):
    with Hook(status, [("Location", "/elsewhere")]) as hook:
        found = send(NotifyConfig(webhook=hook.url), "words", {})
    assert found == [f"the digest was not taken by the webhook at 127.0.0.1: it answered {status}"]
    assert len(hook.bodies) == 1


def test_a_webhook_that_is_not_there_is_named():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    (found,) = send(NotifyConfig(webhook=f"http://127.0.0.1:{port}/secret"), "words", {})
    assert "refused" in found
    assert "secret" not in found


def test_a_webhook_that_sends_a_byte_now_and_then_cannot_stop_the_pass():
    server = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def drip():
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            while not closing.wait(0.1):
                connection.send(b"H")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    found = send(NotifyConfig(webhook=f"http://127.0.0.1:{server.getsockname()[1]}/", timeout=0.5), "words", {})
    assert found == ["the digest was not taken by the webhook at 127.0.0.1: no answer within 0.5 seconds"]
    assert time.monotonic() - began < 10
    closing.set()
    thread.join()
    server.close()


def test_whatever_they_do_the_results_stay_and_the_pass_says_so(tmp_path):
    path, _ = told(tmp_path, command=["no-such-program-anywhere"])
    result = run(path)
    assert result.exit_code == 3
    assert result.status == "ok"
    assert result.is_good  # of its results; a monitor of the prices need not be woken
    assert "not taken by no-such-program-anywhere" in result.troubles[0]
    assert rows(tmp_path / "es.db", "select count(*) from analyses where status = 'ok'") != [(0,)]
    beat = heartbeats.heartbeat(tmp_path / "es.db")
    assert beat
    assert beat.exit_code == 3


@pytest.mark.parametrize("wrong", [{}, {"command": []}, {"command": [" "]}, {"webhook": "ftp://x"}, {"when": "now"}])
def test_settings_that_tell_nobody_are_refused(wrong):
    with pytest.raises(ValidationError):
        NotifyConfig(**wrong)


def test_a_program_that_complains_without_end_costs_no_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    settings = NotifyConfig(command=("sh", "-c", "yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa >&2"), timeout=1)
    (trouble,) = send(settings, "words", {})
    assert "it took longer than 1 seconds and was ended" in trouble
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KB


def test_a_program_that_reads_nothing_is_no_trouble():
    assert send(NotifyConfig(command=("true",), timeout=10), "words\n" * 100_000, {}) == []
