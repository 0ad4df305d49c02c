"""From the results database to HTML, through templates that escape everything."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import sqlite3

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup, escape

from eventstudy import __version__
from eventstudy.report.appearance import theme
from eventstudy.report.figures.html import figure
from eventstudy.report.linked import as_html, row_id
from eventstudy.report.schema_org import as_json_ld
from eventstudy.report.study.tables import heads
from eventstudy.report.table_html import grid, looked, plain, reactions, table, verdict
from eventstudy.report.theme import STYLE
from eventstudy.report.view import event_view
from eventstudy.report.words import Language, language, say
from eventstudy.store.read import EventBatch

Answer = tuple[str, tuple[str, ...]]  # a verdict, and sentences


class _Folded(Extension):
    """Phrases are filters, which Jinja calls at once; those without slots become part of the compiled template."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  # of Jinja
        return _PHRASE.sub(r"(\2 | \1(\3))", source)


_PHRASE = re.compile(r'\b(say|heads|marked)\(("[^"]*")(?:, ([^()]*))?\)')


def environment() -> Environment:
    """The templates in the language that is spoken, with what every page shares."""
    return _environment(language())


@functools.lru_cache(maxsize=4)  # with phrases of a theme every pass speaks a language of its own
def _environment(_spoken: Language) -> Environment:
    loader = PackageLoader("eventstudy.report", "templates")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=plain,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Folded],
        auto_reload=False,  # else every page asks the disk whether its templates changed
    )
    # The policy of a page names this very style sheet and its very script, so that no other can be slipped in.
    environment.globals |= {"style": style, "style_hash": style_hash, "theme": theme, "version": __version__}
    for name in ("page", "index"):
        script, _, _ = loader.get_source(environment, f"{name}.js")
        environment.globals[f"{name}_source"] = Markup(script)  # noqa: S704  # our own file, not input
        environment.globals[f"{name}_hash"] = _digest(script)
    environment.globals |= {
        "grid": grid,
        "heads": heads,
        "language": language,
        "looked": looked,
        "reactions": reactions,
        "row_id": row_id,
        "say": say,
        "table": table,
        "verdict": verdict,
    }
    # which Jinja works out once where all that they are given is written out
    environment.filters |= {"heads": heads, "marked": _marked, "say": say}
    environment.filters["figure"] = figure
    environment.filters["linked"] = as_html
    # made by eventstudy.report.schema_org, which escapes every text
    environment.filters["data"] = Markup
    return environment


def style() -> Markup:
    """The style sheet, with the colours of the theme: both were checked, neither is input."""
    return _styled(theme().css)[0]


def style_hash() -> str:
    """By which the policy names this very style sheet."""
    return _styled(theme().css)[1]


@functools.lru_cache(maxsize=8)
def _styled(own: str) -> tuple[Markup, str]:
    css = Markup(f"{STYLE}\n{own}\n" if own else STYLE)  # noqa: S704
    return css, _digest(css)


def _digest(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _marked(key: str, /, **slots: str) -> Markup:
    """A phrase as HTML, with what its slots hold as code."""
    code = {name: Markup("<code>{}</code>").format(value) for name, value in slots.items()}
    return Markup(escape(say(key, **{name: f"{{{name}}}" for name in slots}))).format(**code)  # noqa: S704  # escaped


def render_event(connection: sqlite3.Connection, event_id: str, batch: EventBatch | None = None) -> tuple[str, Answer]:
    """The page of one stored event, and its verdict and sentences: equal results, equal bytes.

    The event is read with those of its `batch`, alone when None.
    """
    view = event_view(connection, event_id, batch)
    return environment().get_template("event.html.j2").render(event=view, facts=as_json_ld(view)), view.answer
