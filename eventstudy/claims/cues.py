"""What stands around a name or a verb and decides what a sentence says of it."""

from __future__ import annotations

import re

from eventstudy.claims.claim import Bound, Course, Point, Span
from eventstudy.claims.clock import AS_OF, PLACES
from eventstudy.claims.lexicon import ASIDES

POINTS: dict[str, Point] = {"close": "close", "open": "open", "traded": "traded", "touched": "touched"}
COURSES: dict[str, Course] = {"extended": "extended", "pared": "pared", "erased": "erased", "reversed": "reversed"}
SPANS: dict[str, Span] = {"week": "week", "month": "month", "year": "year", "day": "day"}
VERBS = {"up", "down", "flat", "neutral", *POINTS, *COURSES}
PRICED = ("size", "bound", "money", "number")  # what tells how far
# "the index" and "the shares of the company", with what kind of thing they point to.
KINDS = {"currency": "currency", "unit": "currency", "pair": "currency"}
KINDS |= {"index": "index", "gauge": "index", "benchmark": "index", "average": "index", "measure": "index"}
_FIRM = (
    "company|group|firm|bank|lender|chipmaker|maker|carmaker|automaker|drugmaker|giant|retailer|airline|carrier|insurer"
)
_FIRM += "|miner|brewer|manufacturer"
KINDS |= dict.fromkeys(("stock", "shares", *_FIRM.split("|")), "company")
KINDS |= dict.fromkeys(("metal", "contract", "commodity"), "commodity")
KINDS |= dict.fromkeys(("token", "cryptocurrency", "coin"), "crypto") | {"yield": "yield"}
_KIND = "|".join(KINDS)
# What stands in no name for a thing that was named before: "the decision of the bank", "the central bank".
_NOT_OF_IT = "of|by|on|in|at|for|to|that|as|and|or|the|an?|with|from|its|their|central|world|reserve|other|rest"
POINTED = re.compile(
    rf"\s*(?:that )?(?:(?:the )?(?:shares|stock) (?:of|in) )?(?:the|its) (?:(?:benchmark|broader|cash|main|blue-chip|"
    rf"local|precious|most-active|front-month) )?({_KIND})\b(?:'s (?:shares|stock))?|"
    rf"\s*(?:(?:the )?(?:shares|stock) (?:of|in) )?the (?:(?!(?:{_NOT_OF_IT})\b)[\w.-]+ ){{1,3}}?({_FIRM})\b"
    r"(?:'s (?:shares|stock))?",
    re.IGNORECASE,
)
PRONOUN = re.compile(rf"it\b|they\b|that\b|{POINTED.pattern}", re.IGNORECASE)
# "Spot prices were down": of the commodity that was spoken of.
PRICES = re.compile(r"(?:spot |futures )?prices\b", re.IGNORECASE)
# A change that is not of a price: "a 5% drop in sales".
NOT_OF_PRICES = re.compile(
    r"\s(?:in|of) (?:[\w'-]+ ){0,3}?(?:sales|revenues?|profits?|earnings|income|output|production|demand|orders|"
    r"deliveries|shipments|bookings|users|subscribers|inflation|wages|exports|imports)\b"
)
# What is not the claim's own where it stands behind one of `ASIDES` and another subject.
DETAILS = (
    *("size", "money", "number", "bound", "range", "extent", "weekday", "minute", "biggest", "most", "extreme"),
    *("first_time", "week", "month", "year", "other_time", "in_age", "higher", "lower"),
)
# "For the week:", and what stands beneath: "The S&P 500 is down 4.5%".
STANDS = re.compile(r"\b(?:is|are) (?:up|down|off)\b")
HEADING = re.compile(r"(?:for|over|on) (?:the )?(week|month|quarter|year|\w+day) ?:", re.IGNORECASE)
# "Key figures around 1540 GMT", and what stands beneath: "Paris - CAC 40: UP 0.4 percent at 8,040.12".
LIST = re.compile(rf"\b(?:figures|prices|levels|rates)\s{AS_OF}\W*$", re.IGNORECASE)
LISTED = re.compile(r"[^:]{1,60}:\s")
# "in late New York trade", "during London trading"
TRADE_NOUN = re.compile(r"\b(?:in|during|amid)(?: [\w.'-]+){0,3}$")
SIGNS = {"au$": "AUD", "ca$": "CAD"}
SIGNS |= {"nz$": "NZD", "a$": "AUD", "c$": "CAD", "hk$": "HKD", "s$": "SGD", "\u20ac": "EUR", "\u00a3": "GBP"}
# The verb of "will": "will travel", "would likely be raised"; not where a comma or an article comes first.
OF_MODAL = re.compile(
    r"\s(?:(?:not|also|then|now|soon|still|once|again|likely|probably|be|have|\w+ly) )*(?!(?:an?|the) )(\w+)"
)
# In front of a move that is of a part of what was named: "lower, led by a 3.3% drop in financials".
LED = re.compile(
    r"\b(?:led|driven|dragged|paced|hurt|weighed|helped|boosted|lifted)(?: (?:down|lower|up|higher))? by(?: an?)?$"
)
# Between "the Dow lost 1% for the week" and the verb of the next on the list.
ONE_MORE = re.compile(r", (?:(?:and|while) )?the (?:[\w&-]+ ){1,4}")
WHICH = re.compile(r"\b(?:which|who|that)$")
# Between a forecast and what is added to it: "may fall next week, losing …".
ADDED = re.compile(r"(?: (?:ground|further|more|again|next \w+|this \w+|today|tomorrow))*, ?")
AREA = re.compile(r"\s(?:range|area|region|zone)\b")
FROM = re.compile(
    r"\b(?:from|compared (?:with|to))(?: (?:its|their|the|an?))?(?: (?:previous|prior|last|earlier|\w+day's))?"
    r"(?: (?:close|closing price|finish|level|price))?(?: (?:of|at))?$"
)
REACHED = re.compile(
    r"\b(?:to|at|below|beneath|above|past|beyond|through|a record|(?:high|low|peak|record) of)(?: the)?$"
)
NEAR_TO = re.compile(
    r"\b(?:near|from|off|below|above|under|approaching|close to|short of|shy of)(?: (?!to\b|at\b|and\b)[\w'-]+){0,3}$"
)
EARLIER = ("earlier", "early", "previous")
NOUN_BEFORE = re.compile(
    r"(?:\b(?:an?|the|its|their|this|that|earlier|early|previous|of|after|some|most|all)|%|percent|cent|-day|'s)$"
)
# What "extended", "pared" and their like must be followed by: "cut losses", not "cut rates".
OBJECT = re.compile(
    r"\s(?:its|their|the|this|last|\w+day's|an?|earlier|early|some|most|all|much|part|previous|losses|gains|"
    r"\w+ (?:losses|gains))\b"
)
# A number behind a verb that counts something else: "shed 200,000 subscribers".
COUNTED = re.compile(
    r"\s(?!(?:on|in|at|by|to|from|for|after|as|and|but|or|while|when|with|before|per|against|versus|amid|this|points|was|is|has|its|plus|as|"
    r"yesterday|pounds|dollars|euros|francs)\b)[a-z][\w-]*s\b"
)
# "against the mark" has another side that nobody knows; a basket of others is what an index is of.
OTHER_SIDE = re.compile(r"(?:against|versus|vs\.?)\s", re.IGNORECASE)
PEERS = re.compile(
    r"(?:[\w.-]+ ){0,4}(?:baskets?|peers|rivals|currencies|counterparts|majors|units|others)\b", re.IGNORECASE
)
PENCE = re.compile(r"(?:\bpence|\bpenny|\dp)$", re.IGNORECASE)
OF_BEFORE = re.compile(r"\b(?:after|following|build on|built on|building on|despite)(?: (?:its|their|the|an?))?$")
UP_TO, FROM_THERE = re.compile("up to", re.IGNORECASE), re.compile(r"\s[\d.,]+ ?(?:%|per ?cent|pct) from\b")
OVER_MORE = re.compile(r"\s(?:for|over|on|this|in)\s(?:the\s)?(?:week|month|year)\b")
FROM_CLOSE = re.compile(r"\bfrom [^\sa-z]+(?: \w+)? at the$")  # "from 130.70 at the close"
STRONGER = re.compile(r"(?!(?:\S+ )*(?:the|an?) )(?:\S+ ){0,2}")
OF, AT = re.compile(r"\sof\s"), re.compile(r"\s(?:at|near|around)\b")
AMONG = re.compile(r"\s(?:in|among|of|for)\b")
NEAR = 60  # characters before a word among which a rule looks for others
TO = re.compile(r"\b(?:to|at|for|near|of|is|was|below|beneath|above|under|over|past|beyond|through|level)(?: the)?$")
ROUGHLY = re.compile(r"\b(?:about|around|nearly|almost|just)$")
RECORD = re.compile(
    r"\b(?:(?:an?|another)\s)?(?:(?:fresh|new|intraday|closing)\s)*(?:record|all-time (?:high|low))"
    r"(?: close| closing level| finish| high| low)?(?:\sof)?$"
)
LEFT = ("back from", "away from")
# A price that was left, and is not that of the close before: "pulling back from Monday's 151.92".
AWAY = re.compile(
    r"\b(?:back|away) from(?: [\w.'-]+){0,3}$|"
    r"\bfrom (?:its|their|the|an?|last)(?: [\w.'-]+){0,4} (?:peak|high|low|record|trough) of$"
)
RIGHT_BEHIND = re.compile(r",?\s(?:the\s)?(?:(?:[A-Z][\w'-]*|benchmark|spot|front-month)\s)*")
AND = re.compile(r"\band\s?$")
# A price in cents that was crossed: "below 99 cents".
ACROSS = re.compile(r"\b(?:below|beneath|above|past)$")
# What was so before something else: on which day is not said.
EARLIER_THAN = re.compile(r"^(?!.*\bby\b).*\b(?:after|having|had)(?: (?:\w+ly|earlier|already|been))*$")
# A price without a verb, and how it got there: "with the 10-year yield at 4.21 per cent, down 2 basis points".
STANDS_AT = re.compile(r"(?: (?:an?|per) [\w-]+)?,? (?:up|down|off) (?=\W?\d)")
THIS_NAME = re.compile(r",? (?:which|who|whose (?:shares|stock|price))\b")
MORE_SIZES = re.compile(r"\s*(?:,|and|, and)\s+")
ONE_OF_MANY = re.compile(r"\s(?:for|by|of|in) (?:an?|any) (?:[\w.-]+ ){0,3}?(?:company|stock|firm|share)\b")
WORTH = re.compile(r"\b(?:market value|capitali[sz]ation|market cap)\b")
RESULTS = ("size", "higher", "lower", "flat")
NO_BREAK = (",", "(", ")", '"', "--", "and", *ASIDES)
# What says where or of whom a name is, between it and its verb: "wheat futures in Chicago", "copper on the LME".
WHERE = re.compile(
    r"\s*(?:index |contracts? |futures |prices? )?"
    r"(?:(?:(?:in|on|at|for) (?:the )?[A-Z][\w.&-]*(?: (?:of )?[A-Z][\w.&-]*)*"
    r"(?: delivery| settlement)?|of (?:[a-z-]+ ){1,3}(?:companies|stocks|shares|firms))\s*)+"
)
IT = re.compile(
    r"\b(?:it|they)(?:\s+(?:has|have|had|is|was|were|later|also|then|earlier|since|last|been|briefly|an?|the|their|its))*\s*$",
    re.IGNORECASE,
)
# A name that nobody knows, in front of a comma: one to four words in capitals.
STRANGER = re.compile(
    r"\s*(?:(?:and|but|while) )?((?!(?:In|On|At|For|By|After|Before|Since|But|And|While|When|As)\b)[A-Z][\w.&'-]*"
    r"(?: [A-Z][\w.&'-]*){0,3})\s*"
)
SIDE = re.compile(r"\b(?:on|of|about|by|from|in|for|with|to|like)(?: the| an?)?$")
CLOCK_NOUN = re.compile(rf"\b(?:by|at|the|near|into|before|after|since|previous|prior|market|{'|'.join(PLACES)})$")
# A time of day behind one of these is that of the news, not of the price: "the announcement, made before 0800 GMT".
ISSUED = re.compile(r"\b(?:made|issued|published|released|announced|delivered)\b", re.IGNORECASE)
FOLLOWED = re.compile(
    r"\b(?:(?:track|follow|mirror|echo|outpac|outperform|lag|trail)(?:e?d|ing|s)?|"
    r"(?:sectors?|members|components|constituents|(?:industry )?groups) (?:of|in|on))(?: the)?$"
)
EACH = re.compile(r"\brespectively\b", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d")
OUTSIDE = "it speaks of trading outside of the session, of which there are no prices"
TO_DO = re.compile(r"\sto\s(?!(?:as|about|around|near|below|above|its|their|the|an?)\b)[a-z]")
GIVES = (
    "give up",
    "gives up",
    "give back",
    "gives back",
    "gave up",
    "giving up",
    "gave back",
    "giving back",
    "surrendered",
    "surrendering",
)
STOPGAP = re.compile(r"\s*(?:(?:last|recently|currently|now|still|most|trading|quoted|at|about|around|near|just)\s+)*$")
WORD = re.compile(r"[A-Za-z][\w&'.-]*|'s\b")


def crossed(before: str) -> Bound | None:
    """A price that was crossed: "fell below 80"."""
    found = re.search(r"\b(below|under|beneath|above|over|past|beyond|through|near)(?: the)?$", before)
    if found is None:
        return None
    return "about" if found[1] == "near" else "less than" if found[1] in ("below", "under", "beneath") else "more than"
