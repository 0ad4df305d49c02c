"""The kernel of running sums equals the models it replaces, on any panel."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from unittest import mock

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.models import MODELS, batch
from eventstudy.records import Sample, StudySpec, Window

TOLERANCE = 1e-10


@st.composite
def cases(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sessions, assets = draw(st.integers(60, 400)), draw(st.integers(1, 40))
    unit, mean = draw(st.sampled_from([(0.01, 0.0), (1.0, 0.0), (1e-8, 0.0), (1.0, 100.0)]))
    x = unit * (mean + rng.standard_normal(sessions))
    y = unit * (mean + rng.standard_t(4, (sessions, assets))) + (x[:, None] - unit * mean) * rng.uniform(-1, 2, assets)
    if draw(st.booleans()):
        y[rng.random(y.shape) < 0.1] = np.nan
        x[rng.random(sessions) < 0.02] = np.nan
    if draw(st.booleans()):
        y[rng.integers(sessions), rng.integers(assets)] = 1e3 * unit  # one bad price
    m = draw(st.integers(10, 40))
    spec = StudySpec(
        model=draw(st.sampled_from(["market", "constant-mean"])),
        estimation=(-m - 6, -7),
        event_window=draw(st.sampled_from([(-5, 5), (0, 0), (-3, -1), (1, 4)])),
        windows=((0, 0),),
        min_estimation=8,
    ) if False else _spec(draw, m)
    n = draw(st.integers(1, 120))
    return y, x, rng.integers(0, sessions, n), rng.integers(0, assets, n), spec


def _spec(draw, m):
    event, windows = draw(
        st.sampled_from(
            [((-5, 5), ("0:0", "0:1", "-5:5", "2:4")), ((0, 0), ("0:0",)), ((-3, -1), ("-3:-2",)), ((1, 4), ("1:1", "2:4"))]
        )
    )
    return StudySpec(
        model=draw(st.sampled_from(["market", "constant-mean"])),
        estimation=(-m - 6, -7),
        event_window=event,
        windows=windows,
        min_estimation=8,
    )
