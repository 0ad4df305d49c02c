"""What the documentation says is so: links, commands, settings, examples, changelog; and nothing private leaks."""

from __future__ import annotations

import functools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version

import eventstudy
from eventstudy.config import feeds, sources
from tests.docs import commands_page, kind_tables, site
from tests.unit.test_layers import LAYERS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BY_NAME = {"argvalues": PAGES, "ids": [page.name for page in PAGES]}
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def blocks(page: Path, *languages: str) -> list[str]:
    return [code for language, code in FENCE.findall(page.read_text("utf-8")) if language in languages]


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Anchors of the headings, as the usual Markdown renderers make them."""
    titles = re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def everything() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES)


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", **BY_NAME)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for match in LINK.finditer(prose(page)):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(there), f"{page.name} links to {target}: no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = {(match[1] or match[2]).partition("#")[0] for match in LINK.finditer(prose(ROOT / "README.md"))}
    assert {str(page.relative_to(ROOT)) for page in PAGES[1:]} - linked == set()


# --- commands --------------------------------------------------------------------------------------------------------


@functools.cache
def help_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "eventstudy", *command, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
    )
    return done.stdout


def subcommands(text: str) -> set[str]:
    _, _, listing = text.partition("\nCommands:\n")
    return set(re.findall(r"^  ([a-z][\w-]*)", listing, re.MULTILINE))


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text))


def shell_lines(page: Path) -> Iterator[list[str]]:
    """Words of every command in the page's shell blocks, each side of a pipe on its own."""
    for block in blocks(page, "sh", "bash", "console"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            while words:
                end = next((i for i, word in enumerate(words) if word in ("|", "&&", ";", ">")), len(words))
                yield words[:end]
                words = words[end + 1 :]


def mistakes(words: list[str]) -> list[str]:
    """What is wrong with an ``eventstudy`` command line, judged by the program's own help."""
    command: list[str] = []
    text = help_of()
    wrong = []
    for word in words[1:]:
        if word in subcommands(text):
            command.append(word)
            text = help_of(*command)
        elif re.match(r"--?[a-zA-Z]", word) and word.partition("=")[0] not in options(text):
            wrong.append(f"{' '.join(['eventstudy', *command])} has no option {word}")
        elif subcommands(text) and not word.startswith("-") and not command:
            wrong.append(f"eventstudy has no command {word}")
    return wrong


@pytest.mark.parametrize("page", **BY_NAME)
def test_eventstudy_commands_in_shell_blocks_are_valid(page: Path) -> None:
    lines = [words for words in shell_lines(page) if words and Path(words[0]).name == "eventstudy"]
    assert [wrong for words in lines for wrong in mistakes(words)] == []


def test_a_wrong_command_in_a_shell_block_would_be_seen() -> None:
    assert mistakes(["eventstudy", "study", "--prices", "p.csv", "--no-such-option"]) == [
        "eventstudy study has no option --no-such-option"
    ]
    assert mistakes(["eventstudy", "no-such-command"]) == ["eventstudy has no command no-such-command"]


@pytest.mark.parametrize("page", **BY_NAME)
def test_make_targets_in_shell_blocks_exist(page: Path) -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony
    named = {w for words in shell_lines(page) if words[:1] == ["make"] for w in words[1:] if re.fullmatch(r"[\w-]+", w)}
    assert named - set(phony[1].split()) == set()


def test_every_command_is_documented() -> None:
    from eventstudy.cli import COMMANDS

    text = everything()
    assert [name for name in COMMANDS if not re.search(rf"eventstudy {name}\b", text)] == []


def test_the_page_of_commands_is_made_from_them() -> None:
    assert commands_page.PAGE.read_text("utf-8") == commands_page.page(), "run python -m tests.docs.commands_page"


def test_the_site_has_every_page_once() -> None:
    named = re.findall(r": ([\w-]+\.md)$", site.CONFIG.read_text("utf-8"), re.MULTILINE)
    made = {*site.PAGES.values(), "service-files.md", "api.md"}
    assert sorted(named) == sorted({*made, *(page.name for page in (ROOT / "docs").glob("*.md"))})
    for page in PAGES:
        assert site.rewritten(page)  # a link that leads to no page of the site ends it


def test_the_command_table_is_what_help_shows() -> None:
    from eventstudy.cli import COMMANDS

    assert subcommands(help_of()) == set(COMMANDS)


# --- settings --------------------------------------------------------------------------------------------------------


def test_every_top_level_setting_is_documented() -> None:
    from eventstudy.config.model import Config

    text = everything()
    assert [
        key
        for key in Config.model_fields
        if key != "clock_studies" and not re.search(rf"`{key}[`:.\[]|^{key}:", text, re.MULTILINE)
    ] == []


def test_every_top_level_setting_is_shown_in_config_yaml() -> None:
    from eventstudy.config.model import Config

    text = (ROOT / "config.yaml").read_text("utf-8")
    assert [
        key
        for key in Config.model_fields
        if key != "clock_studies" and not re.search(rf"^#? ?{key}:", text, re.MULTILINE)
    ] == []


def test_the_tables_of_sources_and_feeds_are_made_from_their_registries() -> None:
    assert {path.name: kind_tables.page(path) for path in kind_tables.PAGES} == {
        path.name: path.read_text("utf-8") for path in kind_tables.PAGES
    }
    assert all(kind_tables.TABLE.search(path.read_text("utf-8")) for path in kind_tables.PAGES)


def test_every_setting_of_a_source_and_of_a_feed_is_documented() -> None:
    lines = (ROOT / "docs" / "settings.md").read_text("utf-8").splitlines()
    cells = {prefix: [line.split("|")[1] for line in lines if f"`{prefix}" in line] for prefix in ("sources", "feeds")}
    wanted = {
        "sources": {key for kind in sources.KINDS.values() for key in kind.keys},
        "feeds": {key for kind in feeds.KINDS.values() for key in (*feeds.COMMON, *kind.keys)},
    }
    for prefix, keys in wanted.items():
        text = " ".join(cells[prefix])
        assert [key for key in keys if not re.search(rf"[`.]{key}`", text)] == []


# --- examples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [p for p in PAGES if p.exists() and blocks(p, "python")], ids=lambda page: page.name)
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, in one namespace, in a folder that looks like the repository but takes the writes."""
    for item in ROOT.iterdir():
        if not item.name.startswith(".") and item.name not in ("var", "build", "dist"):
            (tmp_path / item.name).symlink_to(item)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for number, code in enumerate(blocks(page, "python"), start=1):
        exec(compile(code, f"{page.name}, python block {number}", "exec"), names)


# --- changelog -------------------------------------------------------------------------------------------------------

SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def changelog_faults(text: str) -> list[str]:
    """Departures from the Keep a Changelog form."""
    faults = [] if text.startswith("# Changelog\n") else ["does not start with '# Changelog'"]
    versions = []
    for heading in re.findall(r"^## (.+)$", text, re.MULTILINE):
        match = re.fullmatch(r"\[Unreleased\]|\[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}", heading)
        if not match:
            faults.append(f"'## {heading}' is neither [Unreleased] nor [x.y.z] - date")
        elif match[1]:
            versions.append(Version(match[1]))
    if versions != sorted(set(versions), reverse=True):
        faults.append("the newest release does not come first")
    faults += [
        f"'### {s}' is not a section" for s in re.findall(r"^### (.+)$", text, re.MULTILINE) if s not in SECTIONS
    ]
    if not re.search(r"^## .+\n+(?:.+\n+)*?### .+\n+- ", text, re.MULTILINE):
        faults.append("no bullet under any section")
    return faults


def test_the_changelog_is_kept_in_form() -> None:
    assert changelog_faults((ROOT / "CHANGELOG.md").read_text("utf-8")) == []


def test_the_changelog_knows_this_version() -> None:
    assert re.search(
        rf"^## \[(Unreleased|{re.escape(eventstudy.__version__)})\]",
        (ROOT / "CHANGELOG.md").read_text("utf-8"),
        re.MULTILINE,
    )


def test_a_changelog_out_of_form_is_seen() -> None:
    text = "# Changes\n\n## 1.0\n\n### News\n\n## [1.0.0] - 2026-01-01\n\n## [1.1.0] - 2026-02-01\n"
    assert len(changelog_faults(text)) == 5


# --- nothing private -------------------------------------------------------------------------------------------------


def tracked_files() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def private_words(text: str) -> list[str]:
    """Folders of one machine, and the places beside this repository, that a text names."""
    return re.findall(r"(?<![\w./~}-])/(?:root|work|workspace|builds|home/\w+|Users/\w+)/|\.\./(?:shared)\b", text)


def test_no_file_names_a_place_of_one_machine() -> None:
    found = {}
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        if words := private_words(text):
            found[str(path.relative_to(ROOT))] = words
    assert found == {}


def test_a_place_of_one_machine_is_seen() -> None:
    home = f"{Path('/', 'home', 'ann')}/"  # in parts, or this very file would be found
    assert private_words(f"see {home}notes") == [home]
    assert private_words("from ../" + "shared/golden") == ["../" + "shared"]
    assert private_words("https://example.org/builds/ and var/builds/ and ./builds/x") == []


def test_contributing_names_the_layers_that_hold() -> None:
    said = " ".join(re.findall(r"^> (.+)$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE))
    held = [{name for name in layer if not name.startswith("_")} for layer in LAYERS]
    assert [set(layer.split(", ")) for layer in said.split(" → ")] == [*held, {"jobs"}, {"cli"}]
