"""Settings of the price sources: which kinds there are, and which keys each of them has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eventstudy.config.fields import Number, PathField, Slug, WebAddress, Whole, ZoneName, hint, written
from eventstudy.errors import InputError

PLUGINS = "eventstudy.sources"  # the entry point group: name of a kind → factory(name, settings, now)

# The settings that each kind has, beside `kind`; a plug-in has its own and checks them itself.
KEYS: dict[str, tuple[str, ...]] = {
    "ecb": ("live", "url", "timeout", "attempts"),
    "yahoo": ("endpoint", "cache", "timeout", "attempts", "pace", "prepost"),
    "files": (
        "path",
        "shape",
        "columns",
        "date_format",
        "decimal",
        "sheet",
        "bar",
        "zone",
        "currency",
        "close_time",
    ),
    "factors": ("path", "url", "timeout", "attempts"),
}
ROLES = ("date", "symbol", "open", "high", "low", "close", "volume", "adjusted", "dividend", "split")


class Mistakes(ValueError):
    """Several mistakes that one validator found; each names its key."""

    def __init__(self, found: Sequence[InputError]) -> None:
        super().__init__(*found)
        self.found = tuple(found)


class Section(BaseModel):
    """A part of the settings: no unknown key, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class SourceConfig(Section):
    """Where prices come from. `kind` decides which of the settings there are; see `KEYS`.

    Settings of a plug-in are kept as they were written, for the plug-in to check: `options`.
    """

    model_config = ConfigDict(extra="allow")

    kind: Slug
    # over a network
    endpoint: WebAddress | None = None
    url: WebAddress | None = None
    timeout: Number = Field(default=10.0, gt=0)
    attempts: Whole = Field(default=4, ge=1, le=20)
    # yahoo
    cache: PathField = Path("var/cache")
    pace: Number = Field(default=0.5, ge=0)
    prepost: bool = Field(default=False, strict=True)
    # ecb
    live: bool = Field(default=False, strict=True)
    # files, factors
    path: PathField | None = None
    shape: Literal["wide", "long"] | None = None
    columns: dict[str, str] = {}
    date_format: Annotated[
        str,
        written(
            r"(day|month|year)-first|.*%.*",
            "not a form of dates",
            "write day-first, month-first, or a form such as %d.%m.%y",
        ),
    ] = ""
    decimal: Literal["", ".", ","] = ""
    sheet: str = ""
    bar: Literal["1d", "1h", "30m", "15m", "5m", "1m"] = "1d"
    zone: ZoneName = "UTC"
    currency: Annotated[str, written(r"\w{0,8}", "not a currency", "write its code, for example USD")] = ""
    close_time: (
        Annotated[
            str,
            written(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", "not a time of day", 'write HH:MM, for example "16:00"'),
        ]
        | None
    ) = None

    @property
    def options(self) -> dict[str, Any]:
        """Every setting that was given, `kind` left out: what a plug-in is handed, and checks."""
        given = {key: getattr(self, key) for key in self.model_fields_set - {"kind"}}
        return given | (self.model_extra or {})

    @model_validator(mode="after")
    def _used(self) -> SourceConfig:
        found = [*self._strays(), *self._gaps()] if self.kind in KEYS else []
        if self.kind not in KEYS and self.kind not in (others := installed_kinds()):
            known = (*KEYS, *sorted(others))
            remedy = hint(self.kind, known, f"known are {', '.join(known)}; a plug-in brings others")
            found.append(InputError("there is no such kind of source", where="kind", value=self.kind, remedy=remedy))
        if found:
            raise Mistakes(found)
        return self

    def _strays(self) -> Iterator[InputError]:
        """Settings that the kind does not have."""
        keys = KEYS[self.kind]
        for key in self.options:
            if key not in keys:
                remedy = hint(key, keys, f"known here: {', '.join(keys)}")
                yield InputError(
                    f"unknown key: a source of kind {self.kind} has no such setting", where=key, remedy=remedy
                )
        for key in ("url", "timeout", "attempts"):
            if self.kind == "ecb" and not self.live and key in self.options:
                yield InputError("the bundled ecb history has no network", where=key, remedy="add live: true")

    def _gaps(self) -> Iterator[InputError]:
        """Settings that the kind must have, and that must fit each other."""
        if self.kind == "files" and self.path is None:
            yield InputError("is missing", where="path", remedy="name a file or a folder")
        if self.kind == "factors" and (self.path is None) == (self.url is None):
            yield InputError("a factor source has either a path or a url", remedy="keep one of the two")
        if self.kind == "files" and self.bar != "1d" and self.close_time is not None:
            yield InputError("only daily bars have a close_time", where="close_time", remedy="remove it")
        known = {"date"} if self.shape == "wide" else set(ROLES)
        for role in self.columns:
            if self.kind == "files" and role not in known:
                remedy = hint(role, known, f"known here: {', '.join(r for r in ROLES if r in known)}")
                yield InputError("no such column of this shape", where=f"columns.{role}", remedy=remedy)


def installed_kinds() -> dict[str, Any]:
    """Kinds of source that other distributions bring, by name; the values are entry points, not loaded yet."""
    import importlib.metadata  # 20 ms: only for a config that names a kind that is not ours

    return {found.name: found for found in importlib.metadata.entry_points(group=PLUGINS)}
