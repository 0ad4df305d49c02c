"""The claims that events carry, checked and written down."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable

from eventstudy.claims.assets import stored_assets
from eventstudy.claims.check import Checker
from eventstudy.claims.document import stored
from eventstudy.claims.prices import Reader
from eventstudy.instants import stamp
from eventstudy.store import claims, read


def check_stored(connection: sqlite3.Connection, event_ids: Iterable[str], now: dt.datetime) -> list[str]:
    """Check the claims of events and store the answers; return the events of which any is another than before.

    Inside a transaction of the caller.

    Raises
    ------
    InputError
        When there is no such event.
    """
    reader = Reader(connection, stored_assets(claims.assets(connection)))
    changed = []
    for event_id in event_ids:
        event = read.event(connection, event_id)
        checker = Checker(connection, {**event, "asset_names": json.loads(event["assets"])}, reader=reader)
        found = [one for text in json.loads(event["claims"]) for one in checker.check(text)]
        if claims.put_answers(connection, event_id, stored(found), stamp(now)):
            changed.append(event_id)
    return changed
