"""Themes: a house's own look, of which nothing is code and every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventstudy.config.model import Config
from eventstudy.errors import ConfigError
from eventstudy.report import appearance
from eventstudy.report.appearance import appearing
from eventstudy.report.contrast import contrast
from eventstudy.report.page import environment, style, style_hash
from eventstudy.report.theme import load_theme
from eventstudy.report.words import language, say

EXAMPLE = Path("docs/examples/theme")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>'


def settings(**more: object) -> Config:
    return Config.model_validate(
        {
            "version": 1,
            "sources": {"ecb": {"kind": "ecb"}},
            "assets": {"EURUSD": {"source": "ecb"}},
            "studies": [
                {"id": "s", "model": "constant-mean", "returns": "simple", "estimation": [-135, -16],
                 "event_window": [-5, 5], "windows": [[0, 0]]}
            ],
            **more,
        }
    )  # fmt: skip


def folder(tmp_path: Path, text: str, logo: str = SVG) -> Path:
    (tmp_path / "theme.yaml").write_text(text, "utf-8")
    (tmp_path / "logo.svg").write_text(logo, "utf-8")
    return tmp_path


def page(body: str = "") -> str:
    bare = environment().from_string('{% extends "base.html.j2" %}{% block body %}' + body + "{% endblock %}")
    return bare.render(about=("website", "A page", "What it says."))


def test_the_example_changes_colours_logo_words_and_sections() -> None:
    plain = page()
    with appearing(settings(), folder=EXAMPLE):
        text = page('{{ say("page.kicker") }}')
        assert style_hash() in text
        assert str(style()) in text
        key = appearance.key()
    assert "--paper: #fff8f1;" in text
    assert '<aside class="logo"><img src="data:image/svg+xml;base64,' in text
    assert 'alt="Harbour Gazette"' in text
    assert "Harbour Gazette markets desk" in text
    assert "<h2>About these pages</h2>" in text
    assert "<p>Corrections are printed on the same page, with the date.</p>" in text
    assert key
    assert page() == plain, "no longer than its block"
    assert "Harbour" not in plain


def test_the_settings_say_language_and_theme() -> None:
    with appearing(settings(language="de", report={"theme": str(EXAMPLE)})):
        assert language().code == "de"
        assert say("page.kicker") == "Haben die Märkte reagiert?", "the theme has no words of its own for German"
        german = appearance.key()
    with appearing(settings(language="en-US")):
        assert page().count('<html lang="en-US">') == 1
        assert appearance.key() not in ("", german)
    with appearing(settings()):
        assert appearance.key() == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colours: {inq: '#000000'}", "colours: the style sheet has no such colour (got 'inq'); did you mean 'ink'?"),
        ("colours: {ink: red}", "colours.ink: not a colour (got 'red'); write six hexadecimal digits"),
        ("colours: {ink: '#fff;} body{display:none'}", "colours.ink: not a colour"),
        ("colours: {ink: '#cccccc'}", "text in ink on paper has a contrast of 1.6, too little to read"),
        ("logo: ../logo.svg", "lies outside of the theme"),
        ("logo: theme.yaml", "not a picture"),
        ("logo: none.png", "cannot be read: No such file or directory; put the logo into the folder"),
        ("strings: {fr: {page.kicker: Non}}", "strings: no such language (got 'fr'); one of en-GB, en-US, de"),
        ("strings: {de: {page.kiker: Nein}}", "no phrase has this key (got 'page.kiker'); did you mean 'page.kicker'?"),
        ("strings: {de: {page.title: '{title.__class__}'}}", "has no slot {title.__class__}"),
        ("strings: {de: {page.title: '{title!r:>99}'}}", "has no slot {title!r:>99}"),
        ("strings: {de: {page.title: 'a } b'}}", "no phrase: Single '}' encountered"),
        ("strings: {de: {digest.failed: once}}", "a pair (got 'once'); write two: for one, and for several"),
        ("hide: [answer]", "hide: cannot be hidden (got 'answer'); one of claims, details, minute, reproduce"),
        ("colors: {}", "unknown key"),
        ("- a", "holds no theme"),
    ],
)
def test_a_broken_theme_is_an_error_that_names_file_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_theme(folder(tmp_path, text))
    assert said in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_every_mistake_of_a_theme_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_theme(folder(tmp_path, "colours: {inq: '#000000'}\nhide: [answer]\n"))
    assert len(str(caught.value).splitlines()) == 2


def test_a_folder_without_a_theme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; a theme is a folder with a theme.yaml"):
        load_theme(tmp_path)


def test_a_hostile_theme_is_text_and_a_picture(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><style>*{display:none}</style>"
    text = f"name: '\"onload=alert(1) {evil}'\nlogo: logo.svg\nsections: [{{heading: '{evil}', text: '{evil}'}}]\n"
    text += "strings: {en-GB: {page.footer: '<script>alert(1)</script>{version}'}}\n"
    with appearing(settings(), folder=folder(tmp_path, text, SVG.replace("></svg>", f">{evil}</svg>"))):
        found = page()
    assert "<script>alert" not in found
    assert found.count("<script") == 1, "ours"
    assert found.count("<style>") == 1
    assert 'onload=alert(1)"' not in found
    assert 'alt="&#34;onload' in found
    with pytest.raises(ConfigError, match="is no SVG"):
        load_theme(folder(tmp_path, "logo: logo.svg", "<html><script>1</script></html>"))


def test_contrast_is_that_of_wcag() -> None:
    # black on white is 21; #767676 on white is the darkest grey of 4.54 that WCAG's own tables name
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)
