"""Secrets of the settings are in no output and in no file but the settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.errors import ConfigError, DataError, SourceDown, without_secrets
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
    (folder / "tell.sh").write_text('#!/bin/sh\necho "cannot reach $1" >&2\nexit 1\n')
    (folder / "tell.sh").chmod(0o755)
    hook, source = address(place, "planted-path/hook"), address(place)
    sources = "\n".join(
        [
            f"  ecb: {{kind: ecb, live: true, url: '{source}', attempts: 1}}",
            f"  french: {{kind: factors, url: '{source}', attempts: 1}}",
            f"  yahoo: {{kind: yahoo, endpoint: '{source}', attempts: 1, pace: 0.0, cache: '{folder}/cache'}}",
        ]
    )
    notify = f"notify: {{command: ['{folder}/tell.sh', planted-token], webhook: '{hook}', when: always, timeout: 5}}"
    return write_config(
        folder,
        ("  ecb: {kind: ecb}", sources),
        ("  USDRUB: {source: ecb}", "  USDRUB: {source: ecb}\n  SMB: {source: french}\n  GS: {source: yahoo}"),
        ("schedule:", f"{notify}\nbackups: {{folder: '{folder}/backups'}}\nschedule:"),
        more=FRESH,
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_secrets_are_in_no_output_and_in_no_file(tmp_path, server, clock, is_there):
    server.answers = [(*FAULTS["html"], {})]
    place = f"127.0.0.1:{server.server_port if is_there else 1}"
    clock(NOW)
    path = planted(tmp_path, place)
    said = []
    for words in (
        ("run", "--config", path),
        ("status", "--config", path),
        ("status", "--config", path, "--json"),
        ("digest", "--config", path),
        ("doctor", "--config", path),
        ("report", "--config", path, "--event", "fresh"),
        ("prices", "pull", "--config", path),
        ("backup", "--config", path, tmp_path / "copy.db"),
    ):
        found = eventstudy(*words)
        said.append(found.out + found.err)
    assert "is not the ECB's daily file" in said[0] if is_there else "cannot be reached" in said[0]
    assert "127.0.0.1" in said[0]
    assert not [(secret, text) for text in said for secret in SECRETS if secret in text]
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p != path]
    assert {p.name for p in files} >= {"es.db", "fresh.html", "digest.html", "index.html"}
    assert not [(p.name, secret) for p in files for secret in SECRETS if secret.encode() in p.read_bytes()]


def test_a_setting_that_is_wrong_is_named_without_its_address(tmp_path):
    path = write_config(
        tmp_path, ("schedule:", "notify: {webhook: 'htp://planted-user:planted-word@host/planted-path'}\nschedule:")
    )
    found = eventstudy("run", "--config", path)
    assert found.code == 1
    assert "notify.webhook: not a web address; start it with https://" in found.err
    assert "planted" not in found.out + found.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:secret@host:81/path?apikey=k#x is old", "https://host:81/path is old"),
        ("(http://host/a), HTTP://u@[::1]/b?c", "(http://host/a), HTTP://[::1]/b"),
        ("https://u:p@ss@host/", "https://host/"),
        ("no address at all: a@b?c", "no address at all: a@b?c"),
        ("socks5://u:p@proxy:1080", "socks5://proxy:1080"),
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
