"""The draft of an event: everything that an article gives for one, each guess with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from eventstudy.config.model import Config
from eventstudy.draft.article import Article, read_article
from eventstudy.draft.dates import find_dates
from eventstudy.draft.near import Near, near_events, near_releases
from eventstudy.draft.quoted import Places, Quoted
from eventstudy.draft.said import Said, read_said
from eventstudy.draft.span import Span
from eventstudy.draft.wanted import ASIDE, CLAIMED, POINTED, Wanted, wanted
from eventstudy.draft.when import Printed, When, announced, printed_day
from eventstudy.events.items import slug
from eventstudy.gazetteer.entry import Entry
from eventstudy.gazetteer.tables import countries
from eventstudy.records import Event

MOST_ASSETS = 12
MOST_CLAIMS = 40
LONGEST_CLAIM = 1000
_MOST_TAGS = 4
_LONGEST_NAME = 48  # characters of a title in an id
_MOST_RELATED = 5

Known = Callable[[dt.datetime, Sequence[str]], Sequence[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is written as YAML or JSON.

    Attributes
    ----------
    article : Article
    said : Said
    printed : Printed
    when : When
    event_id : str
    tags : tuple of str
    assets : tuple of Quoted
        Suggested, the surest first.
    aside : tuple of (str, Wanted)
        Prices that were left out: why, and which.
    claims : tuple of str
        Sentences that hold claims, each once.
    dates : tuple of Span
    confounding, related : tuple of Near
    has_settings : bool
        Whether the assets are those of settings at hand.
    """

    article: Article
    said: Said
    printed: Printed
    when: When
    event_id: str
    tags: tuple[str, ...]
    assets: tuple[Quoted, ...]
    aside: tuple[tuple[str, Wanted], ...]
    claims: tuple[str, ...]
    dates: tuple[Span, ...]
    confounding: tuple[Near, ...]
    related: tuple[Near, ...]
    has_settings: bool


def make_draft(
    path: Path, *, at: str | None, published: str | None, zone: str | None, config: Config | None, known: Known
) -> Draft:
    """The draft that an article gives.

    Parameters
    ----------
    path : Path
    at : str, optional
        When the news came out; guessed where it is not given.
    published : str, optional
        The day, or the time, at which the article was written.
    zone : str, optional
        IANA name, of times and dates without one.
    config : Config, optional
        Settings at hand, whose assets and sources are suggested.
    known : callable
        The instant and the tags of the draft → events that are known.

    Raises
    ------
    EventError
        For a file that is no article, a time that cannot be read, or an article without any date.
    """
    article = read_article(path)
    printed = printed_day(article, at, published, zone)
    said = read_said(article.text, article.breaks)
    when = announced(article, said, printed, at, zone)
    local = when.earliest.astimezone(ZoneInfo(printed.zone)).date()
    chosen, aside = _assets(Places(config, local), wanted(article, said))
    tags = _tags(article, said)
    events = known(when.earliest, tags)
    names = [one.asset for one in chosen]
    confounding, related = near_events(events, when.earliest, names, tags)
    stored = {one.at for one in confounding}
    concerned = {code for one in chosen for code in _currencies(one.wanted.entry)}
    banks = [one for one in near_releases(when.earliest, when.latest, concerned) if one.at not in stored]
    name = slug(article.title, 80)
    name = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME + 1].rpartition("-")[0]
    event_id = f"{name or 'event'}-{local.isoformat()}"
    return Draft(
        article=article,
        said=said,
        printed=printed,
        when=when,
        event_id=event_id,
        tags=tags,
        assets=tuple(chosen),
        aside=tuple(aside),
        claims=_claims(said),
        dates=tuple(find_dates(article.text, printed.day)),
        confounding=tuple(sorted((*confounding, *banks), key=lambda one: one.at)),
        related=tuple(one for one in related if one.event_id != event_id)[:_MOST_RELATED],
        has_settings=config is not None,
    )


def _assets(places: Places, every: Sequence[Wanted]) -> tuple[list[Quoted], list[tuple[str, Wanted]]]:
    """What is suggested, and what is left out with the reason."""
    chosen: dict[str, Quoted] = {}
    aside: list[tuple[str, Wanted]] = []
    lowest = POINTED if any(one.rank >= POINTED for one in every) else ASIDE
    for one in every:
        found = places.quoted(one)
        if isinstance(found, str):
            aside.append((found, one))
        elif one.rank < lowest:
            aside.append((f"{found.asset}: only an aside", one))
        elif found.asset in chosen:
            continue
        elif one.rank <= POINTED and places.config is None and found.needs_network and one is not every[0]:
            aside.append((f"{found.asset}: only a network has it ({found.words}), and no move of it is told", one))
        elif len(chosen) >= MOST_ASSETS and one.rank < CLAIMED:
            aside.append((f"{found.asset}: {MOST_ASSETS} assets are enough for a draft", one))
        else:
            chosen[found.asset] = found
    return list(chosen.values()), aside


def _tags(article: Article, said: Said) -> tuple[str, ...]:
    """Countries of the title, or of the text where it names none, and central banks."""
    head = [name for name in said.found if name.start < article.body]
    tags: dict[str, None] = {}
    for names in (head, said.found):
        for name in names:
            if name.entry.kind not in ("country", "institution"):
                continue
            if name.entry.role == "central bank" and name.start < article.body:
                tags["central-bank"] = None
            country = countries().get(name.entry.country)
            if country is not None:
                tags[slug(country.title.removeprefix("the "), 40)] = None
        if tags:
            break
    return tuple(tags)[:_MOST_TAGS]


def _claims(said: Said) -> tuple[str, ...]:
    """The sentences that claim something of a price, each once, in one line."""
    out: dict[str, None] = {}
    for claim in said.claims:
        sentence = " ".join("".join(c if c.isprintable() else " " for c in claim.sentence).split())
        if claim.subject and len(sentence) <= LONGEST_CLAIM:
            out[sentence] = None
    return tuple(out)[:MOST_CLAIMS]


def _currencies(entry: Entry) -> tuple[str, ...]:
    """Whose central banks move a price."""
    if entry.kind == "pair":
        return entry.key[:3], entry.key[3:]
    if entry.kind == "basket":
        return "USD", "EUR"
    country = countries().get(entry.country)
    return (country.currency,) if country else ("USD",)


def is_sure(one: Quoted) -> bool:
    """Whether the article claims a move of it."""
    return one.wanted.rank == CLAIMED
