"""Numbers, times and names as a reader sees them."""

from __future__ import annotations

import re

import pytest

from eventstudy.report import as_json, text
from eventstudy.report.figures.draw import axis_number, percent_ticks
from eventstudy.report.figures.svg import Scale
from eventstudy.report.words import CODES, in_language, speaking

THIN, MINUS = "\u202f", "\u2212"


def event(earliest: str, latest: str = "", at: str = "", zone: str = "") -> dict[str, str]:
    return {"earliest": earliest, "latest": latest or earliest, "announced_at": at or earliest, "zone": zone}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-0.0023654, f"{MINUS}0.237{THIN}%"),
        (0.01856, f"+1.86{THIN}%"),
        (-0.1439, f"{MINUS}14.4{THIN}%"),
        (0.0, f"0.000{THIN}%"),
        (-1e-9, f"0.000{THIN}%"),
        (None, "\u2013"),
    ],
)
def test_percent(value: float | None, shown: str) -> None:
    assert text.percent(value) == shown


def test_the_smallest_numbers_have_no_sign() -> None:
    assert text.statistic(-0.001) == "0.00"
    assert text.statistic(-0.005001) == f"{MINUS}0.01"
    assert text.statistic(-169.8) == f"{MINUS}170"


def test_an_interval_has_one_unit_and_true_minus_signs() -> None:
    assert text.interval(-0.0164, 0.0125) == f"{MINUS}1.64 to +1.25{THIN}%"
    assert text.interval(-0.146, -0.142) == f"{MINUS}14.6 to {MINUS}14.2{THIN}%"
    assert text.interval(None, None) == "\u2013"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (104.2143, "104.214"),
        (6.8829, "6.88290"),
        (0.00755805, "0.00755805"),
        (123456.4, "123456"),
        (1234567.8, "1,234,568"),
        (0.0000123, "0.000012300"),
        (None, "\u2013"),
    ],
)
def test_a_price_has_no_exponent(value: float | None, shown: str) -> None:
    assert text.price(value) == shown


def test_p_values_never_read_as_zero_and_never_part_at_a_line_end() -> None:
    assert text.p_value(0.0) == "<0.001"
    assert text.p_value(0.05) == "0.050"
    assert [text.p_phrase(p) for p in (0.0, 0.0336, 0.161, 1.0)] == [
        "p\u00a0<\u00a00.001",
        "p\u00a0=\u00a00.034",
        "p\u00a0=\u00a00.16",
        "p\u00a0=\u00a01.00",
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (event("2015-01-15T09:30:00Z"), "15 January 2015, 09:30 UTC"),
        (event("2023-03-17T07:00:00Z", zone="Asia/Shanghai"), "17 March 2023, 07:00 UTC (15:00 in Shanghai)"),
        (
            event("2023-03-17T06:00:00Z", "2023-03-17T07:06:00Z", "2023-03-17T07:00:00Z"),
            "17 March 2023, about 07:00 UTC (between 06:00 and 07:06 UTC)",
        ),
        (event("2023-03-17T06:00:00Z", "2023-03-17T07:06:00Z"), "17 March 2023, between 06:00 and 07:06 UTC"),
        (
            event("2022-02-03T16:00:00Z", "2022-02-04T15:59:59Z", zone="Asia/Shanghai"),
            "4 February 2022 in Shanghai; the hour is not known",
        ),
        (event("2023-03-17T00:00:00Z", "2023-03-17T23:59:59Z", zone="UTC"), "17 March 2023 UTC; the hour is not known"),
        (  # an interval that is no whole day, although a zone is given
            event("2022-02-03T17:00:00Z", "2022-02-04T15:59:59Z", zone="Asia/Shanghai"),
            "between 3 February 2022, 17:00 UTC and 4 February 2022, 15:59 UTC",
        ),
        (
            event("2016-06-23T21:00:00Z", "2016-06-24T04:00:00Z", "2016-06-24T03:00:00Z"),
            "about 24 June 2016, 03:00 UTC (between 23 June 2016, 21:00 UTC and 24 June 2016, 04:00 UTC)",
        ),
    ],
)
def test_the_time_is_told_as_exactly_as_it_is_known(given: dict[str, str], shown: str) -> None:
    assert text.announced(given) == shown


def test_lists_read_as_english() -> None:
    assert [text.listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_plain_text_is_one_line_that_reads_one_way() -> None:
    assert text.plain("a\u202eb\u2066c\x1b[0m\r\nd\u2028") == "a b c [0m d"
    assert text.plain("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e", "a joiner is spelling, not a trick"


def test_a_reason_is_spoken_with_dates_as_people_write_them() -> None:
    assert text.spoken("no price on 2023-03-17; see 2023-13-99.") == "no price on 17 March 2023; see 2023-13-99"


@pytest.mark.parametrize(
    "reason",
    [
        "line 3, column date: not a date (got '17.3.2023'); write the date as 2023-03-17",
        "a date stands twice (got '2023-03-17'); keep one",
        "look at it, and `eventstudy prices confirm AAA 2023-03-17 --reason checked` says that it is right",
    ],
)
def test_what_is_to_be_typed_and_what_stands_in_a_file_stay_as_they_are(reason: str) -> None:
    assert text.spoken(reason) == reason
    assert (
        text.spoken(f"after 2023-03-17: {reason}; see 2023-03-20")
        == f"after 17 March 2023: {reason}; see 20 March 2023"
    )
    assert text.spoken("no id 'digest-2026-06-30' (2026-06-30)") == "no id 'digest-2026-06-30' (30 June 2026)"


# --- contrast (WCAG 2.2: 1.4.3 text 4.5, 1.4.11 graphics 3) -----------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palette(scheme: str) -> dict[str, str]:
    from importlib.resources import files

    style = (files("eventstudy.report") / "templates" / "style.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", rules)) for rules in re.findall(r":root {([^}]*)}", style)
    )
    assert light.keys() == dark.keys()
    return light if scheme == "light" else dark


SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def test_the_contrast_formula_knows_the_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@SCHEMES
@pytest.mark.parametrize("ground", ["paper", "wash"])
@pytest.mark.parametrize("ink", ["ink", "soft", "blue", "orange", "red"])
def test_text_stands_out(ink: str, ground: str, scheme: str) -> None:
    assert contrast(palette(scheme)[ink], palette(scheme)[ground]) >= 4.5


@SCHEMES
@pytest.mark.parametrize("ink", ["blue", "orange", "bar", "deep"])
def test_lines_and_bars_stand_out(ink: str, scheme: str) -> None:
    assert contrast(palette(scheme)[ink], palette(scheme)["paper"]) >= 3


@SCHEMES
def test_the_two_kinds_of_bar_differ_without_colour(scheme: str) -> None:
    assert contrast(palette(scheme)["deep"], palette(scheme)["bar"]) >= 3


def test_numbers_of_axes_and_of_expectations_are_written_as_the_language_writes_them() -> None:
    with speaking(in_language("de")):
        assert axis_number(1234.5, 0.5) == "1.234,5"
        assert [words for _, words in percent_ticks(Scale(-0.016, -0.004, 0, 100), 3)] == [
            f"{MINUS}{n}{THIN}%" for n in ("1,5", "1,0", "0,5")
        ]
        assert (text.about(0.54), text.about(2.0)) == ("0,5", "2")
    assert axis_number(1234.5, 0.5) == "1,234.5"


@pytest.mark.parametrize("code", CODES)
def test_a_printed_number_is_the_same_number_in_json_in_every_language(code: str) -> None:
    with speaking(in_language(code)):
        assert as_json.number_of(text.percent(-0.0019)) == -0.0019
        assert as_json.number_of(text.price(104.462)) == 104.462
        assert as_json.number_of(text.price(2_500_000.0)) == 2_500_000
        assert as_json.number_of(text.NONE) is None
        assert as_json.number_of(text.short_day("2023-03-17")) == text.short_day("2023-03-17")
