"""What every price source can do."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from eventstudy.records import Snapshot


class Source(Protocol):
    """A place that prices come from."""

    @property
    def name(self) -> str:
        """As named in the config and stored with every snapshot."""
        ...

    @property
    def version(self) -> str:
        """Version of the data or of the library that fetched them."""
        ...

    def fetch(self, symbol: str, start: dt.date, end: dt.date) -> Snapshot:
        """Daily prices of `symbol` for sessions in [start, end], both included.

        Raises
        ------
        SourceError
            One of its leaves; never an empty series in place of a failure.
        """
        ...
