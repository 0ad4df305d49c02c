"""Tell somebody about a night: a program that reads the digest, a web address that gets it. Never fails a pass."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from eventstudy import __version__
from eventstudy.config.model import NotifyConfig
from eventstudy.report import text

# As much of a program's complaint as a line of the ledger needs.
_COMPLAINT = 200


def is_wanted(settings: NotifyConfig, *, is_news: bool, is_bad: bool) -> bool:
    """Whether the night is one to tell of.

    Parameters
    ----------
    settings : NotifyConfig
    is_news : bool
        Whether anything was studied, changed, or went wrong that had not before.
    is_bad : bool
        Whether anything went wrong.
    """
    return {"always": True, "changes": is_news, "failures": is_bad}[settings.when]


def notify(settings: NotifyConfig, words: str, message: dict[str, Any]) -> list[str]:
    """Send the digest; return what went wrong, a sentence each.

    Parameters
    ----------
    settings : NotifyConfig
    words : str
        Goes to the program on standard input, as UTF-8, and into `message` under ``text``.
    message : dict
        Goes to the web address as JSON.
    """
    troubles = []
    if settings.command and (wrong := _tell_program(settings.command, words, settings.timeout)):
        troubles.append(f"the digest was not taken by {settings.command[0]}: {wrong}")
    if settings.webhook:
        body = json.dumps({**message, "text": words}, ensure_ascii=False, allow_nan=False).encode()
        if wrong := _post(settings.webhook, body, settings.timeout):
            # the path of a webhook is often its password: only the host is told
            troubles.append(
                f"the digest was not taken by the webhook at {urlsplit(settings.webhook).hostname}: {wrong}"
            )
    return troubles


def _tell_program(command: Sequence[str], words: str, timeout: float) -> str | None:
    """Run the program, without a shell; return what went wrong."""
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
    said = text.plain(tail.said.decode("utf-8", "replace"))[-_COMPLAINT:]
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
        return f"{type(error).__name__}: {text.plain(str(error))[:_COMPLAINT]}"
