"""The words in which articles tell of prices. Every form that stands here is understood, and no other."""

from __future__ import annotations

# A verb that tells a direction: its forms, or "+" and the stem of a regular one.
RISES = (
    "rise|rises|rose|risen|rising",
    "+gain",
    "+climb",
    "+jump",
    "+surge",
    "+soar",
    "rally|rallies|rallied|rallying",
    "+advance",
    "+strengthen",
    "+appreciate",
    "+firm",
    "+rebound",
    "+recover",
    "+bounce",
    "+spike",
    "leap|leaps|leapt|leaped|leaping",
    "+increase",
    "add|adds|added|adding",
    "+rocket",
    "+skyrocket",
    "pop|pops|popped|popping",
    "+vault",
    "+regain",
    "+zoom",
    "+perk up",
    "put on|puts on|putting on",
    "won",
)
FALLS = (
    "fall|falls|fell|fallen|falling",
    "lose|loses|lost|losing",
    "slide|slides|slid|sliding",
    "drop|drops|dropped|dropping",
    "+decline",
    "slip|slips|slipped|slipping",
    "+tumble",
    "sink|sinks|sank|sunk|sinking",
    "+plunge",
    "+plummet",
    "+slump",
    "+weaken",
    "+depreciate",
    "dip|dips|dipped|dipping",
    "+ease",
    "+retreat",
    "shed|sheds|shedding",
    "dive|dives|dived|dove|diving",
    "+crash",
    "+soften",
    "sag|sags|sagged|sagging",
    "+decrease",
    "+crater",
    "+swoon",
    "+collapse",
    "+tank",
    "+nosedive",
    "skid|skids|skidded|skidding",
    "+stumble",
    "+wilt",
    "sell off|sells off|sold off|selling off",
    "gave way|gives way|giving way",
)
# Verbs of a cause, whose object moves: "the decision lifted the pound 0.8%".
LIFTS = ("+lift", "+boost", "buoy|buoys|buoyed|buoying", "+propel")
DRAGS = ("drag|drags|dragged|dragging", "+knock", "+batter")
# Verbs that wait for "higher" or "lower" to tell where.
MOVES = (
    "edge|edges|edged|edging",
    "+tick",
    "+inch",
    "+nudge",
    "+drift",
    "creep|creeps|crept|creeping",
    "move|moves|moved|moving",
    "push|pushes|pushed|pushing",
    "shoot|shoots|shot|shooting",
    "go|goes|went|going",
    "+turn",
    "+head",
)
CLOSES = ("close|closes|closed|closing", "end|ends|ended|ending", "finish|finishes|finished|finishing", "+settle")
OPENS = ("+open", "+start")
TRADES = (
    "+trade",
    "changed hands",
    "changing hands",
    "+quote",
    "was quoted",
    "was worth",
    "stood",
    "stands at",
    "stand at",
    "buys",
    "standing",
    "sat at",
    "+fetch",
    "hover|hovers|hovered|hovering",
    "bought",
    "cost|costs",
    "was buying|is buying",
)
TOUCHES = (
    "hit|hits|hitting",
    "reach|reaches|reached|reaching",
    "touch|touches|touched|touching",
    "break|breaks|broke|broken|breaking",
    "breach|breaches|breached|breaching",
    "cross|crosses|crossed|crossing",
    "top|tops|topped|topping",
    "+surpass",
    "+exceed",
    "+scale",
)
# Of these, what lies above the price that is named.
CROSSES = ("top|tops|topped|topping", "+surpass", "+exceed")
IS = ("is", "was", "were", "are", "'s been", "been")

EXTENDS = ("+extend", "+deepen", "+add to", "adds to", "added to", "adding to", "built on")
PARES = ("+pare", "trim|trims|trimmed|trimming", "+narrow", "cut", "cutting")
ERASES = (
    "+erase",
    "wiped out",
    "wipes out",
    "wiping out",
    "+recoup",
    "give up|gives up|gave up|giving up",
    "give back|gives back|gave back|giving back",
    "+surrender",
)
REVERSES = ("+reverse",)

FLAT = (
    "little changed",
    "barely changed",
    "hardly changed",
    "unchanged",
    "almost unchanged",
    "roughly unchanged",
    "flat",
    "steady",
    "stable",
    "barely moved",
    "little moved",
    "hardly moved",
    "barely budged",
    "hardly budged",
    "hardly reacted",
    "treaded water",
    "treading water",
    "moved little",
)
HIGHER = ("up", "higher", "stronger", "firmer")
LOWER = ("down", "lower", "weaker", "softer", "off")

# Nouns; the plural of some is a verb of headlines, "Gold gains 1%".
LOSSES = (
    *("loss", "losses", "decline", "declines", "fall", "falls", "drop", "drops", "slide", "slides", "slump"),
    *(
        "retreat",
        "slip",
        "dip",
        "plunge",
        "tumble",
        "sell-off",
        "selloff",
        "rout",
        "weakness",
        "sell off",
        "decrease",
        "minus",
    ),
)
GAINS = (
    *("gain", "gains", "advance", "advances", "rise", "rises", "rally", "rallies", "jump", "jumps", "surge"),
    *("increase", "climb", "rebound", "bounce", "strength", "winnings", "plus"),
)
BIGGEST = ("biggest", "largest", "steepest", "sharpest", "worst", "best", "strongest", "heaviest", "deepest")
LOWEST = ("lowest", "weakest", "cheapest")
HIGHEST = ("highest", "loftiest", "strongest", "dearest")

NEGATIONS = ("not", "n't", "never", "failed to", "fails to", "without", "rather than", "no longer", "far from")
# And "may", which is a month with a capital.
FORECASTS = (
    *("might", "could", "would", "will", "should", "can", "is expected to", "are expected to", "expected to"),
    *("is likely to", "likely to", "forecast to", "is set to", "set to", "set for", "poised to", "poised for", "if"),
    *(
        "headed for",
        "heading for",
        "on track for",
        "on course for",
        "on pace for",
        "on pace to",
        "headed toward",
        "is seen",
        "predicts",
        "predicted",
        "to",
    ),
)

# Words behind which a clause may have a subject of its own.
ASIDES = ("after", "before", "with", "amid", "despite", "following", "because", "bringing", "taking")

BOUNDS = {
    "as much as": "as much as",
    "up to": "as much as",
    "by as much as": "as much as",
    "as many as": "as much as",
    "more than": "more than",
    "over": "more than",
    "in excess of": "more than",
    "at least": "at least",
    "no less than": "at least",
    "not less than": "at least",
    "less than": "less than",
    "under": "less than",
    "at most": "at most",
    "no more than": "at most",
    "not more than": "at most",
    "about": "about",
    "around": "about",
    "roughly": "about",
    "some": "about",
    "approximately": "about",
    "nearly": "nearly",
    "almost": "nearly",
    "close to": "about",
    "just over": "more than",
    "a little more than": "more than",
    "just under": "less than",
    "slightly more than": "more than",
    "slightly less than": "less than",
    "above": "more than",
    "below": "less than",
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What may stand between a subject and its verb without being another subject.
ADVERBS = frozenset(
    word
    for line in (
        "also then has had have having been it its which that who later earlier again even just still already",
        "slightly further only first once briefly sharply broadly steadily modestly initially meanwhile",
        "however so and or but the a an is was were are be being today yesterday overnight intraday did does",
        "do by to at on in early late trading session continued continues began started subsequently since",
        "swiftly all most trend bucked bucking share shares stock price prices futures spot currency index rate pair",
        "course contract both each",
        "set sets setting whose own composite average remain remains remained remaining",
        "this these those they he she their its there then last currently recently now back",
        "suffer suffers suffered suffering post posts posted notch notches notched mark marks marked log logged",
        "record recorded register registered see sees saw endure endured enjoy enjoyed score scored book booked",
    )
    for word in line.split()
) | {f"{day}'s" for day in WEEKDAYS}


def forms(entries: tuple[str, ...]) -> tuple[str, ...]:
    """Every form of the verbs of a table."""
    out: list[str] = []
    for entry in entries:
        if not entry.startswith("+"):
            out += entry.split("|")
            continue
        stem, _, rest = entry[1:].partition(" ")
        tail = f" {rest}" if rest else ""
        short = stem.removesuffix("e")
        out += [f"{form}{tail}" for form in (stem, f"{stem}s", f"{short}ed", f"{short}ing")]
    return tuple(dict.fromkeys(out))
