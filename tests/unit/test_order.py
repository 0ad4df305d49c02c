"""The order of whole numbers is numpy's, however wide they spread."""

import numpy as np
import pytest

from eventstudy.order import stable_order


@pytest.mark.parametrize("spread", [1, 3, 1_000, 2**62])
@pytest.mark.parametrize("n", [0, 1, 257])
def test_equal_numbers_keep_their_order(n: int, spread: int) -> None:
    keys = np.random.default_rng(n).integers(-spread, spread, n)
    assert stable_order(keys).tolist() == np.argsort(keys, kind="stable").tolist()
