"""Names in a text: currencies, indices, commodities, companies, countries and who speaks for them."""

from __future__ import annotations

import re
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from eventstudy.gazetteer.find import find
from eventstudy.gazetteer.quotes import is_down_when_up, pair
from eventstudy.gazetteer.tables import countries, entries, main_index, rows
from eventstudy.gazetteer.zones import zone_of

TABLES = ("baskets", "cities", "cldr", "commodities", "companies", "countries", "currencies", "indices")


def keys(text: str) -> list[str]:
    return [found.entry.key for found in find(text) if found.role == "name"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the greenback, the loonie and the kiwi", ["USD", "CAD", "NZD"]),
        ("U.S. dollar; US-Dollar; American dollar", ["USD", "USD", "USD"]),
        ("Japan's currency and the Swiss currency", ["JPY", "CHF"]),
        ("Canada\u2019s dollar", ["CAD"]),
        ("the New Zealand dollar", ["NZD"]),
        ("sterling, the pound, the shared currency", ["GBP", "GBP", "EUR"]),
        ("the renminbi and the offshore yuan", ["CNY", "CNH"]),
        ("ruble or rouble", ["RUB", "RUB"]),
        ("the won fell after he won the vote", ["KRW"]),
        ("EUR/USD and dollar-yen", ["EUR", "USD", "USD", "JPY"]),
        ("the Bloomberg Dollar\nSpot Index", ["BBDXY"]),
        ("a gauge of the dollar; Bloomberg's gauge of the greenback", ["DXY", "BBDXY"]),
        ("Europe's common currency and the single currency", ["EUR", "EUR"]),
        ("EURCHF and USD/CNH", ["EUR", "CHF", "USD", "CNH"]),
        ("Wall Street fell short of Wall Street estimates", ["^GSPC"]),
        ("South Africa's rand, Brazil's real, Norway's krone", ["ZAR", "BRL", "NOK"]),
        ("THE GREENBACK RALLIES AND NIKKEI SINKS", ["USD", "^N225"]),
        ("S&P 500, S&P/ASX 200 and S&amp;P 500", ["^GSPC", "^AXJO", "^GSPC"]),
        ("Brent and WTI", ["BZ=F", "CL=F"]),
        ("an apple a day; Apple said", ["AAPL"]),
        ("Target became the second to warn. Shares in Target fell.", ["TGT", "TGT"]),
        ("Target missed. A Visa, a Carnival, a Gap, a Snap election; Target rates were missed by 1%.", []),
        ("Visa gained 3 per cent and Gap slid 4.5%", ["V", "GAP"]),
        ("Coinbase Global Inc. and Warner Bros. Discovery Inc.", ["COIN", "WBD"]),
        ("On Wall Street, the Dow fell; stocks on Wall Street fell", ["^DJI", "^GSPC"]),
        (
            "Germany's 10-year Bund yield and its two-year yield",
            ["DE", "the ten-year Bund yield", "the two-year German yield"],
        ),
        (
            "the 2-year gilt yield rose while the 10-year was down",
            ["the two-year gilt yield", "the ten-year gilt yield"],
        ),
        ("the 10-year US Treasury note and the 30-year bond", ["^TNX", "^TYX"]),
        ("Newcomer (NYSE: NEWC) and (NEWC)", ["NEWC"]),
    ],
)
def test_things_are_known_by_what_articles_call_them(text, expected):
    assert keys(text) == expected


def test_a_shared_name_is_that_of_the_country_the_text_is_about():
    assert keys("The peso fell.") == ["MXN"]
    assert [f.entry.key for f in find("In Chile the peso fell.") if f.entry.kind == "currency"] == ["CLP"]
    assert [f.entry.key for f in find("Norway's trade; the crown rose") if f.entry.kind == "currency"] == ["NOK"]


def test_money_that_is_counted_is_not_its_price():
    assert [found.role for found in find("two billion dollars, 500 yen, oil companies, dollar bonds")] == [
        "amount",
        "amount",
        "attribute",
        "attribute",
    ]


def test_capitals_stand_for_their_countries_and_banks_for_their_money():
    found = find("Beijing warned Moscow; the BoJ and Lagarde spoke")
    assert [(f.entry.country, f.role) for f in found] == [
        ("CN", "metonym"),
        ("RU", "metonym"),
        ("JP", "name"),
        ("EU", "name"),
    ]


def test_currencies_stand_in_the_order_of_the_markets():
    assert [pair(*two.split()) for two in ("USD JPY", "JPY USD", "USD EUR", "CHF EUR", "AUD NZD", "MXN USD")] == [
        "USDJPY",
        "USDJPY",
        "EURUSD",
        "EURCHF",
        "AUDNZD",
        "USDMXN",
    ]
    assert is_down_when_up("USDJPY", "JPY")
    assert not is_down_when_up("EURUSD", "EUR")


def test_cities_have_their_clocks():
    assert zone_of("SYDNEY") == "Australia/Sydney"
    assert zone_of("Washington") == "America/New_York"
    assert zone_of("St. Petersburg") == "Europe/Moscow"
    assert zone_of("Atlantis") is None


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_whole(table):
    """A comma too many in a table that people edit would move names into the wrong column."""
    assert [row for row in rows(table) if None in row or None in row.values()] == []


def test_every_entry_is_unique_and_its_references_exist():
    counts = Counter((entry.kind, entry.key) for entry in entries())
    assert [key for key, count in counts.items() if count > 1] == []
    assert {entry.country for entry in entries() if entry.country} - set(countries()) <= {"EU"}
    for country in countries().values():
        assert not country.zone or ZoneInfo(country.zone)
    for entry in entries():
        assert entry.names or entry.kind == "company"
        assert not entry.symbol or re.fullmatch(r"[A-Z0-9^][A-Z0-9.^=-]*", entry.symbol), entry


def test_shares_have_a_market_to_be_measured_against():
    homes = {entry.country for entry in entries() if entry.kind == "company"}
    assert sorted(home for home in homes if main_index(home) is None) == []
    assert main_index("US").symbol == "^GSPC"


def test_a_yield_is_that_of_the_country_before_it() -> None:
    def keys(text: str) -> list[str]:
        return [one.entry.key for one in find(text) if one.entry.kind == "yield"]

    assert keys("Britain's 10-year yield declined.") == ["the ten-year gilt yield"]
    assert keys("The 10-year yield declined; so did Germany's 10-year yield.") == ["^TNX", "the ten-year Bund yield"]
    assert keys("Mexico's 10-year yield rose.") == ["the ten-year yield of Mexico"]
    assert keys("In Britain, the 10-year Treasury yield rose.") == ["^TNX"]


def test_an_older_symbol_behind_a_known_company_is_that_company() -> None:
    assert [one.entry.key for one in find("Shares of Meta Platforms (NASDAQ: FB) sank.")] == ["META"]
