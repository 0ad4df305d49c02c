"""Numbers as articles write them: digits, words and fractions, with the unit of the last digit given."""

from __future__ import annotations

import re

from eventstudy.claims.claim import Number

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
WORDS = {word: value for value, word in enumerate(_SMALL)}
WORDS |= {"thirty": 30, "forty": 40, "fifty": 50, "a dozen": 12}
# What is said in words is rounder than its digits: half a per cent is one digit after the point.
FRACTIONS = {
    "half": 0.5,
    "one-half": 0.5,
    "a half": 0.5,
    "a quarter": 0.25,
    "one quarter": 0.25,
    "three quarters": 0.75,
    "a third": 1 / 3,
    "two thirds": 2 / 3,
    "a tenth": 0.1,
    "a fifth": 0.2,
    "a full": 1.0,
}
VULGAR = {"\u00bd": 0.5, "\u00bc": 0.25, "\u00be": 0.75}

# A comma before figures that are not three is the decimal sign of other languages: "1,6 percent" is no 6 per cent.
DECIMAL_COMMA = r"\d+,(?:\d{1,2}|\d{4,5})(?![\d,])"
DIGITS = rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|{DECIMAL_COMMA}|\d+(?:\.\d+)?|\.\d+"
# "5/8", "1-1/2" and the 32nds of bonds; "3/4/2023" is a date.
_PART = r"\d{1,2}/(?:64|32|16|[2-58])(?![\d/])"
SIGNED = (
    rf"[+-]?(?:(?:{DIGITS})[ -])?(?<![\d/]){_PART}|[+-]?(?:{DIGITS})[\u00bd\u00bc\u00be]?|[+-]?[\u00bd\u00bc\u00be]"
)
_words = "|".join(sorted((re.escape(word).replace(r"\ ", "[ -]") for word in (*FRACTIONS, *WORDS)), key=len)[::-1])
SPOKEN = rf"(?:{_words})(?:[ -]and[ -]a[ -](?:half|quarter))?"


def read_number(text: str) -> Number:
    """The number that `SIGNED` or `SPOKEN` matched.

    Numbers of several figures that end in noughts are taken as exact to the last of them: 3,900 is not 3,851.
    """
    text = text.strip().lower()
    if text and (text[0].isdigit() or text[0] in "+-." or text[0] in VULGAR):
        return _written(text)
    whole, _, part = text.replace("-", " ").partition(" and a ")
    if whole in FRACTIONS or text in FRACTIONS:
        return Number(value=FRACTIONS.get(whole, FRACTIONS.get(text, 0.0)), step=0.1)
    extra = FRACTIONS.get(f"a {part}", FRACTIONS.get(part, 0.0))
    return Number(value=WORDS[whole] + extra, step=0.1 if part else 1.0)


def _written(text: str) -> Number:
    value, step = 0.0, 1.0
    sign = -1.0 if text.startswith("-") else 1.0
    text = text.lstrip("+-")
    for mark, share in VULGAR.items():
        if mark in text:
            value, step, text = share, 0.25, text.replace(mark, "")
    if found := re.search(r"[ -]?\b(\d{1,2})/(\d{1,2})$", text):
        text = text[: found.start()]
        last = 10.0 ** -len(text.partition(".")[2])  # "$4.42-3/4" is three quarters of a cent more
        value, step = last * int(found[1]) / int(found[2]), last / int(found[2])
    if text:
        digits = text.replace(",", "." if re.fullmatch(DECIMAL_COMMA, text) else "")
        value += float(digits)
        if step == 1.0:
            step = 10.0 ** -len(digits.partition(".")[2])
    return Number(value=sign * value, step=step)
