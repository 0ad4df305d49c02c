"""One file over the network, whole or an error of ours."""

from __future__ import annotations

import datetime as dt

import stamina

from eventstudy.errors import RateLimited, SourceDown
from eventstudy.prices.source import seconds_to_wait, wait_or_give_up

# stamina would say each retry on the terminal, with the address
stamina.instrumentation.set_on_retry_hooks([])

LONGEST_WAIT = 60.0  # seconds that a source may ask us to wait within a pass


def download(url: str, *, timeout: float, attempts: int, source: str, symbol: str) -> bytes:
    """The body of `url`.

    Parameters
    ----------
    url : str
    timeout : float
        Seconds for one attempt, body included.
    attempts : int
        How often a failure is tried in all, with exponential back-off.
    source, symbol : str
        For the error.

    Raises
    ------
    SourceError
        `RateLimited` or `SourceDown`.
    """
    caller = stamina.RetryingCaller(attempts=attempts, timeout=None, wait_initial=0.5, wait_max=30.0, wait_jitter=0.5)
    return caller(wait_or_give_up(LONGEST_WAIT), _once, url, timeout, source, symbol)


def _once(url: str, timeout: float, source: str, symbol: str) -> bytes:
    from curl_cffi import requests

    try:
        answer = requests.get(url, timeout=timeout)
    except requests.exceptions.RequestException as error:
        words = str(error).split(". See https://curl.se")[0]
        raise SourceDown(f"{url} cannot be reached ({words})", source=source, symbol=symbol) from error
    if answer.status_code == 429:
        wait = seconds_to_wait(answer.headers.get("Retry-After"), dt.datetime.now(dt.UTC))
        raise RateLimited(f"too many requests to {url} (HTTP 429)", source=source, symbol=symbol, retry_after=wait)
    if answer.status_code != 200:
        raise SourceDown(f"{url} answers HTTP {answer.status_code}; check the url", source=source, symbol=symbol)
    body: bytes = answer.content
    return body
