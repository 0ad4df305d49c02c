"""`eventstudy export site`, and the feed of verdicts."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from eventstudy.tables.write import TERMS
from tests.support.command import Done, eventstudy
from tests.support.passes import run, write_config

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "]]></title><script>alert(1)</script> & \u202e <b>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    run(write_config(folder, ("title: A visit", f"title: {json.dumps(HOSTILE)}")))
    return folder


def exported(folder: Path, *options: str) -> Done:
    where = ("--db", folder / "es.db", "--config", folder / "config.yaml")
    done = eventstudy("export", "site", folder / "public", *where, *options)
    assert (done.code, done.out) == (0, ""), done.err
    return done


@pytest.fixture(scope="module")
def site(folder: Path) -> Path:
    exported(folder)
    return folder / "public"


def test_the_site_has_the_pages_of_the_pass_and_no_link_leads_nowhere(folder: Path, site: Path) -> None:
    for page in (folder / "reports").rglob("*.html"):
        if not page.name.startswith("digest"):
            name = page.relative_to(folder / "reports")
            assert name.name == "index.html" or (site / name).read_bytes() == page.read_bytes(), name
    n = 0
    for page in site.rglob("*.html"):
        for target in re.findall(r'href="([^"#:]+)"', page.read_text("utf-8")):
            assert (page.parent / target).is_file(), (page, target)
            n += 1
    assert n >= 2


def test_the_site_has_the_tables_with_what_columns_mean(site: Path) -> None:
    for what in ("reactions", "daily", "collections", "study"):
        about = pd.read_csv(site / "data" / f"{what}.csv.columns.csv", keep_default_na=False)
        table = pd.read_csv(site / "data" / f"{what}.csv")
        assert [name for name in about.column if name != TERMS] == list(table.columns)
    assert pd.read_csv(site / "data" / "reactions.csv")["car"].notna().any()


def test_a_second_export_changes_nothing_and_takes_away_what_is_no_more(folder: Path, site: Path) -> None:
    before = {path.name: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    contents = json.loads((site / "site.json").read_text())
    (site / "gone.html").write_text("old")
    (folder / "kept.html").write_text("outside")
    contents["files"] += ["gone.html", "../kept.html"]
    (site / "site.json").write_text(json.dumps(contents))
    said = exported(folder, "--dry-run").err
    assert f"would be taken away: {site / 'gone.html'}" in said
    assert f"would be written: {site / 'site.json'}, " in said
    assert (site / "gone.html").read_text() == "old"
    assert json.loads((site / "site.json").read_text()) == contents
    exported(folder)
    assert {path.name: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert (folder / "kept.html").read_text() == "outside"


def test_a_folder_with_other_things_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = eventstudy("export", "site", tmp_path, "--db", folder / "es.db")
    assert (done.code, "other things" in done.err) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert eventstudy("export", "site", "--db", folder / "es.db").code == 2
    assert eventstudy("export", "daily", tmp_path, "--db", folder / "es.db").code == 2


def test_the_feed_has_what_rfc_4287_asks_for(folder: Path, site: Path) -> None:
    written = (site / "feed.atom").read_bytes()
    assert (folder / "reports" / "feed.atom").read_bytes() == written
    feed = ET.fromstring(written)  # of ours
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    ids = []
    for part in (feed, *entries):
        for name in ("id", "title", "updated"):  # exactly one of each: sections 4.1.1 and 4.1.2
            assert len(part.findall(f"{ATOM}{name}")) == 1, name
        ids.append(part.findtext(f"{ATOM}id"))
        uuid.UUID(ids[-1].removeprefix("urn:uuid:"))
        assert dt.datetime.fromisoformat(part.findtext(f"{ATOM}updated")).tzinfo is not None
        links = [link.attrib for link in part.findall(f"{ATOM}link")]
        assert sum(link["rel"] == "alternate" for link in links) == 1
        assert all((site / link["href"]).is_file() for link in links)
    assert len(set(ids)) == len(ids)
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    updated = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert updated == sorted(updated, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == updated[0]


def test_a_hostile_title_is_text_in_the_feed(site: Path) -> None:
    written = (site / "feed.atom").read_text("utf-8")
    assert "<script" not in written
    titles = [found.text for found in ET.fromstring(written).iterfind(f"{ATOM}entry/{ATOM}title")]  # of ours
    assert any(title.startswith(("No detectable reaction: ", "Not computable")) or HOSTILE in title for title in titles)
    assert any(HOSTILE in title for title in titles)
