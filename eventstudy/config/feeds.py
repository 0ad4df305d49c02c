"""Settings of the feeds: which kinds there are, and which keys each of them has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from eventstudy.config.fields import AssetName, EventField, PathField, Slug, SpanField, Whole, ZoneName
from eventstudy.config.sources import Mistakes, Section
from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.registry import installed

PLUGINS = "eventstudy.feeds"  # the entry point group: name of a kind → read(name, settings, now), which yields entries

# Where the events come from that no feed gives: these words cannot be the id of a feed.
ORIGINS = ("config", "added", "report", "releases")
# What every feed has; its kind decides on the others.
COMMON = ("id", "kind", "assets", "event_kind", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKind:
    """One kind of feed.

    Attributes
    ----------
    name : str
    read : str
        ``module:function``. A file is read as ``function(path, feed, assets, now)``, a network is asked as
        ``function(config, feed, now, known)``; both give a `Reading`.
    keys : tuple of str
        Settings that it has beside `COMMON`.
    needs : str
        The one of them that must be there.
    words : str
        What it is, for the documentation.
    suffixes : tuple of str
        Endings of its files, which a watched folder reads too; empty for what is no file.
    is_asked : bool
        Whether it is on a network: then only passes and imports read it.
    """

    name: str
    read: str
    keys: tuple[str, ...]
    needs: str
    words: str
    suffixes: tuple[str, ...] = ()
    is_asked: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        FeedKind(
            name="csv",
            read="eventstudy.events.csv_file:read_csv",
            keys=("path", "columns", "zone"),
            needs="path",
            words="a line each under a line of names",
            suffixes=(".csv", ".tsv", ".xlsx", ".parquet", ".dta"),
        ),
        FeedKind(
            name="json",
            read="eventstudy.events.json_file:read_json",
            keys=("path", "columns", "zone"),
            needs="path",
            words="a list of objects",
            suffixes=(".json",),
        ),
        FeedKind(
            name="ics",
            read="eventstudy.events.ics:read_ics",
            keys=("path", "zone", "horizon"),
            needs="path",
            words="a calendar, entries that repeat included",
            suffixes=(".ics",),
        ),
        FeedKind(
            name="folder",
            read="eventstudy.events.folder:read_folder",
            keys=("path", "columns", "zone", "horizon"),
            needs="path",
            words="every file of these kinds that is dropped into a folder",
        ),
        FeedKind(
            name="yahoo-earnings",
            read="eventstudy.events.earnings:read_earnings",
            keys=("source", "scope", "days"),
            needs="source",
            words="earnings dates of the assets, as Yahoo has them",
            is_asked=True,
        ),
    )
}


class FeedConfig(Section):
    """Where announcements are read from, beside `events`. `kind` decides which of the settings there are; see `KINDS`.

    Settings of a plug-in are kept as they were written, for the plug-in to check: `options`.
    """

    model_config = ConfigDict(extra="allow")

    id: Slug
    kind: Slug
    path: PathField | None = None
    columns: dict[EventField, str] = Field(default_factory=dict)
    zone: ZoneName | None = None
    horizon: SpanField = dt.timedelta(days=366)
    assets: tuple[AssetName, ...] = ()
    event_kind: Slug = "announcement"
    tags: tuple[str, ...] = ()
    source: str | None = None
    scope: Literal["symbol", "market"] = "symbol"
    days: Whole = Field(default=14, ge=1, le=90)

    @property
    def options(self) -> dict[str, Any]:
        """Every setting that was given and that not every feed has: what a plug-in is handed, and checks."""
        given = {key: getattr(self, key) for key in self.model_fields_set if key not in COMMON}
        return given | (self.model_extra or {})

    def until(self, now: dt.datetime) -> dt.date:
        """The day up to which an entry that repeats is followed: `horizon` from now, and on to the end of that month.

        It moves once a month, so that a file that did not change is not read again before.
        """
        last = now.date() + self.horizon
        return (last.replace(day=1) + dt.timedelta(days=32)).replace(day=1)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> FeedConfig:
        found = list(self._mistakes())
        if found:
            raise Mistakes(found)
        return self

    def _mistakes(self) -> Iterator[InputError]:
        if self.id in ORIGINS:
            yield InputError("this word is taken", where="id", value=self.id, remedy="choose another id")
        kind = KINDS.get(self.kind)
        if kind is None:
            if self.kind not in (others := installed(PLUGINS)):
                known = (*KINDS, *sorted(others))
                remedy = hint(self.kind, known, f"known are {', '.join(known)}; a plug-in brings others")
                yield InputError("there is no such kind of feed", where="kind", value=self.kind, remedy=remedy)
            return
        if getattr(self, kind.needs) is None:
            yield InputError(f"a feed of kind {kind.name} needs a {kind.needs}", where=kind.needs, remedy="add it")
        for key in self.options:
            if key in type(self).model_fields and key not in kind.keys:
                yield InputError(f"a feed of kind {kind.name} has no {key}", where=key, remedy="remove it")
            elif key not in kind.keys:
                known = (*COMMON, *kind.keys)
                yield InputError("unknown key", where=key, remedy=hint(key, known, f"known here: {', '.join(known)}"))
