"""Secrets of the settings are in no output and in no file but the settings."""

from __future__ import annotations

import datetime as dt
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.errors import ConfigError, DataError, SourceDown, without_secrets
from jobs import health
from tests.support.command import eventstudy
from tests.support.ecb_server import FAULTS, Files, serving
from tests.support.passes import NOW, write_config

SECRETS = ("planted-user", "planted-word", "planted-key", "planted-path", "planted-token", "planted-mark")
FRESH = '  - {id: fresh, title: News, announced_at: "2026-11-19T20:00Z", assets: [EURUSD, SMB, GS]}\n'


@pytest.fixture
def server() -> Iterator[Files]:
    yield from serving()


def address(place: str, path: str = "file.zip") -> str:
    return f"http://planted-user:planted-word@{place}/{path}?apikey=planted-key#planted-mark"


def planted(folder: Path, place: str) -> Path:
    complains = '#!/bin/sh\necho "cannot reach $1, nor $EVENTSTUDY_NOTIFY__WEBHOOK" >&2\nexit 1\n'
    (folder / "tell.sh").write_text(complains)
    (folder / "tell.sh").chmod(0o755)
    source = address(place)
    sources = "\n".join(
        [
            f"  ecb: {{kind: ecb, live: true, url: '{source}', attempts: 1}}",
            f"  french: {{kind: factors, url: '{source}', attempts: 1}}",
            f"  yahoo: {{kind: yahoo, endpoint: '{source}', attempts: 1, pace: 0.0, cache: '{folder}/cache'}}",
        ]
    )
    # the webhook stands in the environment
    notify = f"notify: {{command: ['{folder}/tell.sh', planted-token], when: always, timeout: 5}}"
    return write_config(
        folder,
        ("  ecb: {kind: ecb}", sources),
        ("  USDRUB: {source: ecb}", "  USDRUB: {source: ecb}\n  SMB: {source: french}\n  GS: {source: yahoo}"),
        ("schedule:", f"{notify}\nbackups: {{folder: '{folder}/backups'}}\nschedule:"),
        more=FRESH,
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_secrets_are_in_no_output_and_in_no_file(tmp_path, server, clock, is_there, monkeypatch):
    server.answers = [(*FAULTS["html"], {})]
    place = f"127.0.0.1:{server.server_port if is_there else 1}"
    clock(NOW)
    path = planted(tmp_path, place)
    monkeypatch.setenv("EVENTSTUDY_NOTIFY__WEBHOOK", address(place, "planted-path/hook"))
    said = []
    for words in (
        ("run", "--config", path),
        ("status", "--config", path),
        ("status", "--config", path, "--json"),
        ("digest", "--config", path),
        ("doctor", "--config", path),
        ("report", "--config", path, "--event", "fresh"),
        ("bundle", "visit", "--config", path, "-o", tmp_path / "visit.zip"),
        ("export", "reactions", "--config", path, "-o", tmp_path / "x.parquet"),
        ("events", "show", "fresh", "--config", path, "--json"),
        ("query", "select * from settings", "--config", path, "--json"),
        ("init", "--check", "--config", path),
        ("prices", "pull", "--config", path),
        ("backup", "--config", path, tmp_path / "copy.db"),
    ):
        found = eventstudy(*words)
        said.append(found.out + found.err)
    with health.serving(tmp_path / "es.db", "127.0.0.1:0", dt.timedelta(days=1)) as url:
        for page in ("healthz", "metrics", "elsewhere"):
            try:
                answered = urllib.request.urlopen(f"{url}/{page}", timeout=10)
            except urllib.error.HTTPError as error:
                answered = error
            with answered:
                said.append(answered.read().decode() + str(answered.headers))
    assert "ecb" in said[-3] + said[-2] or "run" in said[-3]
    assert "is not the ECB's daily file" in said[0] if is_there else "cannot be reached" in said[0]
    assert "127.0.0.1" in said[0]
    assert not [(secret, text) for text in said for secret in SECRETS if secret in text]
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p != path]
    assert {p.name for p in files} >= {"es.db", "fresh.html", "digest.html", "index.html", "visit.zip", "x.parquet"}
    with zipfile.ZipFile(tmp_path / "visit.zip") as bundle:
        packed = b"".join(bundle.read(name) for name in bundle.namelist())
    assert not [secret for secret in SECRETS if secret.encode() in packed]
    assert not [(p.name, secret) for p in files for secret in SECRETS if secret.encode() in p.read_bytes()]


def test_a_setting_that_is_wrong_is_named_without_its_address(tmp_path):
    path = write_config(
        tmp_path, ("schedule:", "notify: {webhook: 'htp://planted-user:planted-word@host/planted-path'}\nschedule:")
    )
    found = eventstudy("run", "--config", path)
    assert found.code == 1
    assert "notify.webhook: not a web address; start it with https://" in found.err
    assert "planted" not in found.out + found.err


ADDRESS = "https://planted-user:planted-word@host/a?k=planted-key"
SOURCE = f"sources:\n  ecb: {{kind: ecb}}\n  desk: {{kind: files, path: '{ADDRESS}'}}"
FEED = f"feeds: [{{id: desk, kind: ics, path: '{ADDRESS}'}}]\nsources:\n  ecb: {{kind: ecb}}"


@pytest.mark.parametrize("more", [SOURCE, FEED])
def test_an_address_in_the_place_of_a_path_is_refused_and_not_shown(tmp_path, more):
    found = eventstudy("run", "--config", write_config(tmp_path, ("sources:\n  ecb: {kind: ecb}", more)))
    assert found.code == 1
    assert "path: an address is no path (got 'https://host/" in found.err
    assert not [secret for secret in ("planted-user", "planted-word", "planted-key") if secret in found.err]


def test_a_cluster_that_cannot_be_reached_is_named_without_its_secrets():
    tables = (
        "--prices",
        "tests/data/cases/prices.csv",
        "--events",
        "tests/data/cases/events.csv",
        "--benchmark",
        "MKT",
    )
    found = eventstudy("study", *tables, "--cluster", "tcp://planted-user:planted-word@127.0.0.1:1")
    assert found.code == 1
    assert "tcp://127.0.0.1:1" in found.err
    assert "planted" not in found.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:secret@host:81/path?apikey=k#x is old", "https://host:81/path is old"),
        ("(http://host/a), HTTP://u@[::1]/b?c", "(http://host/a), HTTP://[::1]/b"),
        ("https://u:p@ss@host/", "https://host/"),
        ("no address at all: a@b?c", "no address at all: a@b?c"),
        ("socks5://u:p@proxy:1080", "socks5://proxy:1080"),
        ("https:/u:p@host/prices.csv?k=1 as a path", "https:/host/prices.csv as a path"),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_secret(text, shown):
    assert without_secrets(text) == shown


def test_no_error_shows_what_may_be_a_secret():
    place = "https://user:secret@host/path?key=hidden"
    for error in (
        SourceDown(f"{place} is down", source="s", symbol="x"),
        DataError("wrong", where=place, value=place),
        ConfigError("wrong", value=[place], remedy="mend it"),
    ):
        assert "secret" not in str(error)
        assert "hidden" not in str(error)
        assert "https://host/path" in str(error)
