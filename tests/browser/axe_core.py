"""axe-core in a page: what breaks a rule of WCAG 2.2 AA, or is bad practice."""

from __future__ import annotations

from pathlib import Path

from tests.browser.chromium import Chromium

AXE = Path(__file__).parent / "axe" / "axe.min.js"

RUN = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(
    found => found.violations.flatMap(rule => rule.nodes.map(node => rule.id + ': ' + node.html.slice(0, 120))))"""


def violations(browser: Chromium, page: Path, scheme: str) -> list[str]:
    """What a page breaks with all of its parts open; it must ask for nothing and leave the console empty."""
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.open(page.as_uri(), 1280)
    browser.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert [url for url in browser.requests() if not url.startswith("data:")] == [page.as_uri()]
    browser.evaluate(f"{AXE.read_text('utf-8')}; null")
    answer = browser.send("Runtime.evaluate", expression=RUN, awaitPromise=True, returnByValue=True)["result"]
    assert browser.complaints() == []
    said: list[str] = answer["value"]
    return said
