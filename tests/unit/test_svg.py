"""The drawing kit: scales, ticks, escaping."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.report.figures.svg import Drawing, Scale, ticks


@given(st.floats(-1e3, 1e3), st.floats(1e-6, 1e3))
def test_ticks_are_round_few_and_inside(low: float, width: float) -> None:
    high = low + width
    marks, step = ticks(low, high)
    assert 3 <= len(marks) <= 8
    slack = 1e-9 * width + 1e-12 * abs(low)
    assert all(low - slack <= m <= high + slack for m in marks)
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(mantissa - m) for m in (1, 2, 5)) < 1e-6


def test_an_axis_from_minus_eight_to_four_percent_has_more_than_two_ticks() -> None:
    marks, step = ticks(-0.085, 0.039)
    assert step == pytest.approx(0.02)
    assert marks == pytest.approx([-0.08, -0.06, -0.04, -0.02, 0.0, 0.02])


def test_a_scale_maps_ends_to_ends_and_can_run_backwards() -> None:
    up = Scale(-1.0, 1.0, 100.0, 0.0)
    assert (up(-1.0), up(0.0), up(1.0)) == (100.0, 50.0, 0.0)


def test_a_drawing_is_well_formed_whatever_its_words_are() -> None:
    drawing = Drawing(10, 10, '"<title>&\u202e', "</desc><script>")
    drawing.text(1, 1, "<b>&\u202ex")
    root = ET.fromstring(drawing.render())
    assert root.get("role") == "img"
    assert root.get("aria-label") == '"<title>&. </desc><script>'
    assert [child.tag for child in root] == ["title", "desc", "text"]
    assert root[2].text == "<b>& x"
    assert "style=" not in drawing.render(), "the page's policy allows no inline style"
