"""A draft as YAML: values in quotes whatever they hold, guesses in comments, nothing that the text could break."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from eventstudy.config.yaml_text import json_flow, key_of, text
from eventstudy.draft.draft import Draft, is_sure
from eventstudy.draft.quoted import Quoted
from eventstudy.draft.wanted import ASIDE

_WIDTH = 100
MOST_DATES = 60
_STUDY = """\
  - id: total
    title: Total move, against the asset's own average day
    model: constant-mean
    returns: simple
    estimation: [-135, -16]
    event_window: [-5, 5]
    windows: [[0, 0], [0, 1], [-1, 1], [-5, -1], [-5, 5]]
    min_estimation: 100
"""
_MARKET = """\
  - id: relative
    title: Move beyond that of {title}
    model: market
    benchmark: {benchmark}
    returns: simple
    estimation: [-135, -16]
    event_window: [-5, 5]
    windows: [[0, 0], [0, 1], [-1, 1], [-5, -1], [-5, 5]]
    min_estimation: 100
"""


def as_yaml(draft: Draft) -> str:
    """The whole text, which ends with a line break."""
    name = draft.article.name
    lines = [
        *_comment(
            f"Draft of an event, made from {name} by rules. Nothing was looked up, and nothing has been run.", ""
        ),
        *_comment("Each line under `guess` was guessed for the reason given: confirm it, mend it, or take it out.", ""),
    ]
    if draft.has_settings:
        lines += _comment("Then put it under `events:` of your settings (and assets that are new under `assets:`).", "")
    else:
        lines += _comment("No settings were found, so these are whole ones. Save them as draft.yaml, and then:", "")
        lines += [f"#   eventstudy report {draft.event_id} --config draft.yaml"]
        lines += ["", *_head(draft)]
    added = _added(draft)
    if added:
        lines += ["", "assets:", *(f"  {key_of(key)}: {json_flow(value)}" for key, value in added.items())]
    if not draft.has_settings:
        lines += ["", "studies:", *_studies(draft)]
    lines += ["", "events:", *_event(draft), "", *_around(draft)]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _comment(words: str, indent: str) -> list[str]:
    """Lines of a comment; what a text holds cannot end it."""
    safe = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return textwrap.wrap(
        safe, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}#   ", break_on_hyphens=False
    )


def _guess(words: Iterable[str], indent: str) -> list[str]:
    return _comment(f"guess: {'; '.join(filter(None, words))}", indent)


def _head(draft: Draft) -> Iterator[str]:
    used = {str(value.get("source")) for one in draft.assets for value in one.added.values()}
    yield "version: 1"
    yield "database: var/eventstudy.db"
    yield "reports: var/reports"
    yield "sources:"
    yield "  ecb: {kind: ecb}       # euro reference rates, bundled: needs no network"
    if "yahoo" in used:
        yield "  yahoo: {kind: yahoo}   # asked when prices are pulled, and not before"


def _added(draft: Draft) -> dict[str, Any]:
    """Assets that the settings must get; without settings, benchmarks too."""
    out: dict[str, Any] = {}
    for one in draft.assets:
        out |= {key: value for key, value in one.added.items() if key not in out}
    benchmark = _common_benchmark(draft)
    if benchmark and not draft.has_settings:
        symbol, title = benchmark
        out.setdefault(symbol, {"source": "yahoo", "title": title})
    if not draft.has_settings and not out:
        out = {"EURUSD": {"source": "ecb"}}
    return out


def _common_benchmark(draft: Draft) -> tuple[str, str] | None:
    """The market of all assets, where they are shares of one market."""
    found = {one.benchmark for one in draft.assets if one.wanted.entry.kind == "company"}
    if len(found) != 1 or any(one.wanted.entry.kind != "company" for one in draft.assets):
        return None
    words = found.pop()
    symbol, _, rest = words.partition(" (")
    return (symbol, rest.partition(")")[0]) if symbol else None


def _studies(draft: Draft) -> Iterator[str]:
    yield from _STUDY.splitlines()
    benchmark = _common_benchmark(draft)
    if benchmark:
        yield from _MARKET.format(benchmark=key_of(benchmark[0]), title=benchmark[1]).splitlines()


def _event(draft: Draft) -> Iterator[str]:
    article, inside = draft.article, "    "
    yield f"  - id: {draft.event_id}"
    yield from _comment(f"line {article.title_line} of the text", inside)
    yield f"{inside}title: {text(article.title)}"
    if draft.when.is_given:
        yield from _comment("; ".join(filter(None, ("as given with --at", *draft.when.reasons))), inside)
    else:
        yield from _guess(draft.when.reasons, inside)
    for key, value in draft.when.said.items():
        yield f"{inside}{key}: {json_flow(value) if key == 'zone' else _times(value)}"
    yield from _assets(draft, inside)
    if draft.tags:
        yield from _guess(("the countries and banks that the title, or else the text, names",), inside)
        yield f"{inside}tags: {json_flow(draft.tags)}"
    if draft.claims:
        yield from _comment(
            "sentences in which a move or a price is claimed; `eventstudy claims` checks them once prices are stored",
            inside,
        )
        yield f"{inside}claims:"
        for sentence in draft.claims:
            yield from _claim_notes(draft, sentence, f"{inside}  ")
            yield f"{inside}  - {text(sentence)}"


def _times(value: str | list[str]) -> str:
    return text(value) if isinstance(value, str) else f"[{', '.join(map(text, value))}]"


def _assets(draft: Draft, inside: str) -> Iterator[str]:
    if not draft.assets:
        why = (
            "no source of the settings has what the text names"
            if draft.aside
            else "the text names nothing with a price"
        )
        yield from _guess((why, "list assets, and take out the line `kind`"), inside)
        yield f"{inside}kind: context"
    else:
        yield f"{inside}assets:"
    for one in draft.assets:
        yield from _why(one, f"{inside}  ")
        yield f"{inside}  - {key_of(one.asset)}"
    for why, other in draft.aside:
        if other.rank == ASIDE:
            continue
        yield from _comment(f"left out: {why} ({other.reason})", f"{inside}  ")


def _why(one: Quoted, inside: str) -> Iterator[str]:
    said = "a claim, " if is_sure(one) else ""
    yield from _guess((f"{said}{one.wanted.reason}",), inside)
    if one.words:
        yield from _comment(one.words, f"{inside}")
    if one.benchmark:
        yield from _comment(f"benchmark: {one.benchmark}", inside)


def _claim_notes(draft: Draft, sentence: str, inside: str) -> Iterator[str]:
    """What of a sentence cannot be checked."""
    for claim in draft.said.claims:
        if claim.trouble and " ".join(claim.sentence.split()) == sentence:
            yield from _comment(f"\u201c{claim.text}\u201d cannot be checked: {claim.trouble}", inside)


def _around(draft: Draft) -> Iterator[str]:
    yield from _comment(f"Relative dates count from {draft.printed.day:%A %-d %B %Y} ({draft.printed.reason}).", "")
    if draft.dates:
        yield "# Dates in the text:"
        for span in draft.dates[:MOST_DATES]:
            line = draft.article.line(span.start)
            yield from _listed(f"line {line}: \u201c{span.text}\u201d: {span.in_words()}")
        if len(draft.dates) > MOST_DATES:
            yield from _listed(f"and {len(draft.dates) - MOST_DATES} more")
    if draft.confounding:
        yield "# What else may have moved these prices; releases on file count by themselves:"
        for one in draft.confounding:
            yield from _listed(f"{one.title}, {one.at:%Y-%m-%d %H:%M} UTC: {one.distance}{one.because}")
    else:
        yield "# No other event is known within 10 sessions; employment, inflation and other figures are not on file."
    if draft.related:
        yield "# Known events on the same subject:"
        for one in draft.related:
            yield from _listed(f"{one.event_id}: {one.title}, {one.at:%-d %B %Y}{one.because}")


def _listed(words: str) -> list[str]:
    """An entry of a list that stands in comments."""
    safe = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return textwrap.wrap(safe, _WIDTH, initial_indent="#   ", subsequent_indent="#     ", break_on_hyphens=False)
