"""The page of an announcement with very many assets: all are in its table, few are drawn, and it stays small."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.support.passes import run, write_config

CURRENCIES = (
    "USD",
    "EUR",
    "JPY",
    "GBP",
    "CHF",
    "CNY",
    "AUD",
    "CAD",
    "NZD",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "KRW",
)
PAIRS = ["".join(pair) for pair in itertools.permutations(CURRENCIES, 2)][:200]


@pytest.mark.long
def test_of_two_hundred_assets_the_clearest_are_drawn_and_all_stand_in_the_table(tmp_path):
    assets = "".join(f"  {pair}: {{source: ecb}}\n" for pair in PAIRS if pair != "EURUSD")
    event = f'  - {{id: many, title: Many, announced_at: "2015-01-15T09:30Z", assets: [{", ".join(PAIRS)}]}}\n'
    second = """\
  - id: relative
    model: market
    benchmark: USDEUR
    returns: simple
    estimation: [-60, -11]
    event_window: [-2, 2]
    windows: [[0, 0]]
events:"""
    path = write_config(
        tmp_path,
        ("  EURUSD: {source: ecb}\n", f"  EURUSD: {{source: ecb}}\n{assets}"),
        ("  USDCNY: {source: ecb, title: the dollar in yuan}\n", ""),
        ("events:", second),
        more=event,
    )
    run(path, only=["many"])
    page = (tmp_path / "reports" / "many.html").read_text("utf-8")
    assert len(page.encode()) < 500_000
    assert all(f'<tr id="total.{pair}">' in page for pair in PAIRS)
    assert page.count("<figure") == 2 + 3 * 8
    assert "12 of 200 assets are shown" in page
    assert "20 of 200 assets are shown" in page
    ids = set(re.findall(r' id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= ids, "every number leads to a row that is there"
    assert "total.CHFEUR" in links
