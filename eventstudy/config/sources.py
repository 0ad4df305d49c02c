"""Settings of the price sources: which kinds there are, and which keys each of them has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eventstudy.config.fields import ClockZone, Number, PathField, Slug, WebAddress, Whole, written
from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.registry import installed

PLUGINS = "eventstudy.sources"  # the entry point group: name of a kind → factory(name, settings, now)
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
    """Where prices come from. `kind` decides which of the settings there are; see `KINDS`.

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
    zone: ClockZone = "UTC"
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
    def _fits_its_kind(self) -> SourceConfig:
        kind = KINDS.get(self.kind)
        found = [*self._strays(kind), *kind.check(self)] if kind else []
        if kind is None and self.kind not in (others := installed(PLUGINS)):
            known = (*KINDS, *sorted(others))
            remedy = hint(self.kind, known, f"known are {', '.join(known)}; a plug-in brings others")
            found.append(InputError("there is no such kind of source", where="kind", value=self.kind, remedy=remedy))
        if found:
            raise Mistakes(found)
        return self

    def _strays(self, kind: SourceKind) -> Iterator[InputError]:
        """Settings that the kind does not have."""
        for key in self.options:
            if key not in kind.keys:
                remedy = hint(key, kind.keys, f"known here: {', '.join(kind.keys)}")
                yield InputError(
                    f"unknown key: a source of kind {kind.name} has no such setting", where=key, remedy=remedy
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """One kind of source.

    Attributes
    ----------
    name : str
    open : str
        ``module:function``, called as ``function(name, settings, now)`` with a `SourceConfig`; gives a `Source`.
    keys : tuple of str
        Settings that it has beside `kind`.
    words : str
        What it is, for the documentation.
    check : callable
        Yields what is wrong with settings that must be there, or must fit each other.
    """

    name: str
    open: str
    keys: tuple[str, ...]
    words: str
    check: Callable[[SourceConfig], Iterable[InputError]] = lambda _: ()


def _check_ecb(settings: SourceConfig) -> Iterator[InputError]:
    for key in ("url", "timeout", "attempts"):
        if not settings.live and key in settings.options:
            yield InputError("the bundled ecb history has no network", where=key, remedy="add live: true")


def _check_files(settings: SourceConfig) -> Iterator[InputError]:
    if settings.path is None:
        yield InputError("is missing", where="path", remedy="name a file or a folder")
    if settings.bar != "1d" and settings.close_time is not None:
        yield InputError("only daily bars have a close_time", where="close_time", remedy="remove it")
    known = {"date"} if settings.shape == "wide" else set(ROLES)
    for role in settings.columns:
        if role not in known:
            remedy = hint(role, known, f"known here: {', '.join(r for r in ROLES if r in known)}")
            yield InputError("no such column of this shape", where=f"columns.{role}", remedy=remedy)


def _check_factors(settings: SourceConfig) -> Iterator[InputError]:
    if (settings.path is None) == (settings.url is None):
        yield InputError("a factor source has either a path or a url", remedy="keep one of the two")


KINDS = {
    kind.name: kind
    for kind in (
        SourceKind(
            name="ecb",
            open="eventstudy.prices.ecb_live:open_ecb",
            keys=("live", "url", "timeout", "attempts"),
            words="euro reference rates of the European Central Bank, bundled or of today",
            check=_check_ecb,
        ),
        SourceKind(
            name="yahoo",
            open="eventstudy.prices.yahoo.source:open_yahoo",
            keys=("endpoint", "cache", "timeout", "attempts", "pace", "prepost"),
            words="Yahoo Finance, through yfinance",
        ),
        SourceKind(
            name="files",
            open="eventstudy.prices.files:open_files",
            keys=(
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
            words="tables of your own: delimited text, Excel, Parquet, Stata",
            check=_check_files,
        ),
        SourceKind(
            name="factors",
            open="eventstudy.prices.factors:open_factors",
            keys=("path", "url", "timeout", "attempts"),
            words="daily factors in the layout of Kenneth French's data library",
            check=_check_factors,
        ),
    )
}
