"""What `eventstudy browse` shows in a real browser: rows first, and what counts all of them when they are there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium, found
from tests.integration.test_browse import browsing
from tests.support.passes import run, write_config

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.skipif(found() is None, reason="no Chromium here")]


def waited(browser: Chromium, expression: str) -> None:
    """Until that holds."""
    end = time.monotonic() + 30
    while not browser.evaluate(expression):
        assert time.monotonic() < end, expression
        time.sleep(0.05)


def test_counts_come_after_the_rows_and_lead_to_fewer_of_them(tmp_path: Path) -> None:
    pytest.importorskip("datasette")
    path = write_config(tmp_path)
    run(path)
    with browsing(path) as url, Chromium() as browser:
        browser.open(url, 1280)
        browser.evaluate("document.querySelector('.metadata-description a').click()")
        waited(browser, "location.pathname === '/es/reactions' && document.querySelector('td.col-event_id') !== null")
        assert browser.evaluate("location.search").endswith("&_nofacet=1&_nocount=1")
        waited(browser, "document.querySelector('div.facet-results li a') !== null")
        assert browser.evaluate("document.querySelector('h3').textContent").split()[:2] == ["3", "rows"]
        browser.evaluate("document.querySelector('#facet-year li a').click()")
        waited(browser, "location.search.includes('announced_at__startswith')")
        assert browser.evaluate("location.search").endswith("&_nofacet=1&_nocount=1")
        assert browser.complaints() == []
