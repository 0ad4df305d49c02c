"""Tell somebody about a pass: a program that reads the digest, a web address that gets it. Never fails the pass."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.config.model import Config, NotifyConfig
from eventstudy.database import reading
from eventstudy.database.connection import open_database, transaction, translated
from eventstudy.database.faults import is_damage
from eventstudy.errors import without_secrets
from eventstudy.report import text
from eventstudy.report.digest.night import SCHEMA, Digest, digest_of_runs
from eventstudy.report.digest.text import digest_text
from eventstudy.store import cursors, notices
from jobs.outcome import MOST_TROUBLES, PassResult

# Failures that the digest of a pass need not have: those that come after it, and of the pass as a whole.
_OUTSIDE = ("backup", "pass")

# As much of a program's complaint as a line of the ledger needs.
_COMPLAINT = 200

_TOKEN = 6  # letters of an argument that may be one


def channels(settings: NotifyConfig) -> dict[str, NotifyConfig]:
    """Channel → settings that name it alone."""
    out = {}
    if settings.command:
        out[notices.COMMAND] = settings.model_copy(update={"webhook": None})
    if settings.webhook:
        out[notices.WEBHOOK] = settings.model_copy(update={"command": ()})
    return out


def begin(config: Config, db: Database) -> None:
    """From here on whom the settings name is to be told; not of all that was before."""
    new = [name for name in channels(config.notify) if not cursors.cursor(db.conn, name)] if config.notify else []
    if new:
        with transaction(db) as connection:
            notices.begin_channels(connection, new)


def deliver(
    config: Config,
    db: Database,
    result: PassResult,
    run_id: int | None,
    now: dt.datetime,
    *,
    late: Sequence[str] | None = None,
) -> list[str]:
    """Send what was not delivered yet to whom the settings name; return what went wrong.

    What nobody took is sent again with the next pass, so that a thing may be told twice, but never not at all.

    Parameters
    ----------
    config : Config
    db : Database
    result : PassResult
        Of the pass at hand, a pass over all events.
    run_id : int or None
        Its row in the ledger, if it has one; it is told of though it has no news.
    now : datetime
        UTC.
    late : sequence of str, optional
        What went wrong after a first message, in a call for a second one.
    """
    wrong: list[str] = []
    for channel, settings in channels(config.notify).items() if config.notify else ():
        try:
            waiting = notices.undelivered(db.conn, channel)
            # that somebody stopped it is no news to them
            is_bad = bool(late) or (result.exit_code != 0 and result.status != "interrupted")
            if not is_wanted(settings.when, is_news=bool(waiting), is_bad=is_bad):
                continue
            outside = [notice for notice in waiting if notice.kind == "failure" and notice.step in _OUTSIDE]
            of = {notice.run_id for notice in waiting if notice not in outside} | ({run_id} if late is None else set())
            digest = _digest(config, [number for number in of if number is not None])
            more = [notice.reason or "" for notice in outside if notice.run_id not in of]
            more += (late or []) if run_id not in of else []
            message = {**(digest.to_dict() if digest else {"schema": SCHEMA}), "troubles": list(result.troubles)}
            failed = send(settings, _words(digest, result, more), message)
            if waiting and not failed:
                with transaction(db) as connection:
                    notices.put_delivered(connection, waiting, channel, now)
        except Exception as error:  # to tell nobody is bad, to lose the pass would be worse
            if is_damage(error):
                raise
            failed = [f"nobody was told: {type(error).__name__}: {error}"]
        wrong += failed
    result.recorded.update(result.troubles)
    return wrong


def deliver_broken(database: Path, reason: str, settings: NotifyConfig | None, now: dt.datetime) -> list[str]:
    """Write a notice that a pass broke off, or could not begin, and send it where it is news; return what went wrong.

    Raises
    ------
    StoreError
        When the database cannot be written.
    """
    with contextlib.closing(open_database(database)) as db, translated(database):
        names = channels(settings) if settings else {}
        with transaction(db) as connection:
            notices.begin_channels(connection, names)
            notices.fail(connection, "pass", "", reason, now, None)
        wrong: list[str] = []
        for channel, alone in names.items():
            waiting = [notice for notice in notices.undelivered(db.conn, channel) if notice.step == "pass"]
            failed = send_broken(alone, reason) if waiting else []
            if waiting and not failed:
                with transaction(db) as connection:
                    notices.put_delivered(connection, waiting, channel, now)
            wrong += failed
        return wrong


def send_broken(settings: NotifyConfig, reason: str) -> list[str]:
    """Send word that a pass broke off, or could not begin; return what went wrong."""
    words = f"Event studies: a pass broke off, or could not begin\n\n* {reason}\n"
    return send(settings, words, {"schema": SCHEMA, "troubles": [reason]})


def _digest(config: Config, run_ids: Collection[int]) -> Digest | None:
    with contextlib.closing(reading.connect(config.database)) as connection:
        return digest_of_runs(connection, sorted(run_ids))


def _words(digest: Digest | None, result: PassResult, outside: Sequence[str]) -> str:
    """The digest, and what went wrong that is not in it."""
    otherwise = "something went wrong" if result.troubles or outside else "a pass without news"
    words = digest_text(digest) if digest else f"Event studies: {otherwise}.\n"
    rest = list(dict.fromkeys([*result.unrecorded, *outside]))
    if rest:
        more = [f"and {len(rest) - MOST_TROUBLES:,} more"] if len(rest) > MOST_TROUBLES else []
        words += "\nBESIDE THE ANNOUNCEMENTS\n"
        words += "".join(f"* {trouble}\n" for trouble in [*rest[:MOST_TROUBLES], *more])
    return words


def is_wanted(when: str, *, is_news: bool, is_bad: bool) -> bool:
    """Whether a pass is one to tell of.

    Parameters
    ----------
    when : {"always", "changes", "failures"}
    is_news : bool
        Whether anything was studied, changed, or went wrong that had not before.
    is_bad : bool
        Whether anything went wrong.
    """
    return {"always": True, "changes": is_news, "failures": is_bad}[when]


def send(settings: NotifyConfig, words: str, message: dict[str, Any]) -> list[str]:
    """Send a message; return what went wrong, a sentence each.

    Parameters
    ----------
    settings : NotifyConfig
    words : str
        Goes to the program on standard input, as UTF-8, and into `message` under ``text``.
    message : dict
        Goes to the web address as JSON.
    """
    troubles = []
    if settings.command and (wrong := _tell_program(settings, words)):
        troubles.append(f"the digest was not taken by {settings.command[0]}: {wrong}")
    if settings.webhook:
        body = json.dumps({**message, "text": words}, ensure_ascii=False, allow_nan=False).encode()
        if wrong := _post(settings.webhook, body, settings.timeout):
            # the path of a webhook is often its password: only the host is told
            troubles.append(
                f"the digest was not taken by the webhook at {urlsplit(settings.webhook).hostname}: {wrong}"
            )
    return troubles


def _tell_program(settings: NotifyConfig, words: str) -> str | None:
    """Run the program, without a shell; return what went wrong."""
    command, timeout = settings.command, settings.timeout
    try:
        process = subprocess.Popen(  # noqa: S603  # the owner's own settings name it
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
    except (OSError, ValueError) as error:
        return f"it cannot be started ({getattr(error, 'strerror', None) or error})"
    tail = _Tail(process.stderr)
    with process:
        threading.Thread(target=_feed, args=(process.stdin, words), daemon=True).start()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            # with its children, who would live on
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return f"it took longer than {timeout:g} seconds and was ended"
        tail.join(timeout)
    if process.returncode == 0:
        return None
    words = tail.said.decode("utf-8", "replace")
    ours = [value for name, value in os.environ.items() if name.startswith("EVENTSTUDY_")]
    for part in (*command[1:], settings.webhook or "", *ours):  # of which one may be a token
        words = words.replace(part, "…") if len(part) >= _TOKEN else words
    words = without_secrets(words)
    said = text.plain(words)[-_COMPLAINT:]
    return f"it ended with exit code {process.returncode}{': ' if said else ''}{said}"


class _Tail(threading.Thread):
    """Reads what a program says to its end, and remembers the last of it."""

    def __init__(self, stream: Any) -> None:
        super().__init__(daemon=True)
        self.said = b""
        self._stream = stream
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under its hands when the program was ended
            while chunk := self._stream.read1(65536):
                self.said = (self.said + chunk)[-4 * _COMPLAINT :]


def _feed(stream: Any, words: str) -> None:
    """Give a program the words; one that does not read them has its reasons."""
    with contextlib.suppress(OSError, ValueError), stream:
        stream.write(words.encode())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A moved webhook would turn the POST into a GET that delivers nothing."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _post(address: str, body: bytes, timeout: float) -> str | None:
    """POST `body` and return what went wrong; the whole of it takes at most `timeout` seconds."""
    found: list[str | None] = []
    # a timeout of urllib's holds for each read alone: a server that sends a byte now and then would stop the pass
    worker = threading.Thread(target=lambda: found.append(_send(address, body, timeout)), daemon=True)
    worker.start()
    worker.join(timeout)
    return found[0] if found else f"no answer within {timeout:g} seconds"


def _send(address: str, body: bytes, timeout: float) -> str | None:
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"eventstudy/{__version__}"}
    try:
        request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310  # the settings allow http and https only
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"it answered {error.code}"
    except urllib.error.URLError as error:
        return text.plain(str(error.reason))[:_COMPLAINT]
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"the address cannot be used ({type(error).__name__})"  # its words may be a part of the address
