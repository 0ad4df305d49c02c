"""The one exception tree.

EventStudyError                 root; every message says what to do; carries its exit code
├── InputError                  something the user wrote is wrong (also a ValueError)
│   ├── ConfigError             config.yaml or an EVENTSTUDY_* variable
│   ├── EventError              an announcement: its time, its title, its assets
│   └── DataError               a prices, returns or events file or frame
├── SourceError                 a price source did not give the data asked for
│   ├── UnknownSymbol           the source has never heard of the symbol
│   ├── NoDataInRange           the symbol exists, the dates asked for hold nothing
│   │   └── OutOfDate           what is installed ends before them: to be brought up to date, not waited for
│   ├── BeyondHistory           the source no longer serves bars that old
│   ├── RateLimited             slow down; transient
│   ├── SourceDown              network or server failure; transient
│   ├── MalformedAnswer         the answer is not what the source promises; transient
│   └── UnreadableFile          a file of the user's own is not there or not readable; to be mended, never "down"
├── CannotEstimate              the data do not allow this event to be studied; a reason, not a failure
│   └── AlteredPrices           stored prices are not those that came; a failure of the place they are stored in
├── NumbersDisagree             two computations of one fit differ: a fault of ours, or of a library
├── StoreError                  the results database cannot be used as asked
│   ├── Damaged                 its file, or that of a copy, is not what was written
│   └── AlteredResults          stored results of an event are not what was written: none of them is shown
└── LockHeld                    another run is active
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*:/(?:/|(?=[^/\s]*@)))([^\s\"'<>]*)", re.IGNORECASE)


class EventStudyError(Exception):
    """Root of every error that this package raises on purpose."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """To be sent to another process and back, whatever a subclass is made with."""
        return _again, (type(self), self.args, vars(self))


def _again(kind: type[EventStudyError], args: tuple[Any, ...], facts: dict[str, Any]) -> EventStudyError:
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(facts)
    return error


def without_secrets(text: str) -> str:
    """`text` with every address in it as it may be shown: without user, password, query and fragment.

    The one place that says how an address is shown. Errors pass through it, and with them what reaches logs, the
    database, pages, messages and the heartbeat.
    """
    return _ADDRESS.sub(lambda found: found[1] + re.split(r"[?#]", found[2].rpartition("@")[2])[0], text)


class InputError(EventStudyError, ValueError):
    """Something the user wrote is wrong.

    Parameters
    ----------
    problem : str
        What is wrong, as a clause.
    where : str, optional
        File, key, row or option that holds the value.
    value : object, optional
        The offending value; shown with ``repr``.
    remedy : str, optional
        What to write instead.
    """

    def __init__(self, problem: str, *, where: str = "", value: object = None, remedy: str = "") -> None:
        problem, where = without_secrets(problem), without_secrets(where)
        value = without_secrets(value) if isinstance(value, str) else value
        self.problem, self.where, self.value, self.remedy = problem, where, value, remedy
        shown = "" if value is None else f" (got {_brief(value)})"
        message = f"{where}: {problem}{shown}" if where else f"{problem}{shown}"
        super().__init__(f"{message}; {remedy}" if remedy else message)


class ConfigError(InputError):
    """A setting in config.yaml or in the environment is wrong."""


class EventError(InputError):
    """An announcement cannot be understood."""


class DataError(InputError):
    """A prices, returns or events table cannot be used."""


class SourceError(EventStudyError):
    """A price source did not give the data asked for.

    Parameters
    ----------
    problem : str
        What happened, as a clause, with the remedy where there is one.
    source, symbol : str
        Who was asked, and for what.
    """

    exit_code = 5
    transient = False

    def __init__(self, problem: str, *, source: str, symbol: str) -> None:
        self.problem, self.source, self.symbol = without_secrets(problem), source, symbol
        super().__init__(f"{symbol} from {source}: {self.problem}")


class UnknownSymbol(SourceError):
    """The source has never heard of the symbol.

    Parameters
    ----------
    problem, source, symbol : str
        As of `SourceError`.
    meant : str
        A symbol of the source that is nearly this one; empty where none is, or only the source knows.
    otherwise : str
        What to do where none is.
    """

    exit_code = 1

    def __init__(self, problem: str, *, source: str, symbol: str, meant: str = "", otherwise: str = "") -> None:
        self.meant = meant
        remedy = f"did you mean {meant!r}?" if meant else otherwise
        super().__init__(f"{problem}; {remedy}" if remedy else problem, source=source, symbol=symbol)


class NoDataInRange(SourceError):
    """The symbol exists, but the dates asked for hold no price.

    Parameters
    ----------
    problem, source, symbol : str
        As of `SourceError`.
    reach : (date or None, date or None)
        As of `eventstudy.records.Snapshot`: of days beyond it nothing is said.
    """

    exit_code = 1

    def __init__(
        self,
        problem: str,
        *,
        source: str,
        symbol: str,
        reach: tuple[dt.date | None, dt.date | None] = (None, None),
    ) -> None:
        self.reach = reach
        super().__init__(problem, source=source, symbol=symbol)


class OutOfDate(NoDataInRange):
    """What is installed ends before the dates asked for; no waiting brings them."""

    exit_code = 3


class BeyondHistory(SourceError):
    """The source no longer serves bars of this size that are this old."""

    exit_code = 1


class RateLimited(SourceError):
    """The source asks us to slow down.

    Parameters
    ----------
    problem, source, symbol : str
        As of `SourceError`.
    retry_after : float, optional
        Seconds until the source wants to be asked again, where it said so.
    """

    transient = True

    def __init__(self, problem: str, *, source: str, symbol: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        wait = "" if retry_after is None else f"; not before {retry_after:.0f} seconds have passed, it says"
        super().__init__(f"{problem}{wait}", source=source, symbol=symbol)


class SourceDown(SourceError):
    """The network or the source's server failed."""

    transient = True


class MalformedAnswer(SourceError):
    """The answer is not what the source promises."""

    transient = True


class UnreadableFile(SourceError):
    """A file of prices is not there, or cannot be understood: a mistake to mend, not a source to retry."""

    exit_code = 3


class CannotEstimate(EventStudyError):
    """The data do not allow this event and asset to be studied; the message is the reason."""


class AlteredPrices(CannotEstimate):
    """Stored prices are not those that came: no number is made of them.

    Parameters
    ----------
    asset : str
    problem : str
        What shows it.
    """

    def __init__(self, asset: str, problem: str) -> None:
        self.asset = asset
        super().__init__(f"the stored prices of {asset} are damaged: {problem}; restore a backup")


class NumbersDisagree(EventStudyError):
    """Two computations of one fit differ by more than rounding; neither can be stored.

    Parameters
    ----------
    subject : str
        The event and asset.
    quantity : str
    stored, kernel : float
        Its two values: of the library, and of the batch kernel.
    """

    def __init__(self, subject: str, quantity: str, stored: float, kernel: float) -> None:
        self.subject, self.quantity, self.stored, self.kernel = subject, quantity, stored, kernel
        super().__init__(
            f"{subject}: two computations of {quantity} disagree, {stored!r} and {kernel!r}; nothing is stored of it"
        )


class StoreError(EventStudyError):
    """The results database cannot be used as asked."""


class Damaged(StoreError):
    """The file of the results database, or of a copy of it, is not what was written."""


class AlteredResults(StoreError):
    """What is stored of an event or a collection is not what was written: no number of it is shown.

    Parameters
    ----------
    what : str
        What was altered, for people.
    event_id : str, optional
        The event that it belongs to.
    """

    def __init__(self, what: str, *, event_id: str | None = None) -> None:
        self.event_id = event_id
        self.problem = f"{what} {'are' if what.startswith('the stored results') else 'is'} not what was written"
        super().__init__(f"{self.problem}; put a sound backup in the place of the database with `eventstudy restore`")


class LockHeld(EventStudyError):
    """Another run is active on the same database."""

    exit_code = 4


def _brief(value: object, limit: int = 80) -> str:
    shown = without_secrets(repr(value))
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
