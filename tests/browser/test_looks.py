"""Pages look as they did when their pictures were taken, on a desk, a tablet and a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.browser import looks
from tests.browser.chromium import Chromium, found
from tests.browser.site import FOUNDING, site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(found() is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as opened:
        if looks.fonts(opened) != json.loads(looks.FONTS.read_text("utf-8")):
            pytest.skip("the pictures were taken with other fonts")
        yield opened


@pytest.mark.parametrize("width", looks.WIDTHS)
@pytest.mark.parametrize("name", looks.PAGES)
def test_a_page_looks_as_in_its_picture(browser: Chromium, name: str, width: int) -> None:
    browser.open(site().page(name).as_uri(), width)
    said = looks.differs(looks.picture(browser), name, width)
    assert not said, f"{said}; if it is meant, run python -m tests.browser.looks and look at the pictures"


@pytest.mark.parametrize(
    "style",
    [
        "h2 { margin-top: 6rem !important }",
        "table { display: none !important }",
        "body { background: #999 !important }",
    ],
    ids=["moved", "gone", "grey"],
)
def test_what_moved_went_or_changed_its_colour_is_seen(browser: Chromium, style: str) -> None:
    browser.open(site().page(FOUNDING).as_uri(), 1280)
    browser.evaluate(f"document.styleSheets[0].insertRule('{style}', document.styleSheets[0].cssRules.length)")
    assert looks.differs(looks.picture(browser), FOUNDING, 1280)
