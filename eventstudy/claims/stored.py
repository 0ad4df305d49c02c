"""The claims that an event carries, checked and written down."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

from eventstudy.claims.check import Checker
from eventstudy.claims.document import stored
from eventstudy.claims.finding import Checked
from eventstudy.instants import stamp
from eventstudy.store import claims, read


def check_event(connection: sqlite3.Connection, event_id: str) -> list[Checked]:
    """The claims of a stored event with their answers.

    Raises
    ------
    InputError
        When there is no such event.
    """
    event = read.event(connection, event_id)
    checker = Checker(connection, {**event, "asset_names": json.loads(event["assets"])})
    return [one for text in json.loads(event["claims"]) for one in checker.check(text)]


def check_stored(connection: sqlite3.Connection, event_id: str, now: dt.datetime) -> bool:
    """Check the claims of an event and store the answers; return whether any is another than before.

    Inside a transaction of the caller.
    """
    return claims.put_answers(connection, event_id, stored(check_event(connection, event_id)), stamp(now))
