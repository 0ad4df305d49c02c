"""Sizes that the literature's formulas imply for tests that ignore correlation or a rise in variance.

The cells were worked out by the authors of the statistics specification from Kolari & Pynnönen 2010 and Boehmer,
Musumeci & Poulsen 1991, not by the code under test; they are printed to one digit of a per cent. MacKinlay's 288 cells
are held in test_inference.py.
"""

from __future__ import annotations

import pytest

from eventstudy.inference import effect
from tests.support.panels import inflation

CORRELATIONS = (0.01, 0.02, 0.05, 0.10, 0.20, 0.30)
# N → true size of a nominal 5 % test, per cent, for each correlation.
PATELL = {
    5: (5.5, 5.9, 7.4, 9.8, 14.4, 18.6),
    10: (6.0, 7.1, 10.4, 15.5, 24.1, 30.8),
    30: (8.4, 11.9, 21.1, 32.1, 45.2, 52.9),
    50: (10.8, 16.4, 29.1, 42.0, 55.1, 62.1),
    100: (16.5, 25.6, 42.2, 55.3, 66.7, 72.4),
}
BMP = {
    5: (5.6, 6.2, 8.1, 11.6, 19.1, 26.9),
    10: (6.2, 7.4, 11.3, 17.7, 29.5, 39.4),
    30: (8.6, 12.3, 22.2, 34.6, 50.1, 59.9),
    50: (11.0, 16.8, 30.4, 44.4, 59.4, 67.9),
    100: (16.7, 26.1, 43.4, 57.3, 70.1, 76.7),
}


@pytest.mark.parametrize(("cells", "estimates_variance"), [(PATELL, False), (BMP, True)], ids=["patell", "bmp"])
def test_true_size_under_correlation(cells: dict[int, tuple[float, ...]], estimates_variance: bool) -> None:
    found = {
        n: [100 * effect.size_of_z(inflation(n, r, estimates_variance=estimates_variance)) for r in CORRELATIONS]
        for n in cells
    }
    for n, printed in cells.items():
        assert found[n] == pytest.approx(printed, abs=0.0501), n


def test_true_size_when_variance_doubles() -> None:
    assert 100 * effect.size_of_z(2.0) == pytest.approx(16.6, abs=0.0501)
