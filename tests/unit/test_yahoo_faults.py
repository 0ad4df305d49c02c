"""Every exception and every answer that Yahoo's side can produce has one meaning."""

import inspect
import json

import curl_cffi.requests.exceptions as curl_errors
import pytest
import yfinance.exceptions as yfinance_errors

from eventstudy.errors import BeyondHistory, MalformedAnswer, NoDataInRange, RateLimited, SourceDown, UnknownSymbol
from eventstudy.prices.yahoo.faults import ANSWERS, EXCEPTIONS, Answer, translate

BOOM = ValueError("boom")


def meaning(error, status=None, text=""):
    answer = None if status is None else Answer.read(status, text)
    return translate(error, answer, source="yahoo", symbol="GS")


def refused(code, description):
    return json.dumps({"chart": {"result": None, "error": {"code": code, "description": description}}})


def _third_party_exceptions():
    for module in (yfinance_errors, curl_errors):
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, Exception) and not issubclass(cls, Warning):
                yield cls


THIRD_PARTY = list(_third_party_exceptions())


@pytest.mark.parametrize("cls", THIRD_PARTY, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_exception_of_both_libraries_is_translated_by_a_row_of_its_own_family(cls):
    rows = [base.__name__ for base in cls.__mro__ if base.__name__ in EXCEPTIONS]
    assert rows[0] != "Exception" or cls is yfinance_errors.YFNotImplementedError
    error = cls.__new__(cls)
    assert type(meaning(error)) is EXCEPTIONS[rows[0]][0]


def test_every_row_names_a_class_that_exists():
    known = {base.__name__ for cls in THIRD_PARTY for base in cls.__mro__}
    assert set(EXCEPTIONS) <= known


@pytest.mark.parametrize(
    ("error", "leaf"),
    [
        (yfinance_errors.YFRateLimitError(), RateLimited),
        (yfinance_errors.YFPricesMissingError("GS", ""), MalformedAnswer),
        (yfinance_errors.YFTzMissingError("GS"), MalformedAnswer),
        (yfinance_errors.YFDataException("odd"), MalformedAnswer),
        (curl_errors.Timeout("slow"), SourceDown),
        (curl_errors.ConnectTimeout("slow"), SourceDown),
        (curl_errors.DNSError("no such host"), SourceDown),
        (curl_errors.SSLError("bad certificate"), SourceDown),
        (curl_errors.ChunkedEncodingError("cut"), SourceDown),
        (json.JSONDecodeError("Expecting value", "<html>", 0), MalformedAnswer),
        (KeyError("currency"), MalformedAnswer),
        (TypeError("odd"), MalformedAnswer),
    ],
    ids=lambda value: type(value).__name__,
)
def test_without_an_answer_the_exception_decides(error, leaf):
    assert type(meaning(error)) is leaf


@pytest.mark.parametrize(
    ("status", "text", "leaf"),
    [
        (404, refused("Not Found", "No data found, symbol may be delisted"), UnknownSymbol),
        (200, refused("Not Found", "No data found, symbol may be delisted"), UnknownSymbol),
        (404, "<html>404 page of a gateway</html>", MalformedAnswer),
        (429, "Too Many Requests", RateLimited),
        (429, refused("Not Found", "No data found, symbol may be delisted"), RateLimited),
        (500, "Internal Server Error", SourceDown),
        (500, refused("Not Found", "No data found, symbol may be delisted"), SourceDown),
        (502, "<html>Will be right back...</html>", SourceDown),
        (503, "", SourceDown),
        (200, "<html>\n<p>Will be right back...</p></html>", SourceDown),
        (401, '{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}', SourceDown),
        (403, "", SourceDown),
        (400, refused("Bad Request", "Data doesn't exist for startDate = 1, endDate = 2"), NoDataInRange),
        (422, refused("Unprocessable Entity", "The requested range must be within the last 60 days."), BeyondHistory),
        (422, refused("Unprocessable Entity", "Only 7 days worth of 1m granularity data are allowed"), MalformedAnswer),
        (418, "teapot", MalformedAnswer),
        (200, "<html>cookies?</html>", MalformedAnswer),
        (
            200,
            '{"chart":{"result":[{"meta":{"currency":"USD"},"indicators":{"quote":[{}]}}],"error":null}}',
            NoDataInRange,
        ),
        (200, '{"chart":{"result":[{"meta":{},"indicators":{"quote":[{}]}}],"error":null}}', MalformedAnswer),
        (200, '{"chart":{"result":null,"error":null}}', MalformedAnswer),
        (200, "[]", MalformedAnswer),
        (200, "null", MalformedAnswer),
        (200, '{"chart":"no"}', MalformedAnswer),
        (200, '{"chart":{"result":["no"],"error":"no"}}', MalformedAnswer),
    ],
)
def test_an_answer_is_judged_before_the_exception(status, text, leaf):
    assert type(meaning(BOOM, status, text)) is leaf


def test_a_prices_missing_error_never_means_that_there_was_nothing():
    # yfinance's words for a 401, a null result and a closed market alike
    error = yfinance_errors.YFPricesMissingError("GS", "(1d 2023-10-02 -> 2023-10-10)")
    assert meaning(error).transient
    assert meaning(error, 401, "").transient


def test_what_yahoo_says_is_shown_on_one_short_line():
    error = meaning(BOOM, 418, "{tea}\n" * 200)
    assert "HTTP 418: {tea} {tea}" in str(error)
    assert len(str(error)) < 260
    assert "\n" not in str(error)


def test_the_error_knows_whom_and_what_was_asked():
    error = meaning(curl_errors.Timeout("slow"))
    assert (error.source, error.symbol) == ("yahoo", "GS")
    assert str(error).startswith("GS from yahoo: ")


def test_every_rule_can_be_reached():
    seen = set()
    for status in (200, 400, 401, 403, 404, 422, 429, 500):
        for says in (
            "",
            "Will be right back",
            "Not Found",
            "Data doesn't exist for startDate",
            "must be within the last",
        ):
            error = meaning(BOOM, status, refused("", says))
            seen |= {rule.problem for rule in ANSWERS if rule.problem.split("{")[0] in str(error)}
    assert seen == {rule.problem for rule in ANSWERS}
