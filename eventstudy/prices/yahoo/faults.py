"""Yahoo's failures in our words: the one place where third-party exceptions are translated.

yfinance hides the HTTP status: a 401 is raised as "possibly delisted", a 500 as a JSON error. So the last answer
of the chart service is judged first, and the exception only where no answer tells more.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from eventstudy.errors import (
    BeyondHistory,
    MalformedAnswer,
    NoDataInRange,
    RateLimited,
    SourceDown,
    SourceError,
    UnknownSymbol,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of Yahoo's chart service, before yfinance reads it.

    Attributes
    ----------
    status : int
        HTTP status.
    says : str
        Yahoo's own explanation of an error; the whole text where the answer is not JSON; else empty.
    chart : dict
        ``chart.result[0]``, JSON as received; empty where the answer has none.
    retry_after : float or None
        Seconds until Yahoo wants to be asked again, where it said so.
    """

    status: int
    says: str
    chart: dict[str, Any]
    retry_after: float | None = None

    @classmethod
    def read(cls, status: int, text: str, retry_after: float | None = None) -> Answer:
        """Take apart the text of an answer, whatever it holds."""
        try:
            body = json.loads(text)
        except ValueError:
            return cls(status=status, says=text, chart={}, retry_after=retry_after)
        error = dig(body, "chart", "error") or dig(body, "finance", "error")
        words = (dig(error, "code"), dig(error, "description"))
        chart = dig(body, "chart", "result", 0)
        return cls(
            status=status,
            says=": ".join(str(word) for word in words if word),
            chart=chart if isinstance(chart, dict) else {},
            retry_after=retry_after,
        )

    @property
    def has_no_session(self) -> bool:
        """Whether Yahoo describes the symbol and gives no row, its way to say that no market was open."""
        return (
            bool(self.chart.get("meta"))
            and not self.chart.get("timestamp")
            and not dig(self.chart, "indicators", "quote", 0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an answer with one of `statuses` whose explanation matches the pattern `says` means."""

    statuses: range
    says: str = ""
    leaf: type[SourceError]
    problem: str


# The first rule that fits decides. {status} and {says} stand for what Yahoo answered.
ANSWERS: tuple[Rule, ...] = (
    Rule(
        statuses=range(429, 430),
        leaf=RateLimited,
        problem="too many requests (HTTP 429); wait, or ask for fewer symbols at once",
    ),
    Rule(
        statuses=range(200, 600),
        says="Will be right back",
        leaf=SourceDown,
        problem="Yahoo is closed for maintenance; try again later",
    ),
    Rule(
        statuses=range(500, 600),
        leaf=SourceDown,
        problem="Yahoo's server failed (HTTP {status}); try again later",
    ),
    Rule(
        statuses=range(401, 404),
        leaf=SourceDown,
        problem="Yahoo refused to talk to us (HTTP {status}); try again later, or from another network",
    ),
    # A gateway's own 404 page says nothing about the symbol: only Yahoo's words do.
    Rule(
        statuses=range(200, 500),
        says="^Not Found|may be delisted",
        leaf=UnknownSymbol,
        problem="no such symbol, or delisted; check its spelling on finance.yahoo.com",
    ),
    Rule(
        statuses=range(200, 500),
        says="Data doesn't exist for startDate",
        leaf=NoDataInRange,
        problem="Yahoo holds nothing for these dates; check when the symbol was first traded",
    ),
    Rule(
        statuses=range(200, 500),
        says="must be within the last",
        leaf=BeyondHistory,
        problem="{says}",
    ),
    Rule(
        statuses=range(400, 500),
        leaf=MalformedAnswer,
        problem="an answer that we do not understand (HTTP {status}: {says})",
    ),
)

# By class name, most specific class first, because neither library may be imported before it is needed.
EXCEPTIONS: dict[str, tuple[type[SourceError], str]] = {
    "YFRateLimitError": (RateLimited, "too many requests; wait, or ask for fewer symbols at once"),
    "YFTickerMissingError": (MalformedAnswer, "the answer holds no prices and no reason"),
    "YFException": (MalformedAnswer, "yfinance cannot use the answer ({error})"),
    "Timeout": (SourceDown, "no answer in time; check the network, or allow more time"),
    "CurlError": (SourceDown, "the connection failed ({error}); check the network"),
    "JSONDecodeError": (MalformedAnswer, "the answer is not JSON, or was cut short"),
    "Exception": (MalformedAnswer, "yfinance cannot read the answer ({kind}: {error})"),
}


def translate(error: Exception, answer: Answer | None, *, source: str, symbol: str) -> SourceError:
    """The error of ours that `error`, raised by yfinance or by its HTTP client, stands for.

    Parameters
    ----------
    error : Exception
    answer : Answer or None
        The last answer of the chart service; None when the last question got none.
    source, symbol : str
        Who was asked, and for what.
    """
    leaf, problem = _diagnose(error, answer)
    if leaf is RateLimited and answer is not None:
        return RateLimited(problem, source=source, symbol=symbol, retry_after=answer.retry_after)
    return leaf(problem, source=source, symbol=symbol)


def _diagnose(error: Exception, answer: Answer | None) -> tuple[type[SourceError], str]:
    if answer is not None:
        for rule in ANSWERS:
            if answer.status in rule.statuses and re.search(rule.says, answer.says):
                return rule.leaf, rule.problem.format(status=answer.status, says=_brief(answer.says))
        if answer.has_no_session:
            return NoDataInRange, "no session in these dates"
    name = next(cls.__name__ for cls in type(error).__mro__ if cls.__name__ in EXCEPTIONS)
    leaf, problem = EXCEPTIONS[name]
    return leaf, problem.format(kind=type(error).__name__, error=_brief(str(error).split(". See https://curl.se")[0]))


def dig(value: Any, *path: str | int) -> Any:
    """The value at the end of `path` in nested JSON; None where the path breaks off."""
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _brief(text: str, limit: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
