"""Whether the database still gives a page: the page says what it is, is made again, and both are compared."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from eventstudy.config.model import Config
from eventstudy.database import reading
from eventstudy.errors import InputError
from eventstudy.report.appearance import appearing
from eventstudy.report.asset_page import render_asset
from eventstudy.report.collection_page import render_collection
from eventstudy.report.digest.night import digest_of_day
from eventstudy.report.digest.page import render_digest
from eventstudy.report.index_page import index_files
from eventstudy.report.page import render_event
from eventstudy.report.text import plain
from eventstudy.report.words import CODES, say
from eventstudy.store import content

_WHAT = re.compile(r'<meta name="eventstudy-page" content="([a-z]+)(?: ([^"]*))?">')
_LANGUAGE = re.compile(r'<html lang="([A-Za-z-]+)">')
_INPUT = re.compile(r">[^<>]*?([A-Za-z0-9_-]+): <code>([0-9a-f]{64})</code>")
_VERSION = re.compile(r"<p>eventstudy (\S+?)\. ")
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_DATA = re.compile(r"<script.*?</script>", re.DOTALL)
LONGEST = 160  # of a line that is shown


@dataclass(frozen=True, slots=True)
class Checked:
    """What a page is, and whether it is still what the database gives.

    Attributes
    ----------
    kind, name : str
        ``event``, ``collection``, ``asset``, ``index`` or ``digest``, and its id.
    sentences : tuple of str
        The answer, then what differs, causes first.
    is_same : bool
        Byte by byte.
    """

    kind: str
    name: str
    sentences: tuple[str, ...]
    is_same: bool


def check_page(path: Path, config: Config, *, theme: Path | None = None) -> Checked:
    """Make a page again from the database of the settings, in its own language, and compare the bytes.

    Raises
    ------
    InputError
        When it is no page that the database could give.
    AlteredResults
        When its results are not what was written.
    """
    page, kind, name = read_page(path)
    if kind == "study":
        raise InputError(
            "is a page of `eventstudy study`, made of files",
            where=str(path),
            remedy="run the command that stands on it again",
        )
    code = _LANGUAGE.search(page)
    with appearing(config, language=code[1] if code and code[1] in CODES else "", folder=theme):
        new = _made(kind, name, path, config)
    with appearing(config):
        differences = tuple(_differences(page, new)) if new != page else ()
        key, size = "check.differs" if differences else "check.same", len(page.encode())
        said = say(key, what=say(f"check.{kind}", id=name), n=size)
    return Checked(kind, name, (said, *differences), not differences)


def read_page(path: Path) -> tuple[str, str, str]:
    """A page of ours, and the kind and the id that it says it has.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        page = path.read_bytes().decode()  # every byte: a page is compared by them
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path), remedy="name a page of the reports") from None
    what = _WHAT.search(page)
    if what is None:
        raise InputError(
            "is no page of a database",
            where=str(path),
            remedy="name the page of an event, a collection, an asset, the index or a digest",
        )
    return page, what[1], unescape(what[2] or "")


def _made(kind: str, name: str, path: Path, config: Config) -> str:
    folder = path.resolve().parent
    if kind == "asset" or (kind == "index" and name):
        folder = folder.parent
    pages = {other.stem for other in folder.glob("*.html")}
    if kind == "collection":
        return render_collection(config.database, name)
    if kind == "index":
        wanted = f"index/{name}.html" if name else "index.html"
        return next((page for at, page in index_files(config.database, pages) if at == wanted), "")
    connection = reading.connect(config.database)
    try:
        if kind == "event":
            content.refuse_altered(connection, name)
            return render_event(connection, name)[0]
        if kind == "asset":
            content.refuse_altered_asset(connection, name)
            return render_asset(connection, name, pages)
        digest = digest_of_day(connection)
    finally:
        connection.close()
    if digest is None or digest.night.date != name:
        raise InputError(
            "is the digest of another day than the newest",
            where=str(path),
            value=name,
            remedy="only the newest digest can be made again",
        )
    return render_digest(digest, pages)


def _differences(old: str, new: str) -> Iterator[str]:
    """Causes, as far as the pages tell them; then the first line that differs."""
    versions = [_VERSION.search(page) for page in (old, new)]
    if versions[0] and versions[1] and versions[0][1] != versions[1][1]:
        yield say("check.version", old=versions[0][1], new=versions[1][1])
    before, after = (dict(_INPUT.findall(page)) for page in (old, new))
    for study in dict.fromkeys((*before, *after)):
        if study not in after:
            yield say("check.no_input", study=study)
        elif study not in before:
            yield say("check.new_input", study=study)
        elif before[study] != after[study]:
            yield say("check.input", study=study, old=before[study][:12], new=after[study][:12])
    style = _STYLE.search(old)
    if style and style[0] not in new:
        yield say("check.style")
        new = _STYLE.sub(lambda _: style[0], new)
    parts = [[_without(page, _STYLE, _DATA), _without(page, _STYLE)] for page in (old, new)]
    yield from next((lines for both in zip(*parts, strict=True) if (lines := list(_first_line(*both)))), [])


def _without(page: str, *parts: re.Pattern[str]) -> list[str]:
    """The lines of a page, where the lines of some parts and the policy that names the style sheet are empty."""
    for part in parts:
        page = part.sub(lambda found: "\n" * found[0].count("\n"), page)
    return re.sub(r"'sha256-[^']*'", "", page).split("\n")


def _first_line(old: list[str], new: list[str]) -> Iterator[str]:
    heading = say("check.head")
    for n, (was, is_now) in enumerate(itertools.zip_longest(old, new, fillvalue=""), 1):
        if was != is_now:
            yield say("check.line", n=n, heading=heading, old=_shown(was, is_now), new=_shown(is_now, was))
            return
        if found := re.match(r"<h[1-4][^>]*>(.*?)</h", is_now):
            heading = _words(found[1])


def _shown(line: str, other: str) -> str:
    """The words of a line, from a little before where they differ from the other's."""
    words, others = _words(line), _words(other)
    if words == others:
        words, others = line, other
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(words, others, strict=False)))
    start = max(0, same - 40)
    start = words.rfind(" ", 0, start) + 1 if start else 0
    shown = words[start : start + LONGEST]
    return ("\u2026" if start else "") + shown + ("\u2026" if start + LONGEST < len(words) else "")


def _words(line: str) -> str:
    return plain(re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", line))))
