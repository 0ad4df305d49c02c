"""Answers as text: for a terminal, as Markdown, and in 280 characters."""

from __future__ import annotations

import re
import textwrap

from eventstudy.claims.finding import Checked

FORMS = ("text", "markdown", "short")
WIDTH, SHORT = 88, 280
# What Markdown would take for its own; what was claimed is text that nobody has checked.
_MARKED = re.compile(r"([\\`*_{}\[\]|<>~&])")


def written(found: Checked, form: str) -> str:
    """One claim with its answer."""
    return {"text": plain_text, "markdown": markdown, "short": short}[form](found)


def plain_text(found: Checked) -> str:
    """The claim, the answer, and what it rests on, in lines of 88 characters."""
    said = (text for text in (found.because, _reaction(found)) if text)
    lines = [textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ") for text in said]
    return "\n".join([f"{_quoted(found)}: {found.answer}.", *lines])


def markdown(found: Checked) -> str:
    """An item of a list; what people wrote stands there as text."""
    said = " ".join(text for text in (found.because, _reaction(found)) if text)
    return f"- {_escaped(_quoted(found))}: **{found.answer}**. {_escaped(said)}"


def short(found: Checked) -> str:
    """At most 280 characters: the claim and what it rests on are cut where they are too long, the answers never."""
    tail = f" As a reaction: {found.reaction}." if found.reaction else ""
    room = SHORT - len(tail) - len(f": {found.answer}. ")
    claim = textwrap.shorten(_quoted(found), room // 2, placeholder=" \u2026\u201d")
    because = textwrap.shorten(found.because, room - len(claim), placeholder=" \u2026")
    return f"{claim}: {found.answer}. {because}{tail}"


def _quoted(found: Checked) -> str:
    return f"\u201c{' '.join(found.text.split())}\u201d"


def _reaction(found: Checked) -> str:
    if found.reaction is None:
        return ""
    return f"That this was a reaction: {found.reaction}. {found.reaction_because}"


def _escaped(text: str) -> str:
    return _MARKED.sub(r"\\\1", text)
