"""What follows the results of a pass: the digest, and who is told of it. One call of `jobs.nightly`."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.config import Config
from eventstudy.errors import InputError
from eventstudy.ledger import Run
from eventstudy.report.digest import Digest, digest_of_run
from eventstudy.report.digest_page import publish_digest
from eventstudy.report.digest_text import digest_text
from eventstudy.store import read
from jobs.notify import is_wanted, notify


def publish(config: Config) -> list[str]:
    """Write the page of the night; return what went wrong: a page that cannot be made takes no result with it."""
    try:
        publish_digest(config.database, config.reports)
    except Exception as error:  # noqa: BLE001  # whatever it is, the results and the other pages are there
        return [f"the digest: {type(error).__name__}: {error}"]
    return []


def tell(config: Config, record: Run, troubles: Sequence[str], *, is_bad: bool) -> list[str]:
    """Send the digest of the pass to whoever the settings name; return what went wrong.

    Parameters
    ----------
    config : Config
    record : Run
        Finished; it has no row in the ledger when the pass had no news.
    troubles : sequence of str
        What went wrong in the pass beside the events; the ledger need not know all of it.
    is_bad : bool
        Whether anything went wrong.
    """
    if config.notify is None:
        return []
    try:
        digest = _of(config, record)
        is_news = digest is not None and digest.is_news
        if not is_wanted(config.notify, is_news=is_news, is_bad=is_bad):
            return []
        words = digest_text(digest) if digest else "Event studies: a pass without news.\n"
        if troubles:
            words += "\nTROUBLES OF THE PASS\n" + "".join(f"* {trouble}\n" for trouble in troubles)
        message = digest.to_dict() if digest else {"schema": "eventstudy.digest/1"}
        return notify(config.notify, words, {**message, "troubles": list(troubles)})
    except Exception as error:  # noqa: BLE001  # to tell nobody is bad, to lose the pass would be worse
        return [f"nobody was told: {type(error).__name__}: {error}"]


def _of(config: Config, record: Run) -> Digest | None:
    """The digest of the pass; None when it left no row."""
    if record.run_id is None:
        return None
    connection = read.connect(config.database)
    try:
        return digest_of_run(connection, record.run_id)
    except InputError:
        return None  # the transaction that wrote the row was rolled back
    finally:
        connection.close()
