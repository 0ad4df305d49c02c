"""The facts of a page as Markdown, plain text, and in 280 characters; no form says more, or less certainly."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from eventstudy.report.claims import ClaimView
from eventstudy.report.linked import as_markdown, bare, markdown
from eventstudy.report.view import AssetView, EventView
from eventstudy.report.words import say

SHORTEST = 280  # characters of the short form, at most
WIDTH = 80


def as_plain_text(view: EventView, _page: str) -> str:
    """As a mail or a terminal shows it, in lines of at most 80 characters where words allow."""

    def block(words: str, indent: str = "") -> str:
        rest = "  " if indent else ""
        lines = textwrap.wrap(
            words, WIDTH, initial_indent=indent, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
        )
        return "\n".join(lines)

    parts = [block(view.title), block(_announced(view)), block(f"{view.word}. {view.lead}"), *map(block, view.rest)]
    for heading, items in _sections(view, lambda words, _row: words, bare):
        lines = [block(item, "* ") for item in items]
        parts.append("\n".join([say("form.heading", heading=block(heading)), *lines]))
    parts.append(view.command)
    return "\n\n".join(part for part in parts if part) + "\n"


def as_markdown_text(view: EventView, page: str) -> str:
    """With headings, lists and links from numbers to rows of the page; whatever a title holds stands as it is."""

    def link(words: str, row: str) -> str:
        return f"[{markdown(words)}]({page}{'#' if row else ''}{row})"

    said = [as_markdown(sentence, page) for sentence in view.linked]
    parts = [
        f"# {markdown(view.title)}",
        markdown(_announced(view)),
        f"**{view.word}.** {' '.join(said[:2])}",
        *said[2:],
    ]
    for heading, items in _sections(view, link, lambda sentence: as_markdown(sentence, page)):
        parts += [f"## {markdown(heading)}", "\n".join(f"- {item}" for item in items)]
    parts += [link(say("form.page"), ""), f"    {view.command}"]
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def as_short_text(view: EventView, _page: str) -> str:
    """Whether markets reacted, by how much and how surely, in at most 280 characters.

    A title that is too long is cut, then the numbers are left out; a sentence is cut only where it alone is too long.
    """
    sentences = view.answer[1]
    said = sentences[0]
    tested = (a for study in view.studies[:1] for a in study.assets if a.has_number)
    asset = next((a for a in tested if a.verdict == view.verdict), None)
    if asset is not None:
        longer = say("form.short_numbers", said=said, asset=asset.title, move=asset.move, p=asset.p_adjusted)
        said = longer if len(longer) < SHORTEST - 20 else said
    whole = say("form.short", title=view.title, said=said)
    if len(whole) > SHORTEST:
        room = SHORTEST - len(say("form.short", title="", said=said))
        whole = say("form.short", title=_cut(view.title, room), said=said) if room > 10 else _cut(said, SHORTEST)
    return f"{whole}\n"


def _cut(words: str, room: int) -> str:
    """Words within a room, cut at the end of one where there is such."""
    if len(words) <= room:
        return words
    head = words[: room - 1]
    return f"{head.rpartition(' ')[0] or head}\u2026"


def _announced(view: EventView) -> str:
    return say("event.scheduled" if view.kind == "context" else "event.announced", when=view.announced)


def _sections(
    view: EventView, link: Callable[[str, str], str], plain: Callable[[str], str]
) -> Iterator[tuple[str, list[str]]]:
    """Headings and what stands under them: assets, claims, and how it was measured.

    Parameters
    ----------
    view : EventView
    link : callable
        Makes words and the id of a row what the form has for a link.
    plain : callable
        Makes a sentence what the form has for one.
    """
    if view.claims:
        yield say("claims.heading"), [plain(_claim(claim)) for claim in view.claims]
    for study in view.studies:
        yield study.title, [_asset(asset, link, plain) for asset in study.assets]
    for clocked in view.by_clock:
        yield clocked.title, [" ".join(map(plain, (asset.say, *asset.facts))) for asset in clocked.assets]
    methods = [line for study in view.studies for line in study.methods]
    methods += [line for clocked in view.by_clock for line in clocked.methods]
    if methods:
        yield say("how.head"), [plain(line) for line in (*methods, *view.notes, *view.terms)]


def _claim(claim: ClaimView) -> str:
    words = say("form.claim", claim=claim.text, answer=claim.word, because=claim.because)
    if not claim.reaction:
        return words
    said = say("form.reaction", said=f"{say(f'claims.answer.{claim.reaction}')}.", because=claim.reaction_because)
    return f"{words} {say('claims.column.reaction')} {said}"


def _asset(asset: AssetView, link: Callable[[str, str], str], plain: Callable[[str], str]) -> str:
    if not asset.has_number:
        return plain(say("others.reason", Asset=asset.title, reason=asset.reason))
    names = ("move", "session", "car", "interval", "t", "placebo")
    cells = {name: link(getattr(asset, name), asset.anchor) for name in names}
    cells |= {"window": plain(asset.window), "p": link(asset.p_adjusted, asset.anchor)}
    return say("form.asset", asset=plain(asset.title), numbers=say("form.numbers", **cells), verdict=asset.word)
