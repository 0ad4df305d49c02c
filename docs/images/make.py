"""Makes report.png: the top of the founding event's page, at twice the usual scale, in headless Chromium.

Run from the root of the repository: ``.venv/bin/python docs/images/make.py``. Needs chromium; Pillow, which comes with
the dev extra's matplotlib, makes the picture smaller.
"""

# ruff: noqa: INP001  # a script, no package
from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import Chromium  # noqa: E402  # a script beside the package, not part of it

TARGET = Path(__file__).with_name("report.png")


def main() -> None:
    """Run the demo in a temporary folder and photograph its page down to the end of the first charts."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "eventstudy", "demo", "--dir", folder], check=True, cwd=ROOT)  # noqa: S603  # our own program
        page = Path(folder) / "reports" / "xi-visits-russia-2023.html"
        with Chromium() as browser:
            browser.open(page.as_uri(), width=1120, scale=2.0)
            end = browser.evaluate("document.querySelector('.figures').getBoundingClientRect().bottom")
            browser.screenshot(TARGET, height=end + 16)
    Image.open(TARGET).quantize(128).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
