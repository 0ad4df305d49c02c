"""Make the documentation a site: ``python -m tests.docs.site`` stages its pages in build/docs and builds build/site.

The pages are the Markdown of this repository; links that lead out of docs/ lead to copies of what they
name, so that no page depends on where the repository stands. Every internal link and anchor is checked (strict).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import eventstudy

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "build" / "docs"
CONFIG = ROOT / "docs" / "mkdocs.yml"
LINK = re.compile(r"(\]\()([^)\s]+)(\))")

# What stands outside docs/ → the page that it becomes.
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "bench/README.md": "bench.md",
    "LICENSE": "license.md",
    "config.yaml": "config.md",
}
SERVICE = ("jobs/docker", "jobs/systemd")
FENCED = {"LICENSE": "text", "config.yaml": "yaml"}


def target(page: Path, link: str) -> str:
    """Where a link of `page`, a file of the repository, leads to in the site."""
    if re.match(r"[a-z]+:|#", link):
        return link
    path, mark, anchor = link.partition("#")
    there = (page.parent / path).resolve().relative_to(ROOT).as_posix()
    if there in PAGES:
        return PAGES[there] + mark + anchor
    if there.startswith(SERVICE):
        return "service-files.md"
    if there.startswith("docs/"):
        return there.removeprefix("docs/") + mark + anchor
    raise SystemExit(f"{page.relative_to(ROOT)} links to {link}, which is no page of the site: add it to PAGES")


def rewritten(page: Path) -> str:
    """A page with its links as the site has them; code is left alone."""
    parts = re.split(r"(^```.*?^```$)", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [LINK.sub(lambda m: m[1] + target(page, m[2]) + m[3], part) for part in parts[::2]]
    return "".join(parts)


def fenced(title: str, path: Path, language: str) -> str:
    return f"# {title}\n\n````{language}\n{path.read_text('utf-8').rstrip()}\n````\n"


def service_files() -> str:
    """Units and container file, as they are."""
    out = "# Service files\n"
    for folder in SERVICE:
        for path in sorted(p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            out += f"\n## {path.relative_to(ROOT / 'jobs')}\n\n````ini\n{path.read_text('utf-8').rstrip()}\n````\n"
    return out


def api() -> str:
    """Every public name, with what its docstring says."""
    homes = sorted(eventstudy._HOMES.items())
    entries = "".join(f"\n::: {_defined(name, home)}\n" for name, home in homes)
    head = "# Python, name by name\n\nWhat `import eventstudy` offers; [python.md](python.md) shows it at work.\n"
    return head + entries


def _defined(name: str, home: str) -> str:
    """Where a public name is defined: the home may have it from elsewhere."""
    found = getattr(__import__(home, fromlist=[name]), name)
    return f"{found.__module__}.{found.__qualname__}"


def stage() -> None:
    """Write the pages anew."""
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    for page in sorted((ROOT / "docs").glob("*.md")):
        (STAGE / page.name).write_text(rewritten(page), "utf-8")
    for name, page_name in PAGES.items():
        source = ROOT / name
        text = fenced(source.name, source, FENCED[name]) if name in FENCED else rewritten(source)
        (STAGE / page_name).write_text(text, "utf-8")
    (STAGE / "service-files.md").write_text(service_files(), "utf-8")
    (STAGE / "api.md").write_text(api(), "utf-8")
    for beside in sorted((ROOT / "docs").iterdir()):  # pictures and examples that pages link to
        if beside.is_dir():
            shutil.copytree(beside, STAGE / beside.name)
        elif beside.suffix != ".md" and beside != CONFIG:
            shutil.copy(beside, STAGE)


def build() -> int:
    """Build the site; not zero where a link leads nowhere."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(CONFIG)]
    # Not --quiet: mkdocs then does not count warnings either, and a link that leads nowhere is one.
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
    sys.stderr.write("".join(f"{line}\n" for line in said if line.strip()))
    return done.returncode


if __name__ == "__main__":
    stage()
    sys.exit(build())
