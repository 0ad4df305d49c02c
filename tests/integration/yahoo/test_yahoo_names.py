"""A symbol that is nearly a name of the settings is asked for before it is believed."""

from __future__ import annotations

import pytest

from eventstudy.errors import InputError
from eventstudy.prices.at_hand import place_of
from tests.integration.yahoo.conftest import new_symbol
from tests.support.command import eventstudy
from tests.support.passes import loaded, write_config
from tests.support.yahoo_server import SERVER_ERROR, chart
from tests.support.yahoo_week import AFTER, WEEK


@pytest.fixture
def path(tmp_path, server, cache_dir):
    yahoo = f"  yahoo: {{kind: yahoo, endpoint: '{server.url}', cache: '{cache_dir}', pace: 0, attempts: 3}}\nassets:\n"
    shares = "  GOOGL: {source: yahoo}\n  dax: {source: yahoo, symbol: ^GDAXI}\n  EURUSD:"
    return write_config(tmp_path, ("assets:\n", yahoo), ("  EURUSD:", shares))


@pytest.mark.parametrize(
    ("typed", "meant"), [("GOGL", "GOOGL"), ("DAXX", "dax"), ("^GDXI", "^GDAXI"), ("USDMXM", "USDMXN")]
)
def test_what_yahoo_never_heard_of_is_asked_back_about_and_nothing_is_stored(tmp_path, server, path, typed, meant):
    done = eventstudy("report", "--title", "X", "--at", "2023-10-04T14:00Z", "--asset", typed, "--config", path)
    assert (done.code, done.out) == (1, ""), done.err
    assert f"unknown asset (got {typed!r}); did you mean {meant!r}?" in done.err
    assert not (tmp_path / "es.db").exists()
    assert server.asked(typed)


def test_a_near_miss_that_yahoo_has_is_that_symbol(server, path):
    config, _ = loaded(path)
    symbol = new_symbol()
    near = config.model_copy(update={"assets": {**config.assets, f"{symbol}L": config.assets["GOOGL"]}})
    server.serve(symbol, chart(WEEK))
    assert place_of(near, symbol, lambda: AFTER) == ("yahoo", symbol)
    assert server.asked(symbol)
    server.fail("GOOGK", SERVER_ERROR)  # down: the pass will say so
    assert place_of(config, "GOOGK", lambda: AFTER) == ("yahoo", "GOOGK")


def test_a_name_that_is_near_nothing_is_not_asked_for(server, path):
    config, _ = loaded(path)
    assert place_of(config, "TSLA", lambda: AFTER) == ("yahoo", "TSLA")
    with pytest.raises(InputError, match="did you mean 'GOOGL'"):
        place_of(config, "googl", lambda: AFTER)
    assert server.asked("TSLA") == []
