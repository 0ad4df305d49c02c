"""Whether a sentence looks ahead or back where it names a date."""

from __future__ import annotations

import re

_TO_DO = (
    *("visit", "meet", "travel", "hold", "begin", "start", "release", "publish", "announce", "decide", "speak", "take"),
    *(
        "testify",
        "vote",
        "report",
        "arrive",
        "open",
        "make",
        "return",
        "discuss",
        "be",
        "leave",
        "end",
        "join",
        "raise",
    ),
    *("lift", "hike", "impose", "launch", "introduce", "complete", "close", "sell", "buy", "step", "resign"),
)
_PLANS = (
    *("will", "would", "shall", "is to", "are to", "due", "scheduled", "plans?", "planned", "planning", "expects?"),
    *("expected", "set to", "upcoming", "begins?", "starts?", "reports on", "publishes", "coming", "follows?", "may"),
    *("might", "could", "next", "looms?", "awaits?", "awaiting", "wait(?:s|ing)? for", "brace"),
    *("look(?:s|ing)? (?:ahead )?to", "(?:releas|announc)es", "takes? effect", "prepar(?:es?|ing)"),
    *("aims?", "intends?", "(?:pledg|vow)(?:es|ed|s) to", "(?<=')ll"),
)
_HABITS = "speak|meet|vote|gather|convene|testif|address|travel|arriv|host|face|decid|present|visit"
_TOLD = (
    *("said", "announced", "fell", "rose", "slipped", "dropped", "gained", "lost", "climbed", "told", "was", "were"),
    *("had", "has", "reported", "closed", "ended", "since", "after", "than", "thought", "extended", "released", "met"),
    *("published", "signed", "approved", "agreed", "raised", "cut", "hit", "touched", "left", "declared", "plunged"),
    *("won", "surged", "jumped", "tumbled", "slumped", "rallied", "weakened", "strengthened", "traded", "confirmed"),
)
_FIXED = (
    "planned",
    "scheduled",
    "set",
    "slated",
    "due",
    "pencilled in",
    "meeting",
    "summit",
    "talks",
    "vote",
    "election",
)
_AHEAD = re.compile(rf"\b(?:{'|'.join(_PLANS)}|to (?:{'|'.join(_TO_DO)})|(?:{_HABITS})(?:s|es|ies)?)\b", re.IGNORECASE)
# Right before the date alone: "until Friday", "is on 22 June".
_AHEAD_AT = re.compile(
    r"\b(?:ahead of|until|by|from|starting|before|later|is|are)(?: on)?\s+(?:the\s+)?(?:(?:end|start|beginning)\s+)?$",
    re.IGNORECASE,
)
_BACK_AT = re.compile(r"\b(?:following|after|since|despite|amid)\s+(?:the\s+)?$", re.IGNORECASE)
_BACK = re.compile(rf"\b(?:{'|'.join(_TOLD)})\b", re.IGNORECASE)
# "A run-off vote on Sunday" may be over.
_NOUN = re.compile(
    r"\b(?:an?|the|this|that|\w+-off|runoff|presidential|parliamentary|general|confidence)\s$", re.IGNORECASE
)
_PLANNED = re.compile(rf"\b(?:{'|'.join(_FIXED)}|cuts?|hikes?|moves?|increase|decision) $")
_BEFORE = 600  # characters before a date that may be of its sentence
_REACH = 80  # characters behind a date that are still of its clause


def looks_ahead(text: str, match: re.Match[str]) -> bool | None:
    """Whether the clause of a date tells of what is to come: by the word nearest before it, else behind it.

    None where no word tells.
    """
    lead = text[max(0, match.start() - _BEFORE) : match.start()]
    before = lead[max(lead.rfind(sign) for sign in (". ", "\n\n", "! ", "? ", "; ")) + 1 :]
    if _AHEAD_AT.search(before):
        return True
    if _BACK_AT.search(before):
        return False
    ahead = [found.start() for found in _AHEAD.finditer(before) if not _NOUN.search(before, 0, found.start())]
    back = [found.start() for found in _BACK.finditer(before)]
    if ahead or back:
        return max(ahead, default=-1) > max(back, default=-1)
    behind = re.split(r"[.,;]\s|\n\n", text[match.end() : match.end() + _REACH].lstrip(" ,"), maxsplit=1)[0]
    first_ahead, first_back = _AHEAD.search(behind), _BACK.search(behind)
    if first_ahead is None and first_back is None:
        return None
    return first_back is None or (first_ahead is not None and first_ahead.start() < first_back.start())


def is_planned(match: re.Match[str]) -> bool:
    """Whether a month behind "for" is of a plan: the vote for October, and not the figures for October."""
    return _PLANNED.search(match.string, max(0, match.start() - 24), match.start()) is not None
