"""What a claim says, in one line: ``JPY down max 0.5% to 134 vs USD touched low since March 2020``."""

from __future__ import annotations

from eventstudy.claims.claim import Claim, Level, Size

UNITS = {"percent": "%", "basis points": "bp", "percentage points": "pp", "points": "pts", "price": "money"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SIGNS = {"exactly": "", "about": "~", "nearly": "<~", "at least": ">=", "more than": ">", "less than": "<"}
SIGNS |= {"at most": "<=", "as much as": "max "}


def brief(claim: Claim) -> str:
    """A claim in one line: asset, direction, how far, to what, and the rest by name."""
    parts = [claim.mention.key if claim.mention else "?"]
    if claim.is_negated:
        parts.append("not")
    if claim.direction is not None:
        parts.append({1: "up", 0: "flat", -1: "down"}[claim.direction])
    parts += [amount(claim.size)] if claim.size else []
    parts += [f"from {amount(claim.before)}"] if claim.before else []
    parts += [f"to {amount(claim.level)}"] if claim.level else []
    parts += [f"vs {claim.against.key}"] if claim.against else []
    parts += [word for word in (claim.course, claim.point, claim.anchor) if word]
    if claim.superlative:
        of = {("move", 1): "biggest gain", ("move", -1): "biggest loss", ("level", 1): "high", ("level", -1): "low"}
        span = "" if claim.superlative.span == "day" else f" {claim.superlative.span}"
        parts.append(f"{of[claim.superlative.of, claim.superlative.direction]}{span} since {claim.superlative.since}")
    parts += [f"at {claim.minute.time:%H:%M} {claim.minute.zone or '?'}"] if claim.minute else []
    parts += [claim.span] if claim.span != "day" else []
    parts += [DAYS[claim.weekday]] if claim.weekday is not None else []
    parts += [f"counted from {DAYS[claim.counted_from]}"] if claim.counted_from is not None else []
    return " ".join(parts) + (f" | {claim.trouble}" if claim.trouble else "")


def amount(said: Size | Level) -> str:
    return f"{SIGNS[said.bound]}{said.number.value:.10g}{UNITS[said.unit] if isinstance(said, Size) else ''}"
