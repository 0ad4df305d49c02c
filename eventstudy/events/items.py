"""One entry of a feed: from what a file says about an announcement to an `Event`, or to what is wrong with it."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from eventstudy.config.feeds import FeedConfig
from eventstudy.config.fields import EVENT_FIELDS
from eventstudy.config.load import in_words, together
from eventstudy.config.model import EventConfig
from eventstudy.errors import EventError, EventStudyError, InputError
from eventstudy.events.build import build_event
from eventstudy.hints import hint
from eventstudy.records import Event
from eventstudy.tables.roles import spelt_alike as plain

# Words that other programs use for the same things.
ALIASES = {"id": ("event_id",), "assets": ("asset",)}
# What a JSON file may say beside the fields: the interval as in the settings, and what `events list --json` adds.
KNOWN_EXTRA = ("state", "announced_between")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry that could be read.

    Attributes
    ----------
    event_id : str
        Identity: never made of the time of the announcement.
    event : Event or None
        None for an entry that is called off and says nothing else.
    place : str
        File, and line or number, that it was read from.
    is_cancelled : bool
        Whether the feed says that the announcement is called off.
    sequence : int
        Of two entries of one file with the same id, the higher one is the later version.
    """

    event_id: str
    event: Event | None
    place: str
    is_cancelled: bool = False
    sequence: int = 0


@dataclass(slots=True)
class Reading:
    """What one feed gave.

    Attributes
    ----------
    items : list of Item
        At most one per id.
    problems : list of EventStudyError
        What could not be read: each names file, line, field, value and remedy, and stopped nothing else.
    notes : list of str
        What a person should know, though nothing is wrong.
    is_whole : bool
        Whether everything that the feed holds was seen: only then is an entry that is not here gone.
    refused : set of str
        Ids of entries that are there and could not be read.
    gone : set of str
        Ids that are gone although not everything was seen.
    """

    items: list[Item] = field(default_factory=list)
    problems: list[EventStudyError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_whole: bool = True
    refused: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def refuse(self, error: EventStudyError, name: object = None) -> None:
        """Remember what is wrong with the entry called `name`; without a name, it may be any that is not here."""
        self.problems.append(error)
        if isinstance(name, str) and name.strip():
            self.refused.add(identity(name.strip()))
        else:
            self.is_whole = False


def identity(text: str) -> str:
    """The id that belongs to the name that a feed gives an entry: as it is where it can be, else a slug and a hash."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,79}", text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug(text, 48) or 'event'}-{digest}"


def slug(text: str, longest: int) -> str:
    """The Latin letters and digits of `text` in lower case, with hyphens between its words."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:longest].strip("-")


def make_item(
    said: Mapping[str, Any], place: str, feed: FeedConfig, assets: Collection[str], sequence: int = 0
) -> Item:
    """The entry that a file describes.

    Parameters
    ----------
    said : mapping
        Values by the names of `EVENT_FIELDS`; what is empty counts as not said.
    place : str
        Names the entry in errors.
    feed : FeedConfig
        Fills in what is not said.
    assets : collection of str
        The assets that the settings define.

    Raises
    ------
    EventError
        One line per mistake.
    """
    said = {name: value for name, value in said.items() if value not in (None, "", (), [])}
    _refuse_odd_text(said, place)
    name = said.get("id")
    if not isinstance(name, str):
        raise EventError("an entry needs an id", where=f"{place}: id", value=name, remedy="give it one that stays")
    event_id = identity(name.strip())
    if str(said.get("status", "")).strip().lower() in ("cancelled", "canceled"):
        return Item(event_id=event_id, event=None, place=place, is_cancelled=True, sequence=sequence)
    raw: dict[str, Any] = {"kind": feed.event_kind, "assets": feed.assets, "zone": feed.zone}
    raw |= {key: said[key] for key in EVENT_FIELDS if key in said and key not in ("earliest", "latest", "status")}
    raw["id"] = event_id
    raw["tags"] = tuple(dict.fromkeys((*feed.tags, *_words(said.get("tags", ()), f"{place}: tags"))))
    raw["assets"] = tuple(dict.fromkeys(_words(raw["assets"], f"{place}: assets")))
    raw["claims"] = _words(said.get("claims", ()), f"{place}: claims", between=r"\|")  # a sentence has semicolons
    if raw["kind"] == "context":
        raw["assets"] = ()
    if "earliest" in said or "latest" in said:
        ends = (said.get("earliest"), said.get("latest"))
        if None in ends:
            which = "earliest" if ends[0] is None else "latest"
            raise EventError("half of an interval", where=f"{place}: {which}", remedy="give both ends, or neither")
        raw["announced_between"] = ends
    try:
        event = build_event(EventConfig.model_validate(raw), place)
    except ValidationError as error:
        raise together([_placed(place, mistake) for mistake in in_words(error, raw)]) from None
    except EventError as error:
        raise _placed(place, error) from None
    for asset in event.assets:
        if asset not in assets:
            raise EventError(
                "there is no such asset",
                where=f"{place}: assets",
                value=asset,
                remedy=hint(asset, assets, "define it under assets"),
            )
    return Item(event_id=event_id, event=event, place=place, sequence=sequence)


def fields_of(
    names: Sequence[str], columns: Mapping[str, str], where: str, required: Collection[str] = EVENT_FIELDS
) -> dict[str, str]:
    """Which of the `names` that a file uses holds which field: field → name.

    Parameters
    ----------
    names : sequence of str
    columns : mapping of str to str
        Field → the name that the settings give it.
    where : str
        Names the file in errors.
    required : collection of str
        Fields whose name of the settings must be there.

    Raises
    ------
    EventError
        For a name of the settings that the file does not have, and for one that is nearly a field's.
    """
    found: dict[str, str] = {}
    for key in EVENT_FIELDS:
        if key in columns:
            if columns[key] not in names and key not in required:
                continue
            if columns[key] not in names:
                raise EventError(
                    f"the column for {key} is not there",
                    where=where,
                    value=columns[key],
                    remedy=hint(columns[key], names, "mend `columns:` of the feed"),
                )
            found[key] = columns[key]
            continue
        words = [plain(word) for word in (key, *ALIASES.get(key, ()))]
        name = next((name for word in words for name in names if plain(name) == word), None)
        if name is not None:
            found[key] = name
    for name in names:
        if name in found.values() or name in KNOWN_EXTRA or name in EVENT_FIELDS:
            continue
        close = difflib.get_close_matches(name.lower(), EVENT_FIELDS, n=1, cutoff=0.8)
        if close and close[0] not in found:
            raise EventError("unknown column", where=where, value=name, remedy=f"did you mean {close[0]!r}?")
    return found


def unique(reading: Reading) -> Reading:
    """`reading` with one entry per id: the latest version where they have one, else the first; the rest is refused."""
    best: dict[str, Item] = {}
    for item in reading.items:
        other = best.get(item.event_id)
        if other is None or item.sequence > other.sequence:
            best[item.event_id] = item
        elif item.sequence == other.sequence:
            reading.refuse(
                EventError(
                    f"this id stands twice; the one of {other.place} counts",
                    where=f"{item.place}: id",
                    value=item.event_id,
                    remedy="rename one of the two, or remove it",
                ),
                item.event_id,
            )
    reading.items = list(best.values())
    return reading


def _refuse_odd_text(said: Mapping[str, Any], place: str) -> None:
    """Text that no file or database can hold: JSON can write half of a character, and a zero."""
    for key, value in said.items():
        for text in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(text, str) and not text.isprintable() and re.search(r"[\x00\ud800-\udfff]", text):
                raise EventError("not text", where=f"{place}: {key}", value=text, remedy="save the file as UTF-8")


def _words(value: Any, where: str, *, between: str = "[|;]") -> tuple[str, ...]:
    """A list, or text with ``|`` or ``;`` between its parts."""
    if isinstance(value, str):
        return tuple(part for part in (piece.strip() for piece in re.split(between, value)) if part)
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise EventError("must be text, or a list of texts", where=where, value=value, remedy="put quotes around it")


def _placed(place: str, mistake: InputError) -> EventError:
    """`mistake` with the place of the entry in front of the field."""
    key = mistake.where.removeprefix(place).lstrip(".: ")
    for position, name in enumerate(("earliest", "latest")):
        key = key.replace(f"announced_between[{position}]", name)
    where = f"{place}: {key}" if key else place
    return EventError(mistake.problem, where=where, value=mistake.value, remedy=mistake.remedy)
