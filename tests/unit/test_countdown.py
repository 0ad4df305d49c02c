"""Long work says how far it is and how long it will take."""

from __future__ import annotations

from jobs.countdown import Countdown


def test_each_step_has_its_number_and_after_some_seconds_the_time_left() -> None:
    said: list[str] = []
    times = iter([0.0, 0.0, 2.0, 20.0, 900.0])
    count = Countdown(said.append, 10, clock=lambda: next(times))
    for words in ("a", "b", "c"):
        count.step(words)
    count.step("h", 5)
    # 20 s for two of ten: 80 s for eight; 900 s for five of ten: 900 s for five more
    assert said == ["1/10 a", "2/10 b", "3/10 c, about 80 s left", "6/10 h, about 15 min left"]
