"""Every kind of page by the rules of WCAG 2.2 AA, as axe checks them in a browser, in the light and in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.config.load import load_config
from eventstudy.database import reading
from eventstudy.report.appearance import appearing
from eventstudy.report.page import render_event
from tests.browser.axe_core import AXE, violations
from tests.browser.chromium import Chromium, found
from tests.browser.site import FOUNDING, ROOT, site
from tests.browser.test_pages import WIDE
from tests.browser.test_study_page import page as study_page
from tests.integration.test_minutes_pass import folder as minutes
from tests.support.command import eventstudy

__all__ = ["minutes"]  # a fixture: the folder of a study by the minute

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(found() is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="no axe here: the sdist does not carry it"),
]

THEME = ROOT / "docs" / "examples" / "theme"
STUDIES = ("groups", "skipped", "hostile")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, minutes: Path) -> dict[str, Path]:
    """Of every kind one: those of the site, studies of files and by the minute, collections, a language, a theme."""
    folder = tmp_path_factory.mktemp("pages")
    reports = site().page("").parent
    names = (FOUNDING, "future", "evil-asset", "rtl", "long", "index", "digest", "assets/dollar-index")
    made = {name: reports / f"{name}.html" for name in names}
    for kind in STUDIES:
        made[f"study {kind}"] = folder / f"{kind}.html"
        made[f"study {kind}"].write_text(study_page(kind), "utf-8")
    made |= {f"minutes {name}": minutes / "reports" / f"{name}.html" for name in ("boundary", "cpi", "assets/aaa")}
    assert eventstudy("demo", "--dir", folder / "demo").code == 0
    collected = sorted((folder / "demo" / "reports" / "collections").glob("*.html"))
    assert collected
    made |= {f"collection {page.stem}": page for page in collected[:2]}
    config = load_config(site().config, environ={})
    for name, other in (("German", {"language": "de"}), ("theme", {"folder": THEME})):
        connection = reading.connect(site().database)
        with appearing(config, **other):  # type: ignore[arg-type]  # one of its two
            page, *_ = render_event(connection, FOUNDING)
        connection.close()
        made[name] = folder / f"{name}.html"
        made[name].write_text(page, "utf-8")
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_kind_of_page_breaks_a_rule(browser: Chromium, pages: dict[str, Path], scheme: str) -> None:
    assert {name: broken for name, page in pages.items() if (broken := violations(browser, page, scheme))} == {}


def test_no_table_of_a_german_page_is_wider_than_a_desk(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["German"].as_uri(), 1280)
    assert browser.evaluate(f"{WIDE}.map(s => s.getAttribute('aria-label'))") == []


def test_no_kind_of_page_has_an_error_of_the_html_parser(pages: dict[str, Path]) -> None:
    parser = pytest.importorskip("tinyhtml5.parser").HTMLParser()  # it came with WeasyPrint
    parser.parse("<!doctype html><title>x</title><p>a</b>")
    assert parser.errors != []
    broken = {}
    for name, page in pages.items():
        parser.parse(page.read_text("utf-8"))
        if parser.errors:
            broken[name] = parser.errors[:3]
    assert broken == {}
