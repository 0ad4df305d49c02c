"""The distributions that an installation of this one brings: versions and licences, from their own metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "eventstudy-service"
NOT_SHIPPED = ("dev",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """One distribution.

    Attributes
    ----------
    name, version, licence : str
    needs : tuple of str
        Names of those that it needs, of ours.
    extra : str
        The extra of this package that brings it; empty for those that everyone gets.
    """

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]
    extra: str


def shipped() -> list[Shipped]:
    """What everyone gets, and what each extra adds, as it is installed here; ours is left out."""
    found: dict[str, Shipped] = {}
    own = distribution(OURS)
    extras = sorted(set(own.metadata.get_all("Provides-Extra") or ()) - set(NOT_SHIPPED))
    for extra in ("", *extras):
        waiting = list(_needs(own, {extra}))
        while waiting:
            requirement = waiting.pop()
            name = canonicalize_name(requirement.name)
            if name in found:
                continue
            try:
                one = distribution(name)
            except PackageNotFoundError:
                raise SystemExit(f"{name} is not installed here: pip install -c constraints.txt -e '.[dev]'") from None
            needs = list(_needs(one, {"", *requirement.extras}))
            waiting += needs
            found[name] = Shipped(
                name=name,
                version=one.version,
                licence=licence(one),
                needs=tuple(sorted({canonicalize_name(need.name) for need in needs})),
                extra=extra,
            )
    return sorted(found.values(), key=lambda one: one.name)


def _needs(one: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """What a distribution needs here, with some of its extras."""
    for text in one.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            yield requirement


def licence(one: Distribution) -> str:
    """The licence that a distribution names: an SPDX expression, a classifier, or its own words."""
    metadata = one.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [c for c in metadata.get_all("Classifier") or () if c.startswith("License :: ")]
    named = [c.rpartition(" :: ")[2] for c in classifiers if not c.endswith("OSI Approved")]
    if named:
        return " OR ".join(sorted(named)) if len(named) > 1 else named[0]
    own = str(metadata.get("License") or "").strip().splitlines()
    return re.sub(r"\s+", " ", own[0]) if own and len(own[0]) < 80 else "see its files"
