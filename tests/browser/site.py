"""The pages that tests look at: those of the shipped config.yaml, and of announcements that try to break a page."""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOUNDING = "xi-visits-russia-2023"
AT = {"announced_at": "2023-03-17T07:00Z", "assets": ["dollar-index", "USDCNY"]}
EVIL_ASSET = "'; drop table events;--"
EVIL_TITLE = "<script>alert(1)</script> \"double\" 'single' & </title></style>"
EVIL = [
    {**AT, "id": "script", "title": EVIL_TITLE, "note": "<b>bold</b>"},
    {**AT, "id": "rtl", "title": "abc \u202egnihtemos \u2066x end"},
    {**AT, "id": "long", "title": "x" * 300, "assets": ["dollar-index"]},
    {**AT, "id": "evil-asset", "title": "An asset", "assets": [EVIL_ASSET, "EURUSD"]},
    {**AT, "id": "future", "title": "Something to come", "announced_at": "2031-03-17T07:00Z"},
    {**AT, "id": "roubles", "title": "Only roubles", "assets": ["USDRUB"]},
    {**AT, "id": "week", "title": "A week", "announced_between": ["2023-03-10T07:00Z", "2023-03-17T07:00Z"]},
]
# Studied for the tests; the other announcements of the shipped settings stay on the index without a result.
STUDIED = [FOUNDING, "beijing-meeting-2022", "snb-floor-2015", "pboc-devaluation-2015", *(e["id"] for e in EVIL)]


@dataclass(frozen=True)
class Site:
    """A folder with its settings, database and pages."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def database(self) -> Path:
        return self.folder / "var" / "eventstudy.db"

    @property
    def pages(self) -> list[Path]:
        return sorted((self.folder / "var" / "reports").glob("*.html"))

    def page(self, event_id: str) -> Path:
        return self.folder / "var" / "reports" / f"{event_id}.html"


def settings() -> dict[str, Any]:
    """The shipped settings with the evil announcements added."""
    plain: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    plain["events"] += EVIL
    plain["assets"][EVIL_ASSET] = {
        "source": "ecb",
        "symbol": "EURUSD",
        "title": "<img src=x onerror=alert(1)> \u202edne",
    }
    return plain


def build(folder: Path, plain: dict[str, Any], only: list[str] | None = None) -> Site:
    """Run one pass over `plain` in `folder`."""
    from eventstudy.config.load import load_config
    from eventstudy.store.sync import gather
    from jobs import nightly

    site = Site(folder)
    for key, path in (("database", site.database), ("reports", site.page("").parent)):
        plain[key] = str(path)
    site.config.write_text(yaml.safe_dump(plain, allow_unicode=False), "utf-8")
    config = load_config(site.config, environ={})
    when = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    gathered = gather(config, when)
    nightly.run(config, gathered.events, now=lambda: when, trigger="test", gathered=gathered, only=only)
    return site


@functools.cache
def site() -> Site:
    """The pages of `STUDIED` and the index, made once for all tests of a session."""
    folder = Path(tempfile.mkdtemp(prefix="eventstudy-site-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return build(folder, settings(), STUDIED)
