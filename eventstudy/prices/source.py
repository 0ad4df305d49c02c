"""What every price source can do."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from eventstudy.records import Snapshot


class Source(Protocol):
    """A place that prices come from.

    Attributes
    ----------
    name : str
        As named in the config and stored with every snapshot.
    version : str
        Version of the data or of the library that fetched them.
    """

    name: str
    version: str

    def fetch(self, symbol: str, start: dt.date, end: dt.date) -> Snapshot:
        """Daily prices of `symbol` for sessions in [start, end], both included.

        Raises
        ------
        SourceError
            One of its leaves; never an empty series in place of a failure.
        """
        ...
