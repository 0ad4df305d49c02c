"""What a release brings beside the code: man page, completion, licences, bill of materials."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.release import completion, licences, man, sbom

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pins(name: str) -> dict[str, str]:
    """Distribution → version of a file of pins."""
    text = (ROOT / name).read_text("utf-8")
    return {canonicalize_name(n): v for n, v in re.findall(r"^([\w.-]+)==([^\s\\#;]+)", text, re.MULTILINE)}


def test_the_man_page_is_made_from_the_commands() -> None:
    assert man.PAGE.read_text("utf-8") == man.page(), "run python -m tests.docs"
    assert man.roff(".a-b\\c") == "\\&.a\\-b\\ec"


def test_the_completion_files_are_those_of_click() -> None:
    for name, text in completion.files().items():
        assert (completion.FOLDER / name).read_text("utf-8") == text, "run python -m tests.docs"
    script = completion.FOLDER / "eventstudy.bash"
    subprocess.run(["bash", "-n", str(script)], check=True)  # bash can read it


def test_everything_that_is_shipped_exists() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert [path for path in (*wheel["shared-data"], *wheel["force-include"]) if not (ROOT / path).exists()] == []


def test_every_distribution_that_comes_along_has_its_licence_and_the_version_of_the_constraints() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \| ([^|]+) \| ([^|]+) \|", licences.PAGE.read_text("utf-8"), re.MULTILINE)
    told = {name: version for name, version, _ in rows if name != "distribution"}
    assert [(n, v) for n, v in told.items() if pins("constraints.txt").get(n) != v] == [], "run python -m tests.docs"
    asked = [*PROJECT["project"]["dependencies"], *_extras()]
    names = {canonicalize_name(re.split(r"[\s\[<>=;~!]", text)[0]) for text in asked}
    assert names - set(told) == set(), "run python -m tests.docs"
    assert [name for name, _, licence in rows if not licence.strip()] == []


def _extras() -> list[str]:
    extras = PROJECT["project"]["optional-dependencies"]
    return [text for extra, texts in extras.items() if extra != "dev" for text in texts]


def test_the_bill_of_materials_is_whole() -> None:
    bill = sbom.bill()
    refs = {part["bom-ref"] for part in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in bill["dependencies"]} == refs
    assert {ref for one in bill["dependencies"] for ref in one["dependsOn"]} <= refs
    numpy = next(part for part in bill["components"] if part["name"] == "numpy")
    assert (numpy["scope"], numpy["purl"].startswith("pkg:pypi/numpy@")) == ("required", True)


def test_the_hashed_versions_are_those_of_the_constraints() -> None:
    hashed, pinned = pins("requirements-hashed.txt"), pins("constraints.txt")
    text = (ROOT / "requirements-hashed.txt").read_text("utf-8")
    other = r"sys_platform == '(?:win32|emscripten)'|platform_python_implementation != 'CPython'"
    elsewhere = set(re.findall(rf"^([\w.-]+)==\S+ ;.*(?:{other})", text, re.MULTILINE))
    assert {n: v for n, v in hashed.items() if pinned.get(n) != v and n not in elsewhere} == {}
    assert text.count("--hash=sha256:") >= len(hashed) > 50
    assert not re.search(r"https?://|--index-url|--trusted-host|--find-links", text)
    asked = [*PROJECT["project"]["dependencies"], *_extras()]
    names = {canonicalize_name(re.split(r"[\s\[<>=;~!]", one)[0]) for one in asked}
    assert names - set(hashed) == set()
