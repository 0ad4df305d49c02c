"""What keeps a pass without news from ending at once."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from jobs.chores import has_chores
from tests.support.passes import NOW, loaded, run, write_config

YAHOO = ("  ecb: {kind: ecb}", "  ecb: {kind: ecb}\n  yahoo: {kind: yahoo}")
YOUNG = '  - {id: young, title: A young one, announced_at: "2026-11-19T12:00Z", assets: [GS]}\n'
GS = ("  EURUSD: {source: ecb}", "  EURUSD: {source: ecb}\n  GS: {source: yahoo}")


def chores(path, now=NOW):
    config, events = loaded(path)
    return has_chores(config, events, now)


def test_after_a_pass_there_is_nothing_left(tmp_path):
    path = write_config(tmp_path)
    assert chores(path)  # there is no database
    run(path)
    assert not chores(path)


@pytest.mark.parametrize("damage", [None, "<html>", "\udcff"], ids=["gone", "of nobody", "not text"])
def test_a_digest_that_is_not_of_the_newest_pass_is_written(tmp_path, damage):
    path = write_config(tmp_path)
    run(path)
    page = tmp_path / "reports" / "digest.html"
    whole = page.read_text("utf-8")
    page.unlink()
    if damage is not None:
        page.write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert chores(path)
    run(path)
    assert not chores(path)
    assert page.read_text("utf-8") == whole


def test_a_digest_of_an_earlier_pass_is_out_of_date(tmp_path):
    path = write_config(tmp_path, ("  - {id: meeting", "# - {id: meeting"))
    run(path)
    page = tmp_path / "reports" / "digest.html"
    earlier = page.read_bytes()
    write_config(tmp_path)
    run(path, now=lambda: NOW + dt.timedelta(days=1))
    page.write_bytes(earlier)  # as if the pass had been killed before it wrote the page
    assert chores(path)


def test_somebody_who_wants_to_hear_of_every_pass_is_a_chore(tmp_path):
    path = write_config(tmp_path, ("schedule:", "notify: {command: ['true'], when: always}\nschedule:"))
    run(path)
    assert chores(path)


def test_bars_that_can_be_captured_are_a_chore_until_the_wall(tmp_path):
    path = write_config(tmp_path, YAHOO, GS)
    run(path)
    write_config(tmp_path, YAHOO, GS, more=YOUNG)
    assert chores(path)
    assert not chores(path, NOW + dt.timedelta(days=61))
    write_config(tmp_path, YAHOO, GS, ("schedule:", "captures: {bars: []}\nschedule:"), more=YOUNG)
    assert not chores(path)


def test_bars_of_a_source_of_days_are_none(tmp_path):
    path = write_config(tmp_path)
    run(path)
    write_config(tmp_path, more=YOUNG.replace("GS", "EURUSD"))
    assert not chores(path)


def test_looking_is_light():
    code = "import sys, jobs.chores; print(sorted({'pandas', 'scipy', 'statsmodels', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
