"""What follows the results of a pass: the digest, and who is told of it; called by `jobs.nightly`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlite_utils import Database

from eventstudy.config.model import Config
from eventstudy.database import reading
from eventstudy.database.connection import transaction
from eventstudy.database.faults import is_damage
from eventstudy.report.digest import Digest, digest_since
from eventstudy.report.digest_page import publish_digest
from eventstudy.report.digest_text import digest_text
from eventstudy.store import states
from jobs.notify import is_wanted, notify
from jobs.outcome import MOST_TROUBLES


def publish(config: Config) -> list[str]:
    """Write the page of the night; return what went wrong: a page that cannot be made takes no result with it."""
    try:
        publish_digest(config.database, config.reports)
    except Exception as error:  # whatever it is, the results and the other pages are there
        if is_damage(error):
            raise
        return [f"the digest: {type(error).__name__}: {error}"]
    return []


def begin(config: Config, db: Database) -> None:
    """From here on somebody wants to be told; not of all that was before."""
    if config.notify is None or states.mark(db.conn, states.TOLD):
        return
    with transaction(db) as connection:
        (newest,) = connection.execute("select coalesce(max(run_id), 0) from runs").fetchone()
        states.put_mark(connection, states.TOLD, str(newest))


def tell(config: Config, db: Database, troubles: Sequence[str], *, is_bad: bool, is_new: bool = False) -> list[str]:
    """Send what nobody was told of yet to whoever the settings name; return what went wrong.

    Parameters
    ----------
    config : Config
    db : Database
        Remembers the newest pass that was told of. One that was killed, looked at single events, or whose digest
        nobody took is told of together with the next, so that a night may be told twice, but never not at all.
    troubles : sequence of str
        What went wrong in the pass beside the events; the ledger need not know all of it.
    is_bad : bool
        Whether anything went wrong.
    is_new : bool
        Whether it is news, whatever the ledger knows of it.
    """
    if config.notify is None:
        return []
    try:
        digest = _untold(config, db)
        wrong: list[str] = []
        if is_wanted(config.notify, is_news=is_new or (digest is not None and digest.is_news), is_bad=is_bad):
            told = _reasons(db, digest.night.run_ids) if digest else ()
            # a trouble may say in front what a reason is of
            rest = [trouble for trouble in troubles if not trouble.endswith(told)]
            otherwise = "something went wrong" if troubles else "a pass without news"
            words = digest_text(digest) if digest else f"Event studies: {otherwise}.\n"
            if rest:
                more = [f"and {len(rest) - MOST_TROUBLES:,} more"] if len(rest) > MOST_TROUBLES else []
                words += "\nBESIDE THE ANNOUNCEMENTS\n"
                words += "".join(f"* {trouble}\n" for trouble in [*rest[:MOST_TROUBLES], *more])
            message = digest.to_dict() if digest else {"schema": "eventstudy.digest/1"}
            wrong = notify(config.notify, words, {**message, "troubles": list(troubles)})
        if digest and not wrong:
            with transaction(db) as connection:
                states.put_mark(connection, states.TOLD, str(digest.night.run_ids[-1]))
    except Exception as error:  # to tell nobody is bad, to lose the pass would be worse
        if is_damage(error):
            raise
        return [f"nobody was told: {type(error).__name__}: {error}"]
    return wrong


def _untold(config: Config, db: Database) -> Digest | None:
    """The digest of every pass that nobody was told of; None when there is none."""
    connection = reading.connect(config.database)
    try:
        return digest_since(connection, int(states.mark(db.conn, states.TOLD)))
    finally:
        connection.close()


def _reasons(db: Database, run_ids: Sequence[int]) -> tuple[str, ...]:
    """What the ledger, and so the digest, has of what went wrong in passes."""
    found = db.conn.execute(
        "select distinct reason from run_steps where status <> 'ok' and run_id in (select value from json_each(?))",
        (json.dumps(run_ids),),
    )
    return tuple(reason for (reason,) in found if reason)
