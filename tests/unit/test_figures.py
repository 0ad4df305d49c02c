"""The charts show the numbers: heights of bars, place of the event, ends of the band."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

import pytest

from eventstudy.report.figures import rows as of_rows
from eventstudy.report.figures.assets import panels_figure
from eventstudy.report.figures.draw import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, path_figure, placebo_figure

DRAWS = [-0.01, -0.006, -0.004, -0.002, 0.0, 0.001, 0.002, 0.003, 0.005, 0.01] * 4


def window(observed: float, draws: list[float] = DRAWS, at_least: int = 0, length: int = 1) -> dict[str, Any]:
    p = (1 + at_least) / (1 + len(draws)) if draws else None
    return {"placebo": tuple(draws), "car": observed, "placebo_p": p, "window_start": 0, "window_end": length - 1}


def day(tau: int, car: float | None, se: float | None = 0.01) -> dict[str, Any]:
    return {"tau": tau, "car": car, "car_se": se, "ar": car}


def of_class(svg: str, css: str) -> list[ET.Element]:
    return [e for e in ET.fromstring(svg).iter() if e.get("class") == css]


def words(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter("text")]


def bars(svg: str, css: str) -> list[tuple[float, float]]:
    """Middle of each bar, in pixels, and its height in counts, by the scale at the side."""
    marks = {int(e.text or ""): float(e.attrib["y"]) for e in of_class(svg, "tick") if (e.text or "").isdigit()}
    one = (marks[0] - marks[max(marks)]) / max(marks)
    found = []
    for shape in of_class(svg, css):
        steps = re.findall(r"(?:v-(\S+?)h(\S+?)v\S+?z)?m(\S+) 0", shape.attrib["d"])
        place = float(shape.attrib["d"][1:].split()[0])
        for height, width, step in steps:
            if height:
                found.append((place + float(width) / 2, float(height) / one))
            place += float(step)
    return found


def dots(svg: str) -> list[tuple[float, float]]:
    (shape,) = of_class(svg, "dots")
    return [(float(x), float(y)) for x, y in re.findall(r"M(\S+) (\S+?)h0", shape.attrib["d"])]


@pytest.mark.parametrize(
    ("alternative", "observed", "extreme"),
    [("two-sided", -0.0045, 16), ("two-sided", 0.02, 0), ("less", -0.0045, 8), ("greater", 0.0025, 12)],
)
def test_the_dark_part_of_the_bars_is_the_count_of_the_test(alternative: str, observed: float, extreme: int) -> None:
    svg = placebo_figure("x", window(observed, at_least=extreme), alternative)
    assert sum(height for _, height in bars(svg, "bar tail")) == pytest.approx(extreme, abs=0.05)
    assert f"{extreme} of them were at least as extreme" in svg


def test_each_bar_stands_where_its_moves_lie_and_is_as_high_as_they_are_many() -> None:
    svg = placebo_figure("x", window(0.02), "two-sided")
    ticks = {e.text: float(e.attrib["x"]) for e in of_class(svg, "tick") if "%" in (e.text or "")}
    zero, unit = ticks["0\u202f%"], (ticks["1\u202f%"] - ticks["0\u202f%"]) / 0.01
    bin_width = 2 * 0.01 * 1.02 / 24
    expected = Counter(math.floor(move / bin_width) for move in DRAWS)  # a bin begins at zero
    found = bars(svg, "bar")
    assert [round(height) for _, height in found] == [expected[n] for n in sorted(expected)]
    middles = [zero + (n + 0.5) * bin_width * unit for n in sorted(expected)]
    assert [place for place, _ in found] == pytest.approx(middles, abs=0.3)


def test_the_event_stands_where_its_number_is() -> None:
    svg = placebo_figure("x", window(0.02), "two-sided")
    (line,) = of_class(svg, "event")
    assert line.get("x1") == line.get("x2")
    ticks = {e.text: float(e.attrib["x"]) for e in of_class(svg, "tick") if "%" in (e.text or "")}
    assert ticks["2.0\u202f%" if "2.0\u202f%" in ticks else "2\u202f%"] == pytest.approx(
        float(line.attrib["x1"]), abs=0.2
    )


@pytest.mark.parametrize("sign", [-1, 1])
def test_an_event_far_outside_is_an_arrow_not_a_line(sign: int) -> None:
    svg = placebo_figure("x", window(sign * 0.144), "two-sided")
    assert of_class(svg, "event") == []
    assert len(of_class(svg, "arrow")) == 1
    assert any("14.4\u202f%, far off this scale" in w for w in words(svg))


def test_too_few_placebos_make_no_chart() -> None:
    assert placebo_figure("x", window(0.01, draws=[]), "two-sided") == ""


def test_equal_placebos_make_a_chart() -> None:
    assert "<svg" in placebo_figure("x", window(0.0, draws=[0.0] * 20, at_least=20), "two-sided")


def test_the_band_runs_through_its_ends() -> None:
    days = [day(-1, 0.0), day(0, 0.02), day(1, 0.02, 0.03)]
    svg = path_figure("x", days, 2.0, "95 %")
    assert "the 95 % band of the last one runs from \u22124.00\u202f% to +8.00\u202f%" in svg
    ticks = {e.text: float(e.attrib["y"]) for e in of_class(svg, "tick") if "%" in (e.text or "")}
    per_percent = (ticks["0\u202f%"] - ticks["8\u202f%"]) / 8
    (now,) = of_class(svg, "point now")
    assert float(now.attrib["cy"]) == pytest.approx(ticks["0\u202f%"] - 2 * per_percent, abs=0.2)


def test_the_number_of_the_verdict_stands_beside_its_point_and_no_other_does() -> None:
    days = [day(-1, 0.0), day(0, -0.0019), day(1, 0.02)]
    (value,) = of_class(path_figure("x", days, 2.0, "95 %", verdict_at=0), "value")
    (now,) = of_class(path_figure("x", days, 2.0, "95 %", verdict_at=0), "point now")
    assert value.text == "\u22120.190\u202f%"
    assert abs(float(value.attrib["x"]) - float(now.attrib["cx"])) < 10
    assert of_class(path_figure("x", days, 2.0, "95 %"), "value") == []  # a mean path is not read at one of its points


def test_small_panels_show_the_range_that_their_title_speaks_of() -> None:
    days = [day(-1, 0.0, None), day(0, 0.01, 0.02), day(1, 0.01, 0.03)]
    svg = panels_figure("t", [("a", days, 2.0), ("b", days, 0.0)])
    (band,) = of_class(svg, "band")  # an asset without an interval has none
    outline = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", band.attrib["d"])]
    places = {e.text: float(e.attrib["y"]) - 4 for e in of_class(svg, "tick")}
    zero, per_percent = places["0\u202f%"], (places["0\u202f%"] - places["5\u202f%"]) / 5
    # 1 % and 2 x 2 %, 1 % and 2 x 3 %; then the lower side, backwards
    assert outline == pytest.approx([zero - k * per_percent for k in (5, 7, -5, -3)], abs=0.3)


def test_the_news_lies_between_two_prices() -> None:
    svg = path_figure("x", [day(t, 0.001 * t) for t in (-1, 0, 1)], 2.0, "95 %")
    (line,) = of_class(svg, "event")
    (before, _), (after, _), _ = dots(svg)
    assert float(of_class(svg, "point now")[0].attrib["cx"]) == after
    assert float(line.attrib["x1"]) == pytest.approx((before + after) / 2, abs=0.1)


def test_days_without_a_number_are_left_out() -> None:
    assert path_figure("x", [day(0, None, None)], 2.0, "95 %") == ""
    svg = path_figure("x", [day(-1, 0.0), day(0, None, None), day(1, 0.01)], 2.0, "95 %")
    assert len(dots(svg)) == 2


def test_a_flat_path_and_a_long_one_can_be_drawn() -> None:
    flat = path_figure("x", [day(t, 0.0, 0.0) for t in range(-5, 6)], 2.0, "95 %")
    assert "nan" not in flat.lower()
    offsets = [e.text for e in of_class(path_figure("x", [day(t, 0.0) for t in range(-20, 21)], 2.0, "95 %"), "tick")]
    assert "0" in offsets
    assert len([o for o in offsets if "%" not in (o or "")]) <= 13


def test_everything_is_inside_the_picture() -> None:
    for svg in (
        placebo_figure("x", window(0.02), "two-sided"),
        path_figure("x", [day(0, 0.1), day(1, -0.1)], 2.0, "95 %"),
    ):
        for element in ET.fromstring(svg).iter():
            for name, low, high in (("x1", LEFT, WIDTH - RIGHT), ("cy", TOP, HEIGHT - BOTTOM)):
                if name in element.attrib:
                    assert low - 0.1 <= float(element.attrib[name]) <= high + 0.1


def test_a_row_has_its_dot_between_the_ends_of_its_interval_on_one_scale_with_zero() -> None:
    measured = [
        of_rows.Measured(label="2022 <USDRUB>", value=0.04, low=0.01, high=0.07),
        of_rows.Measured(label="2023", value=-0.02, low=-0.05, high=0.01),
        of_rows.Measured(label="2024", value=0.0, low=None, high=None),
    ]
    svg = of_rows.rows_figure("x", measured)
    (zero,) = (float(line.attrib["x1"]) for line in of_class(svg, "zero"))
    lines = [(float(line.attrib["x1"]), float(line.attrib["x2"])) for line in of_class(svg, "whisker")]
    dots = [float(e.attrib["cx"]) for e in ET.fromstring(svg).iter() if "cx" in e.attrib]
    unit = (dots[0] - zero) / 0.04
    expected = [0.01, 0.07, -0.05, 0.01, 0.04, -0.02, 0.0]
    assert [(place - zero) / unit for place in (*lines[0], *lines[1], *dots)] == pytest.approx(expected, abs=5e-4)
    assert len(of_class(svg, "point now")) == 1  # zero lies outside of the first interval alone
    assert words(svg)[-3:] == ["2022 <USDRUB>", "2023", "2024"]
