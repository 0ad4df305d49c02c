"""A house's own colours, logo, words and sections, from a folder with a ``theme.yaml``.

Nothing of a theme reaches a page as code: a colour is six hexadecimal digits under a name that the style sheet has, a
logo is a picture, in which nothing runs and which can fetch nothing, and words are escaped as all others are.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from eventstudy.config import strict_yaml
from eventstudy.config.load import in_words, together
from eventstudy.errors import ConfigError, InputError
from eventstudy.hints import hint
from eventstudy.report.contrast import contrast
from eventstudy.report.words import CODES, Language, in_language

FILE = "theme.yaml"
STYLE = (files("eventstudy.report") / "templates/style.css").read_text("utf-8")
HIDEABLE = ("claims", "details", "minute", "reproduce")  # parts of an event's page; none of them is the answer
_SCHEME = "prefers-color-scheme"
LARGEST_LOGO = 100_000
READABLE = 4.5  # contrast of text, as WCAG 2.2 AA asks for
_PICTURES = {
    ".svg": ("image/svg+xml", re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg\b", re.DOTALL)),
    ".png": ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ".jpg": ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ".webp": ("image/webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
}


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise InputError("not a colour", value=text, remedy='write six hexadecimal digits in quotes, "#0072b2"')
    return text.lower()


Colours = dict[str, Annotated[str, AfterValidator(_colour)]]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    heading: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=5000)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", max_length=200)
    colours: Colours = Field(default_factory=dict)
    dark: Colours = Field(default_factory=dict)
    logo: str | None = None
    strings: dict[str, dict[str, str | tuple[str, str]]] = Field(default_factory=dict)
    hide: tuple[str, ...] = ()
    sections: tuple[_Section, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Theme:
    """What a folder makes different.

    Attributes
    ----------
    name : str
        Of the house; the words for its logo.
    css : str
        Rules that come after those of the style sheet.
    logo : str
        Address of the picture with all of its data, or empty.
    strings : mapping
        By code of a language: phrases by key.
    hidden : frozenset of str
        Parts of an event's page that are left out, of `HIDEABLE`.
    sections : tuple of (heading, paragraphs)
        At the end of each page.
    """

    name: str = ""
    css: str = ""
    logo: str = ""
    strings: Mapping[str, Mapping[str, str | tuple[str, str]]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def language(self, code: str) -> Language:
        """A language with the theme's own phrases."""
        spoken = in_language(code)
        own = self.strings.get(code)
        return replace(spoken, phrases={**spoken.phrases, **own}) if own else spoken


PLAIN = Theme()


def load_theme(folder: Path) -> Theme:
    """Read and check the theme of a folder.

    Raises
    ------
    ConfigError
        One line per mistake, each with the file, the value and what to do.
    """
    path = folder / FILE
    if not path.is_file():
        raise ConfigError("there is no such file", where=str(path), remedy="a theme is a folder with a theme.yaml")
    raw = strict_yaml.load_file(path) or {}
    if not isinstance(raw, dict):
        raise ConfigError("holds no theme", where=str(path), remedy="write keys such as colours: and logo:")
    try:
        found = _File.model_validate(raw)
    except ValidationError as error:
        raise together([_placed(path, mistake) for mistake in in_words(error, raw)]) from None
    mistakes = [*_wrong_colours(found), *_wrong_words(found), *_wrong_parts(found)]
    if mistakes:
        raise together([_placed(path, mistake) for mistake in mistakes])
    return Theme(
        name=found.name,
        css=_css(found.colours, found.dark),
        logo=_logo(folder, found.logo) if found.logo else "",
        strings=found.strings,
        hidden=frozenset(found.hide),
        sections=tuple((s.heading, tuple(s.text.strip().split("\n\n"))) for s in found.sections),
    )


def _placed(path: Path, mistake: InputError) -> ConfigError:
    where = f"{path}: {mistake.where}" if mistake.where else str(path)
    return ConfigError(mistake.problem, where=where, value=mistake.value, remedy=mistake.remedy)


def _names(scheme: str) -> dict[str, str]:
    """The colours of the style sheet by name: of a bright page, or what a dark one changes."""
    root = re.search(r":root \{([^}]*)\}", STYLE.partition(f"{_SCHEME}: {scheme}")[2] if scheme else STYLE)
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", root[1])) if root else {}


def _wrong_colours(found: _File) -> Iterator[InputError]:
    bright = _names("")
    for key, colours, base in (("colours", found.colours, bright), ("dark", found.dark, bright | _names("dark"))):
        for name in sorted(set(colours) - set(bright)):
            yield InputError(
                "the style sheet has no such colour",
                where=key,
                value=name,
                remedy=hint(name, sorted(bright), f"the names are {', '.join(sorted(bright))}"),
            )
        if key == "dark" and not colours:
            continue
        full = base | colours
        for name in ("ink", "soft", "blue"):
            if (ratio := contrast(full[name], full["paper"])) < READABLE:
                yield InputError(
                    f"text in {name} on paper has a contrast of {ratio:.1f}, too little to read",
                    where=f"{key}.{name}",
                    value=full[name],
                    remedy=f"at least {READABLE}: make one of them darker or brighter",
                )


def _wrong_words(found: _File) -> Iterator[InputError]:
    for code, phrases in found.strings.items():
        if code not in CODES:
            yield InputError("no such language", where="strings", value=code, remedy=f"one of {', '.join(CODES)}")
            continue
        known = in_language(code).phrases
        for key, words in phrases.items():
            where = f"strings.{code}.{key}"
            if key not in known:
                yield InputError(
                    "no phrase has this key",
                    where=where,
                    value=key,
                    remedy=hint(key, sorted(known), "the keys are those of eventstudy/report/words"),
                )
            elif isinstance(words, str) and not isinstance(known[key], str):
                yield InputError("a pair", where=where, value=words, remedy="write two: for one, and for several")
            else:
                yield from _wrong_slots(where, words, known[key])


def _wrong_slots(where: str, words: str | tuple[str, str], known: str | tuple[str, str]) -> Iterator[InputError]:
    allowed = {name for one in _all(known) for name in _slots(one)}
    for one in _all(words):
        try:
            wrong = set(_slots(one)) - allowed
        except ValueError as error:
            yield InputError(f"no phrase: {error}", where=where, value=one, remedy="write { as {{ and } as }}")
            continue
        if wrong:
            yield InputError(
                f"has no slot {{{min(wrong)}}}",
                where=where,
                value=one,
                remedy=f"its slots are {', '.join(f'{{{name}}}' for name in sorted(allowed)) or 'none'}",
            )


def _all(words: str | tuple[str, str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _slots(words: str) -> list[str]:
    """Names of the slots of a phrase, with whatever stands in their braces, so that ``{a.b}`` is none of ``{a}``."""
    parts = [part for part in Formatter().parse(words) if part[1] is not None]
    return [f"{name}{'!' if how else ''}{how or ''}{':' if form else ''}{form}" for _, name, form, how in parts]


def _wrong_parts(found: _File) -> Iterator[InputError]:
    for name in found.hide:
        if name not in HIDEABLE:
            yield InputError("cannot be hidden", where="hide", value=name, remedy=f"one of {', '.join(HIDEABLE)}")


def _css(colours: Mapping[str, str], dark: Mapping[str, str]) -> str:
    """The colours as rules of the style sheet; those of a bright page leave a dark one as it is."""

    def root(some: Mapping[str, str]) -> str:
        return f":root {{ {' '.join(f'--{name}: {value};' for name, value in sorted(some.items()))} }}"

    bright = root(colours)
    if _names("dark") and colours:
        bright = f"@media ({_SCHEME}: light) {{ {bright} }}"
    lines = [bright] if colours else []
    if dark:
        lines.append(f"@media ({_SCHEME}: dark) {{ {root(dark)} }}")
    return "\n".join(lines)


def _logo(folder: Path, name: str) -> str:
    path = (folder / name).resolve()
    where = str(folder / name)
    if not path.is_relative_to(folder.resolve()):
        raise ConfigError("lies outside of the theme", where=where, remedy="put the logo into its folder")
    if path.suffix not in _PICTURES:
        raise ConfigError("not a picture", where=where, remedy=f"one of {', '.join(_PICTURES)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", where=where, remedy="put the logo into the folder of the theme"
        ) from None
    kind, begins = _PICTURES[path.suffix]
    if len(data) > LARGEST_LOGO or not begins.match(data):
        raise ConfigError(
            "too large" if len(data) > LARGEST_LOGO else f"is no {path.suffix[1:].upper()}",
            where=where,
            remedy=f"a picture of at most {LARGEST_LOGO // 1000} kB",
        )
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def content(theme: Theme) -> Any:
    """All of a theme as plain values, to tell whether it changed."""
    return [theme.name, theme.css, theme.logo, theme.strings, sorted(theme.hidden), theme.sections]
