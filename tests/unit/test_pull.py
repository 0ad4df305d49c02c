"""What a pass asks its sources for."""

from __future__ import annotations

import datetime as dt

from jobs import pull
from tests.support.passes import NOW, loaded, write_config


def test_the_days_asked_for_cover_every_placebo_day_and_no_future(tmp_path):
    config, events = loaded(write_config(tmp_path))
    found = pull.spans(config, events, NOW)
    assert set(found) == {("ecb", "USDCNY"), ("ecb", "EURUSD")}
    [(first, last)] = found["ecb", "USDCNY"]
    assert first < dt.date(2022, 9, 15) - dt.timedelta(days=120 * 7 // 5)  # the earlier of its two events
    assert dt.date(2023, 3, 17) + dt.timedelta(days=4) < last < dt.date(2023, 4, 15)
    assert found["ecb", "EURUSD"][0][0] > first  # only the later event needs it
    early = dt.datetime(2023, 3, 18, tzinfo=dt.UTC)
    assert pull.spans(config, events, early)["ecb", "USDCNY"][-1][1] == early.date()


def test_an_event_at_the_edge_of_time_does_not_end_the_pass(tmp_path):
    more = '  - {id: roman, title: Rome, announced_at: "1800-01-02T00:00Z", assets: [USDCNY]}\n'
    config, events = loaded(write_config(tmp_path, more=more))
    assert pull.spans(config, events, NOW)["ecb", "USDCNY"][0][0].year < 1800
