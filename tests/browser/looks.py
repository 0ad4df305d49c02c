"""How pages look, as small grey pictures beside the tests: ``python -m tests.browser.looks`` takes them anew."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.browser.chromium import Chromium
from tests.browser.site import FOUNDING, site

FOLDER = Path(__file__).parents[1] / "data" / "looks"
FONTS = FOLDER / "fonts.json"
PAGES = (FOUNDING, "beijing-meeting-2022", "snb-floor-2015", "index")
WIDTHS = (1280, 768, 390)
SHRUNK = 10  # pixels a side that are one of the picture: edges of letters even out, and what moved does not
MEAN, FAR, SHARE = 4.0, 48, 0.01  # grey levels of 256 on average; and of how many points the difference may be large

# How wide text is in the fonts of this machine: pictures that were taken with others say nothing.
WIDTH_OF_TEXT = """(selector => {
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = getComputedStyle(document.querySelector(selector)).font;
    return Math.round(pen.measureText('Did markets react? 0123456789 %').width);
})"""


def fonts(browser: Chromium) -> dict[str, Any]:
    """Widths of a text in the fonts of a page, in pixels."""
    browser.open(site().page(FOUNDING).as_uri(), WIDTHS[0])
    return {selector: browser.evaluate(f"{WIDTH_OF_TEXT}('{selector}')") for selector in ("body", "h1")}


def picture(browser: Chromium) -> Image.Image:
    """The page that is open, grey and a tenth as large."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.png"
        browser.screenshot(file)
        whole = Image.open(io.BytesIO(file.read_bytes())).convert("L")
    return whole.resize((whole.width // SHRUNK, whole.height // SHRUNK), Image.Resampling.BOX)


def differs(now: Image.Image, name: str, width: int) -> str:
    """What of a picture is not as in the one that was taken of that page; empty where it is alike."""
    with Image.open(taken(name, width)) as file:
        then = file.convert("L")
    if now.width != then.width or abs(now.height - then.height) > 0.02 * then.height:
        return f"it is {now.width} x {now.height} points large, and was {then.width} x {then.height}"
    height = min(now.height, then.height)
    apart = np.abs(np.asarray(now, dtype=float)[:height] - np.asarray(then, dtype=float)[:height])
    share = float((apart > FAR).mean())
    if apart.mean() <= MEAN and share <= SHARE:
        return ""
    return f"grey levels differ by {apart.mean():.1f} on average, and by more than {FAR} at {share:.1%} of the points"


def taken(name: str, width: int) -> Path:
    """Where the picture of a page stands."""
    return FOLDER / f"{name}-{width}.png"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with Chromium() as opened:
        for name in PAGES:
            for width in WIDTHS:
                opened.open(site().page(name).as_uri(), width)
                picture(opened).save(taken(name, width), optimize=True)
        FONTS.write_text(json.dumps(fonts(opened)) + "\n", encoding="utf-8")
