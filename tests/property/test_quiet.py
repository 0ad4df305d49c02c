"""A column that is taken for quiet without being examined has no price in doubt when it is."""

import numpy as np

from eventstudy.evidence.flags import FLAGS
from eventstudy.evidence.quiet import is_quiet
from eventstudy.evidence.rules import examine, quotes_of_days

DAYS, COLUMNS = 120, 4_000
SESSIONS = np.datetime64("2020-01-01") + np.arange(DAYS + 1)


def _moves() -> np.ndarray:
    """Log returns with jumps, jumps taken back, still prices, tenfold prices and holes, near every limit."""
    rng = np.random.default_rng(20261129)
    moves = rng.choice([0.001, 0.01, 0.03], COLUMNS) * rng.standard_t(3, (DAYS, COLUMNS))
    for j in range(COLUMNS):
        day = int(rng.integers(1, DAYS - 40))
        size = float(rng.choice([-1, 1]) * rng.uniform(0.02, 0.4))
        match j % 6:
            case 1:  # a jump that is taken back, or nearly
                moves[day : day + 2, j] = size, -size * (1 + rng.uniform(-0.25, 0.25))
            case 2:  # a price that stands still
                moves[day : day + int(rng.integers(2, 10)), j] = 0.0
            case 3:  # a power of ten, for one day or for ever
                moves[day : day + 2, j] = np.log(10.0 ** rng.integers(1, 4)) * np.array([1.0, -float(rng.integers(2))])
            case 4 if j % 12 == 4:  # a crash
                moves[day, j] = -abs(size) * 3
            case 4:  # another level for some days
                moves[[day, day + int(rng.integers(2, 12))], j] = size, -size * (1 + rng.uniform(-0.15, 0.15))
            case 5 if j % 12 == 5:
                moves[day, j] = np.nan
            case 5:  # another level for a while
                length = int(rng.integers(2, 39))
                moves[day, j], moves[day + length, j] = size, -size * (1 + rng.uniform(-0.15, 0.15))
    return moves


def test_no_price_of_a_quiet_column_is_in_doubt() -> None:
    moves = _moves()
    simple = np.expm1(moves)
    prices = 50 * np.exp(np.vstack([np.zeros(COLUMNS), np.cumsum(moves, axis=0)]))
    in_doubt = np.array(
        [
            any(FLAGS[flag.rule][1] == "in doubt" for flag in examine(quotes_of_days(SESSIONS, prices[:, j])))
            for j in range(COLUMNS)
        ]
    )
    assert in_doubt.sum() > COLUMNS / 6  # the columns do try every limit
    for quiet in (is_quiet(moves, "log"), is_quiet(simple, "simple")):
        assert not (quiet & in_doubt).any()
        assert quiet[::6].mean() > 0.75  # and plain ones are spared the examination


def test_a_missing_number_is_never_quiet() -> None:
    moves = np.full((50, 3), 0.01) * np.array([1.0, -1.0])[np.arange(50) % 2][:, None]
    moves[20, 1], moves[0, 2] = np.nan, np.inf
    assert is_quiet(moves, "log").tolist() == is_quiet(np.expm1(moves), "simple").tolist() == [True, False, False]
