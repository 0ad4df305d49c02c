"""A page as PDF: numbered sheets with its title over them, through WeasyPrint.

WeasyPrint needs a page that is plainer than ours. It lays out a grid in seconds rather than in milliseconds, knows no
custom property in a chart, and applies no style sheet of the page there. So what is laid out is the page made over.
"""

from __future__ import annotations

import hashlib
import logging
import re
from importlib import resources
from typing import Any
from xml.etree.ElementTree import Element

from eventstudy.errors import InputError

_SVG = "{http://www.w3.org/2000/svg}"
_DARK = re.compile(r"@media [^{]*\(prefers-color-scheme: dark\) \{\s*:root \{[^}]*\}\s*\}")
_BRIGHT = re.compile(r"(?<=@media )\(prefers-color-scheme: light\)")
_ROOT = re.compile(r":root \{([^}]*)\}")
_OF_CHARTS = re.compile(r"^svg[^{]*\{[^}]*\}", re.MULTILINE)
_NAMED = re.compile(r"var\(--([a-z0-9-]+)\)")
_FONT = re.compile(r"\bfont: (\d+px) ")


def as_pdf(page: str) -> bytes:
    """A page as PDF: equal pages, equal bytes, by the same WeasyPrint with the same fonts.

    Parameters
    ----------
    page : str
        HTML of a page of ours: of an event, a study, a collection, an asset, a digest or the index.

    Raises
    ------
    InputError
        Where WeasyPrint is not installed, or a library of the system that it needs.
    """
    weasyprint = required()
    # Pictures stand in the page: there is nothing to ask for.
    document = weasyprint.HTML(string=page, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=["data"]))
    _make_plain(document.etree_element)
    identifier = hashlib.sha256(page.encode()).hexdigest()[:32]
    made: bytes = document.write_pdf(pdf_identifier=identifier.encode(), pdf_tags=True)
    return made


def required() -> Any:
    """WeasyPrint, which has no types, or the error that says how to get it."""
    try:
        import weasyprint
    except ImportError:
        raise InputError(
            "a PDF needs WeasyPrint", where="--pdf", remedy="pip install 'eventstudy-service[pdf]'"
        ) from None
    except OSError as error:  # Pango, which is not Python's to install
        raise InputError(
            f"WeasyPrint does not find its libraries: {str(error).partition(': ')[0]}",
            where="--pdf",
            remedy="install Pango: apt install libpangoft2-1.0-0",
        ) from None
    for name in ("weasyprint", "fontTools"):  # which tell of every rule that they do not know
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return weasyprint


def _make_plain(root: Element) -> None:
    """Leave what paper shows, with links that lead somewhere from there, and a style sheet that WeasyPrint reads."""
    _prune(root)
    known = {element.get("id") for element in root.iter()}
    for link in root.iter("a"):
        target = link.get("href", "")
        if not (target.startswith(("http://", "https://")) or (target[:1] == "#" and target[1:] in known)):
            del link.attrib["href"]
    sheet = next(root.iter("style"))
    ours = resources.files("eventstudy.report").joinpath("templates", "paper.css").read_text("utf-8")
    sheet.text = _BRIGHT.sub("print", _DARK.sub("", sheet.text or "")) + ours
    of_charts = _rules_of_charts(sheet.text)
    for chart in root.iter(f"{_SVG}svg"):
        style = Element(f"{_SVG}style")
        style.text = of_charts
        chart.insert(0, style)


def _rules_of_charts(css: str) -> str:
    """The rules of a style sheet for charts, with colours in place of their names, and fonts in longhand."""
    named = (line.partition(":") for block in _ROOT.findall(css) for line in block.split(";"))
    colours = {name.strip().removeprefix("--"): value.strip() for name, _, value in named}
    rules = _NAMED.sub(lambda found: colours[found[1]], "\n".join(_OF_CHARTS.findall(css)))
    return _FONT.sub(r"font-size: \1; font-family: ", rules)


def _prune(element: Element) -> None:
    """Take away what paper does not show."""
    for child in [*element]:
        is_closed = child.tag == "details" and "open" not in child.attrib
        if child.tag == "script" or is_closed or "screen" in child.get("class", "").split():
            _drop(element, child)
        else:
            _prune(child)


def _drop(parent: Element, child: Element) -> None:
    """Remove an element, and leave the words behind it."""
    place = [*parent].index(child)
    if place:
        parent[place - 1].tail = (parent[place - 1].tail or "") + (child.tail or "")
    else:
        parent.text = (parent.text or "") + (child.tail or "")
    parent.remove(child)
