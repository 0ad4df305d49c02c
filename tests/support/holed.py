"""Prices with holes, and events of which some have no place: small, and with what studies must not stumble over."""

from __future__ import annotations

import numpy as np
import pandas as pd


def tables(n_events: int = 700, n_assets: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Prices with holes, a delisting and a slip of the pen; events in two groups, some without a place."""
    rng = np.random.default_rng(17)
    days = pd.bdate_range("2015-01-01", periods=400)
    market = rng.normal(0, 0.01, days.size)
    moves = market[:, None] * rng.uniform(0.5, 1.5, n_assets) + rng.normal(0, 0.02, (days.size, n_assets))
    logs = np.cumsum(np.column_stack([market, moves]), axis=0)
    prices = pd.DataFrame(100 * np.exp(logs), columns=["MKT", *(f"A{i:02d}" for i in range(n_assets))])
    prices.iloc[300:305, 3] = np.nan
    prices.iloc[350:, 5] = np.nan
    prices.iloc[200, 4] *= 100
    prices.insert(0, "date", days.strftime("%Y-%m-%d"))
    at = rng.integers(115, days.size, n_events)
    events = pd.DataFrame(
        {
            "event_id": [f"e{i:04d}" for i in range(n_events)],
            "asset": [f"A{a:02d}" for a in rng.integers(0, n_assets + 1, n_events)],
            "date": days[at].strftime("%Y-%m-%d"),
            "group": rng.choice(["x", "y"], n_events),
        }
    )
    return prices, events
