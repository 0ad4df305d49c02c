"""What a plan freezes, and where what was run differs from it, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

# What is allowed for, of the p of single events; an average has its primary window.
OF_ASSETS = "Holm, over the assets of the event"
OF_EVENTS = "Holm, Benjamini-Hochberg and Benjamini-Yekutieli, over single events; none for averages"

OF_FILES = "study"  # what a study of files has in the place of an id

Kind = Literal["changed", "not run", "not planned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The choices that bear on a result, as plain values: what a plan freezes, and what a study ran.

    Attributes
    ----------
    studies : mapping
        Study id → every setting, defaults spelled out.
    assets : mapping
        Asset → source, symbol, calendar or basket; none for a study of files.
    events : mapping
        Event id → what is said of it: ``earliest, latest, assets``, or of a file the cells by asset.
    releases : tuple of str or None
        Lists of scheduled releases that may explain a move; None for a study of many events.
    """

    studies: Mapping[str, Mapping[str, Any]]
    events: Mapping[str, Mapping[str, Any]]
    assets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    releases: tuple[str, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as mappings and lists."""
        is_of_event = self.releases is not None
        assets = {"assets": self.assets} if self.assets or is_of_event else {}
        releases = {"releases": self.releases} if is_of_event else {}
        out: dict[str, Any] = plain({"studies": self.studies, "events": self.events, **assets, **releases})
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One field that was planned one way and run another.

    Attributes
    ----------
    path : tuple of str
        Keys down to the field, such as ``("studies", "market", "alpha")``.
    kind : {"changed", "not run", "not planned"}
    planned, run : Any
        None for a whole section, and on the side that lacks the field.
    """

    path: tuple[str, ...]
    kind: Kind
    planned: Any
    run: Any

    @property
    def name(self) -> str:
        """The path in one word; the settings of the one study of files by their names alone."""
        alone = ("studies", OF_FILES)
        return ".".join(self.path[2:] if self.path[:2] == alone and self.path[2:] else self.path)

    def to_dict(self) -> dict[str, Any]:
        """The departure as a document tells it."""
        return {"field": self.name, "kind": self.kind, "planned": self.planned, "run": self.run}


def with_choices(spec: Mapping[str, Any], correction: str) -> dict[str, Any]:
    """The settings of a study with what follows from them: which window decides, and what p allows for."""
    settings: dict[str, Any] = plain(spec)
    return {**settings, "primary_window": settings["windows"][0], "correction": correction}


def choice_of(
    *,
    tag: str | None,
    kind: str | None,
    assets: Sequence[str],
    event_ids: Sequence[str],
    compare: Sequence[str],
    regress: Sequence[str] = (),
) -> dict[str, Any]:
    """How a study of stored events chooses, compares and explains them, among its settings."""
    chosen = {"tag": tag, "kind": kind, "assets": sorted(assets), "events": sorted(event_ids)}
    return {**chosen, "compare": list(compare), "regress": list(regress)}


def assets_read(
    own: Iterable[str], specs: Iterable[Mapping[str, Any]], assets: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Those of the assets of the settings that studies of `own` read: with what explains them, and parts of baskets."""
    explained_by = [name for spec in specs for name in (spec.get("benchmark"), *(spec.get("factors") or ())) if name]
    wanted = list(dict.fromkeys([*own, *explained_by]))
    for name in wanted:  # which grows by the parts of baskets
        basket = assets.get(name, {}).get("basket") or {}
        wanted += [part for part in (*basket.get("weights", ()), *basket.get("members", ())) if part not in wanted]
    return {name: assets[name] for name in wanted if name in assets}


def departures(planned: Frozen, run: Frozen) -> list[Departure]:
    """Every field that differs, in the order of the plan."""
    return list(_departures(planned.to_dict(), run.to_dict(), ()))


def _departures(planned: Mapping[str, Any], run: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Departure]:
    for key in dict.fromkeys((*planned, *run)):
        there, here, at = planned.get(key), run.get(key), (*path, key)
        if isinstance(there, Mapping) and isinstance(here, Mapping):
            yield from _departures(there, here, at)
        elif key not in run:
            yield Departure(path=at, kind="not run", planned=_leaf(there), run=None)
        elif key not in planned:
            yield Departure(path=at, kind="not planned", planned=None, run=_leaf(here))
        elif there != here:
            yield Departure(path=at, kind="changed", planned=there, run=here)


def _leaf(value: Any) -> Any:
    return None if isinstance(value, Mapping) else value


def plain(value: Any) -> Any:
    """A value as JSON has it: mappings, lists and what they hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value
