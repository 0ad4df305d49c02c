"""What each item of a sentence looks like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventstudy.claims import lexicon as words
from eventstudy.claims.clock import AS_OF
from eventstudy.claims.numbers import SIGNED, SPOKEN

UNITS = {
    "percent": r"%|(?:(?:of )?a |of one )?per ?cent\b|pct?\b",
    "percentage points": r"(?:of )?(?:a )?percentage points?\b|ppts?\b|pp\b",
    "basis points": r"basis points?\b|bps?\b",
    "points": r"points?\b",
    "cents": r"(?:(?:of )?an? )?(?:u\.?s\.? )?cents?\b(?: u\.?s\b)?|pais[ae]\b|sen\b|centavos\b",
    "pence": r"(?:(?:of )?a )?(?:pence|penny)\b|(?<=\d)p\b",
}


def _any(entries: Sequence[str]) -> str:
    return "|".join(re.escape(entry) for entry in sorted(entries, key=len, reverse=True))


def _verbs(table: tuple[str, ...]) -> str:
    return rf"(?:{_any(words.forms(table))})\b"


_UNIT = "|".join(f"(?P<u{i}>{pattern})" for i, pattern in enumerate(UNITS.values()))
_MONEY = r"(?:(?:us|au?|ca?|hk|nz|s)?\$(?:us)?|\u20ac|\u00a3|\u00a5|chf |eur |usd |gbp )"
_COINS = (
    r"(?:\s?(?:yen|yuan|francs?|roubles|rubles|won|kronor|dollars|euros?|pounds|pesos|rupees|lira|rand|reais|zloty)\b)?"
)
# "$3 trillion" is what something is worth, and no price.
_NOT_MANY = r"(?!\s?(?:thousand|million|billion|trillion|bn|mn|tn)\b)"
_PER = r"(?:\s(?:a|per|an)\s(?:barrel|ounce|ton|tonne|bushel|share|megawatt[ -]hour|troy ounce|pound))?"
_MARK = r"[ -](?:points?|dollars?|yen) (?:mark|level|barrier|threshold)\b"
_FULL = r"january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH = rf"(?:{_FULL}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
_COUNT = r"(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+)(?:[ -]and[ -]a[ -]half)?"
_SINCE = (
    rf"(?:for\s+(?={_COUNT}\s(?:week|month|year|decade)s?\b)|(?:since|in)\s+)(?P<since>"
    r"(?:(?:at least|early|late|mid|the start of|the end of|more than|almost|nearly|over|about)[\s-])?"
    rf"(?:{_MONTH}(?:\s\d{{1,2}}(?!\d)(?:,\s\d{{4}})?)?(?:\s(?:of\s)?\d{{4}})?|\d{{1,2}}\s(?:{_MONTH})(?:\s\d{{4}})?|"
    rf"\d{{4}}-\d\d-\d\d|\d{{4}}\b|last\s\w+|{'|'.join(words.WEEKDAYS)}|"
    rf"{_COUNT}\s(?:day|session|week|month|quarter|year|decade)s?|the\s[\w -]+?(?=[,.;]|$)|"
    r"(?:[\w-]+\s){1,2}(?:crash|crisis|pandemic|war|invasion)\b))"
)
_AGE = (
    rf"(?:(?P<count>{_COUNT})[ -]"
    r"(?P<unit>day|session|week|month|year|decade)s?|(?P<ever>record|all-time|historic))"
    r"[ -](?P<of>closing |intraday )?(?P<side>high|low|peak|trough)s?"
)
_LOSS, _GAIN = _any(words.LOSSES), _any(words.GAINS)
_BIGGEST = (
    rf"(?P<side>{_any((*words.BIGGEST, 'weakest'))})\s"
    r"(?P<scope>(?:(?:(?:one|single|two)-day|daily|intraday|weekly|monthly|yearly|annual|percentage|points?) )*)"
    rf"(?:(?P<loss>{_LOSS})|(?P<gain>{_GAIN})|(?P<unit>day|session|week|month|year)|moves?|swings?|changes?)\b"
    rf"(?:\s(?:{_SINCE}|(?P<ever>on record|ever)))?"
)
_EXTREME = (
    rf"(?:(?P<lowest>{_any(words.LOWEST)})|(?P<highest>{_any(words.HIGHEST)}))(?:\s(?P<of>closing|intraday))?"
    rf"(?:\s(?P<what>close|closing level|settlement|finish|levels?|points?|price|rate))?\s{_SINCE}"
)
# "to a record $474.99", "an intraday record of 8,083.7", "closed at a record": no "record profit".
_RECORD = (
    r"(?:an?|another) (?:(?:fresh|new|all-time|(?P<of>intraday|closing)) )*record"
    r"(?P<what> close| closing level| finish)?"
    r"(?: of)?(?=\s(?:[A-Z]{1,3})?[$\u00a3\u20ac\u00a5]?(?:US)?\d|"
    r"\s(?:on|before|after|as|in|and|but|while|this)\b|\s*[.,;)]|$)"
)
_NEWS = (
    rf"(?:the\s|an?\s|this\s|that\s)?(?:(?!(?:{'|'.join(words.WEEKDAYS)}|after|before|as)\b)[\w'-]+\s){{0,2}}?(?:news|announcement|decision|reports?|statement|headlines?|visit|"
    r"vote|release|data|speech|remarks|meeting|results?|verdict)\b"
)
_PAST = [form for form in words.forms(words.RISES + words.FALLS + words.TOUCHES) if not form.endswith("s")]
_WITHIN = (
    r"intraday\b|in (?:early|late|morning|afternoon) (?:trading|trade|deals)\b|at one point\b|briefly\b|"
    r"(?:during|through) the (?:day|session)\b|in the (?:morning|afternoon)\b|"
    r"(?<!day )(?<!session )(?<!week )(?<!month )(?<!year )earlier\b(?=\s*(?:[,.;)]|$|on\b|in\b|today\b))|"
    rf"earlier(?=\s(?:{_any(_PAST)})\b)|"
    r"at (?:its|the|their) (?:lows?|highs?|peak|trough)\b|in (?:asian?|european|london|new york) (?:trading|hours)\b"
)
# When a session's own prices are not made.
_OUTSIDE = (
    r"(?:in )?(?:after-hours|extended(?:-hours)?|(?:pre|post)-?market|before-hours) (?:trading|trade|deals|hours)\b|"
    r"after[ -]hours\b|(?:pre|post)-?market\b|before the (?:opening )?bell\b|"
    r"after the (?:closing )?bell\b"
)
_OVER = r"(?:this|for the|on the|over the|in the)"
_NEW_YEAR = r"the (?:start|beginning|turn) of (?:the|this) year"
# Times that no move is counted over: what is said of them cannot be checked.
_OTHER_TIME = (
    r"from (?:its|their|the|last)(?:[\s-][\w'.-]+){0,3}?[\s-](?:highs?|lows?|peaks?|troughs?|records?)\b|"
    r"since\s(?!then|the (?:news|announcement)|"
    rf"{_NEW_YEAR})"
    rf"(?:mid-?\s?)?(?:{_MONTH}|{'|'.join(words.WEEKDAYS)}|"
    r"the (?:start|end|beginning) of|last|early|late|\d{4})[\w ]*|"
    rf"in (?:{_FULL})\b(?:\s\d{{4}})?|in \d{{4}}\b|"
    r"(?:over|in|during|for) the (?:past|last|previous|prior) (?:\w+ )?"
    r"(?:minute|hour|day|session|week|month|quarter|year)s?\b|"
    r"at the time of\b[\w ]*|"
    r"(?:weekly|monthly|daily) average\b|averag(?:ed|ing)\b|"
    r"last (?:week|month|quarter|year)\b(?!')|overnight\b|(?:so far )?this quarter\b|"
    r"from a (?:week|month|year) (?:ago|earlier)\b|"
    r"year-on-year\b|a year ago\b"
)
# "fell by a third", "lost more than half of its value"
_PART = "half|(?:a|one)[ -](?:third|quarter|fifth|tenth)|two[ -]thirds|three[ -]quarters"
_SHARE_OF = (
    rf"(?:(?P<of>{_PART})(?= (?:of )?(?:its|their) (?:[\w-]+ ){{0,2}}(?:value|worth)\b)|"
    rf"(?:(?<=\bby )|(?<=\bby nearly )|(?<=\bby about )|(?<=\bby almost )|(?<=\bby more than ))(?P<by>{_PART})\b"
    r"(?! (?:of )?(?:an?|one) |[ -](?:per ?cent|point|percentage|basis|million|billion|cent)))"
)
_SHARE = rf"(?:{SIGNED})\s?(?:%|per ?cent)"
_AMOUNT = rf"{_MONEY}?(?:{SIGNED})\s*(?:%|percent|per cent)?"

# Tried in this order; the longest match wins, and of equal ones the first.
PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("minute", AS_OF),
        ("biggest", _BIGGEST),
        ("most", rf"(?:by )?(?:the )?most\s(?:{_SINCE}|(?P<ever>on record|ever)\b)"),
        ("extreme", _EXTREME),
        ("age", _AGE),
        ("record", _RECORD),
        (
            "extent",
            (
                r"(?:to )?(?:an? (?:(?!record|historic|fresh|new)\w+ )?(?P<a>low|high) of|"
                r"as (?P<as>low|high|weak|strong|far) as)\b"
            ),
        ),
        ("against", r"(?:(?<=parity )with|against|versus|vs\.?|relative to|per|to the)\s(?:the\s|a\s)?"),
        ("after", rf"(?:after|since|following|on|in response to|in reaction to|in the wake of)\s{_NEWS}"),
        ("ahead", rf"(?:before|ahead of|prior to)\s{_NEWS}"),
        ("first_time", rf"for (?:the )?first time(?: {_SINCE}|(?P<ever>(?: ever| on record| in (?:its )?history)?))"),
        ("first_time", rf"(?:an? |the )?levels? (?:not |last |un)seen {_SINCE}"),
        (
            "streak",
            (
                r"(?:(?:snapp|end|break|extend|halt)ing )?(?:(?:an?|its|their|the) )?(?:[\w-]+ )?"
                r"(?:losing|winning)[ -](?:streak|run)\b"
            ),
        ),
        (
            "utmost",
            rf"(?:(?P<lowest>{_any(words.LOWEST)})|(?:{_any(words.HIGHEST)}))(?:\slevels?)?(?=\s(?:against|versus))",
        ),
        (
            "day_before",
            (
                r"(?:(?:on|in) )?the (?:day before|(?:previous|prior|preceding) (?:day|session))\b|"
                r"a (?:day|session) (?:earlier|before|ago)\b"
            ),
        ),
        ("other_time", _OTHER_TIME),
        (
            "range",
            rf"between\s{_AMOUNT}\sand\s{_AMOUNT}|{_SHARE}\s?(?:to|-|or)\s?{_SHARE}",
        ),
        ("size", rf"(?:(?P<written>{SIGNED})(?:[ -]?|\s)|(?P<spoken>{SPOKEN})[ -])(?:{_UNIT})"),
        ("size", _SHARE_OF),
        ("size", r"(?P<full>a (?:full )?)(?P<u1>percentage point)\b"),
        (
            "money",
            rf"(?P<sign>[+-]?){_MONEY}\s?(?P<written>{SIGNED})(?P<thousands>k\b)?(?![\w%]|[.,]\d){_NOT_MANY}{_PER}",
        ),
        ("number", rf"(?P<written>{SIGNED})(?:{_MARK}|{_COINS}(?![\w%]|[.,]\d)){_NOT_MANY}{_PER}|parity\b"),
        ("bound", rf"(?:{_any(tuple(words.BOUNDS))})\b"),
        ("flat", rf"(?:{_any(words.FLAT)})\b"),
        ("extended", _verbs(words.EXTENDS)),
        ("pared", _verbs(words.PARES)),
        ("erased", _verbs(words.ERASES)),
        ("reversed", _verbs(words.REVERSES)),
        ("up", _verbs(words.RISES)),
        ("down", _verbs(words.FALLS)),
        ("lifts", _verbs(words.LIFTS)),
        ("drags", _verbs(words.DRAGS)),
        ("higher", rf"(?:{_any(words.HIGHER)})\b"),
        ("lower", rf"(?:{_any(words.LOWER)})\b"),
        ("gain", rf"(?:{_GAIN})\b"),
        ("loss", rf"(?:{_LOSS})\b"),
        ("neutral", _verbs(words.MOVES)),
        ("close", _verbs(words.CLOSES)),
        ("open", _verbs(words.OPENS)),
        ("traded", rf"(?<!board of ){_verbs(words.TRADES)}"),
        ("touched", rf"(?<!\bthe ){_verbs(words.TOUCHES)}"),
        ("is", rf"(?:{_any(words.IS)})\b"),
        ("negation", rf"(?:{_any(words.NEGATIONS)})\b"),
        ("forecast", rf"(?:{_any(words.FORECASTS)}|(?-i:may))\b"),
        ("at_close", r"\((?:at )?close\)"),
        ("leaving", r"leaving (?:it|them|the (?:index|stock|shares|currency|pair))\b"),
        (
            "total",
            (
                r"(?:bringing|taking|pushing|sending) (?:its|their|the \w+'s) "
                r"(?:(?P<adjective>weekly|monthly|annual|yearly|year-to-date) )?"
                rf"(?:(?P<loss>{_LOSS})|(?P<gain>{_GAIN}))"
                rf"(?: (?:so far )?{_OVER} (?P<span>week|month|year))? to\b"
            ),
        ),
        (
            "in_age",
            (
                r"in (?:(?:more than|at least|almost|nearly|over|about) )?"
                rf"{_COUNT} (?:day|session|week|month|quarter|year|decade)s?\b"
            ),
        ),
        # "its weekly loss" tells of that loss alone
        ("weekly", rf"(?P<unit>weekly|monthly|yearly|annual) (?=(?:{_LOSS}|{_GAIN})\b)"),
        ("week", rf"{_OVER} week\b(?!')|weekly\b|week-on-week\b"),
        ("month", rf"{_OVER} month\b(?!')|monthly\b"),
        (
            "year",
            rf"{_OVER} year\b(?!')|year[ -]to[ -]date\b|yearly\b|since {_NEW_YEAR}\b|so far this year\b",
        ),
        ("day", r"on the day\b|today\b|daily\b|in the session\b"),
        ("within", _WITHIN),
        ("outside", _OUTSIDE),
        ("weekday", rf"(?:on )?(?P<day>{'|'.join(words.WEEKDAYS)})\b(?!'s)"),
        ("whose_day", rf"(?P<day>{'|'.join(words.WEEKDAYS)})'s\b"),
        (
            "boundary",
            rf"[,;:()\"]|--|(?:and|but|while|as|when|although|though|whereas|{'|'.join(words.ASIDES)})\b",
        ),
    )
)
