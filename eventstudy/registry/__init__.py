"""What there is of each family, by name: ours, and what other distributions bring.

An entry holds words and the place of its code, which is loaded when it is first called: help and settings need the
words alone.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from eventstudy.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Named(Protocol):
    """What every entry has."""

    @property
    def name(self) -> str:
        """The word that users write."""
        ...


Entry = TypeVar("Entry", bound=Named)


class Registry(Mapping[str, Entry], Generic[Entry]):
    """Entries by name: ours in the order given, then those of plug-ins by name.

    Parameters
    ----------
    what : str
        What an entry is, for messages: "model".
    kind : type
        Class of the entries.
    entries : Entry
        Ours. A plug-in that takes one of their names is passed over.
    group : str
        Of the entry points; ``eventstudy.models`` for models when left out.
    """

    def __init__(self, what: str, kind: type[Entry], *entries: Entry, group: str = "") -> None:
        self.what = what
        self.group = group or f"eventstudy.{what}s"
        self._kind = kind
        self._ours = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> Entry:
        if name in self._ours:
            return self._ours[name]
        return self._load(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._ours
        yield from self.others

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._ours or name in installed(self.group)

    @property
    def ours(self) -> tuple[Entry, ...]:
        """The entries that are not of plug-ins, none of which is loaded for it."""
        return tuple(self._ours.values())

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the entries of plug-ins, none of which is loaded for it."""
        return tuple(sorted(set(installed(self.group)) - set(self._ours)))

    def usable(self) -> Iterator[Entry]:
        """The entries, without those of plug-ins that cannot be loaded."""
        yield from self.ours
        for name in self.others:
            with contextlib.suppress(InputError):
                yield self[name]

    def check(self, name: str, where: str) -> Entry:
        """The entry called `name`, or an InputError that lists those there are."""
        if name not in self:
            raise InputError(f"unknown {self.what}", where=where, value=name, remedy=f"known are {', '.join(self)}")
        return self[name]

    def _load(self, name: str) -> Entry:
        entry = installed(self.group)[name]
        try:
            found = entry.load()
        except Exception as error:  # a plug-in that stumbles must be named, not shown as a fault of ours
            raise InputError(
                f"the plug-in {entry.value} cannot be used ({type(error).__name__}: {error})",
                where=self.what,
                value=name,
                remedy=f"ask its makers; the entry point is in the group {self.group}",
            ) from error
        if not isinstance(found, self._kind) or found.name != name:
            raise InputError(
                f"the plug-in {entry.value} is no {self._kind.__name__} of this name",
                where=self.what,
                value=name,
                remedy="see CONTRIBUTING.md for what one must be",
            )
        return found


@functools.cache
def installed(group: str) -> dict[str, EntryPoint]:
    """What other distributions bring under an entry point group, by name, not loaded yet."""
    import importlib.metadata  # 20 ms, which only those pay who ask for a name

    return {found.name: found for found in importlib.metadata.entry_points(group=group)}


@functools.cache
def load(place: str) -> Any:
    """The object at ``module:name``."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
