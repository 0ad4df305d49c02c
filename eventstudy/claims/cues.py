"""What stands around a name or a verb and decides what a sentence says of it."""

from __future__ import annotations

import re

from eventstudy.claims.claim import Bound, Course, Point, Span
from eventstudy.claims.clock import PLACES

POINTS: dict[str, Point] = {"close": "close", "open": "open", "traded": "traded", "touched": "touched"}
COURSES: dict[str, Course] = {"extended": "extended", "pared": "pared", "erased": "erased", "reversed": "reversed"}
SPANS: dict[str, Span] = {"week": "week", "month": "month", "year": "year", "day": "day"}
VERBS = {"up", "down", "flat", "neutral", *POINTS, *COURSES}
PRICED = ("size", "bound", "money", "number")  # what tells how far
PRONOUN = re.compile(
    r"(?:it|they|that|the (?:currency|index|pair|stock|shares|gauge|benchmark|unit|contract|metal)|"
    r"(?P<company>(?:the )?(?:shares|stock) (?:of|in) the \w+|"
    r"the (?:company|group|firm|bank|lender)(?:'s (?:shares|stock))?))\b",
    re.IGNORECASE,
)
NOUN_BEFORE = re.compile(
    r"(?:\b(?:an?|the|its|their|this|that|earlier|early|previous|of|after|some|most|all)|%|percent|cent|-day|'s)$"
)
# What "extended", "pared" and their like must be followed by: "cut losses", not "cut rates".
OBJECT = re.compile(
    r"\s(?:its|their|the|this|last|\w+day's|an?|earlier|early|some|most|all|much|part|previous|losses|gains|"
    r"\w+ (?:losses|gains))\b"
)
OF, AT = re.compile(r"\sof\s"), re.compile(r"\s(?:at|near|around)\b")
AMONG = re.compile(r"\s(?:in|among|of|for)\b")
NEAR = 60  # characters before a word among which a rule looks for others
TO = re.compile(r"\b(?:to|at|near|of|is|was|below|above|under|over|past|through|level)$")
ROUGHLY = re.compile(r"\b(?:about|around|nearly|almost|just)$")
RECORD = re.compile(r"\b(?:an?\s)?(?:fresh\s|new\s)?(?:record|all-time (?:high|low))(?:\sof)?$")
NO_BREAK = (",", "(", ")", '"', "--", "and", "before", "after", "with")
# What says where or of whom a name is, between it and its verb: "wheat futures in Chicago", "copper on the LME".
WHERE = re.compile(
    r"\s*(?:contracts? |futures |prices? )?(?:in|on|at|for) (?:the )?[A-Z][\w.&-]*(?: [A-Z][\w.&-]*)*"
    r"(?: delivery| settlement)?\s*"
)
IT = re.compile(r"\b(?:it|they)\s*$", re.IGNORECASE)
# A name that nobody knows, in front of a comma: one to four words in capitals.
STRANGER = re.compile(
    r"\s*(?:(?:and|but|while) )?((?!(?:In|On|At|For|By|After|Before|Since|But|And|While|When|As)\b)[A-Z][\w.&'-]*"
    r"(?: [A-Z][\w.&'-]*){0,3})\s*"
)
SIDE = re.compile(r"\b(?:on|of|about|by|from|in|for|with|to|like)(?: the| an?)?$")
CLOCK_NOUN = re.compile(rf"\b(?:by|at|the|near|into|before|after|since|market|{'|'.join(PLACES)})$")
# A time of day behind one of these is that of the news, not of the price: "the announcement, made before 0800 GMT".
ISSUED = re.compile(r"\b(?:made|issued|published|released|announced|delivered)\b", re.IGNORECASE)
FOLLOWED = re.compile(r"\b(?:track|follow|mirror|echo|outpac|outperform|lag|trail)(?:e?d|ing|s)?(?: the)?$")
EACH = re.compile(r"\brespectively\b", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d")
OUTSIDE = "it speaks of trading outside of the session, of which there are no prices"
TO_DO = re.compile(r"\sto\s(?!(?:as|about|around|near|below|above|its|their|the|an?)\b)[a-z]")
GIVES = ("gave up", "giving up", "surrendered", "surrendering")
STOPGAP = re.compile(r"\s*(?:(?:last|recently|currently|now|still|most|trading|quoted|at|about|around|near|just)\s+)*$")
WORD = re.compile(r"[A-Za-z][\w&'.-]*|'s\b")


def crossed(before: str) -> Bound | None:
    """A price that was crossed: "fell below 80"."""
    found = re.search(r"\b(below|under|above|over|past|through|near)$", before)
    if found is None:
        return None
    return "about" if found[1] == "near" else "less than" if found[1] in ("below", "under") else "more than"
