"""Kinds of things that can be added: where ours are, and what other distributions bring."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def load(reference: str) -> Any:
    """The object that ``module:name`` stands for."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(module), name)


def installed(group: str) -> dict[str, EntryPoint]:
    """What other distributions bring under an entry point group, by name, not loaded yet."""
    import importlib.metadata  # 20 ms: only for a name that is not ours

    return {found.name: found for found in importlib.metadata.entry_points(group=group)}
