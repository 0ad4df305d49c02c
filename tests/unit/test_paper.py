"""What of a page goes to paper: nothing closed, nothing that runs, the colours of the bright page."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring, tostring

from eventstudy.report import paper, theme

PAGE = """<html><head><style>{css}</style><script>1</script></head><body>
<p class="kicker">What <span class="screen"><a href="index.html">all</a></span>stays</p>
<details><summary>closed</summary><p id="inside">table</p></details>
<details open=""><summary>open</summary></details>
<a href="#inside">gone</a><a href="#row">here</a><a href="x.html">beside</a><a href="https://example.org/">far</a>
<p id="row">row</p>
<svg xmlns="http://www.w3.org/2000/svg"><path class="curve"/></svg></body></html>"""


def plain(css: str) -> str:
    root = fromstring(PAGE.replace("{css}", css))
    paper._make_plain(root)
    return tostring(root, encoding="unicode")


def test_what_is_closed_or_runs_is_left_out_and_links_lead_somewhere() -> None:
    page = plain(theme.STYLE)
    assert "What stays" in page
    assert "<summary>open</summary>" in page
    assert all(words not in page for words in ("script", "closed", "table</p>", "index.html", "x.html", "#inside"))
    assert 'href="#row"' in page
    assert 'href="https://example.org/"' in page


def test_charts_have_their_own_rules_in_the_colours_of_the_theme() -> None:
    css = f"{theme.STYLE}\n{theme._css({'blue': '#112233'}, {'blue': '#ddeeff'})}"
    style = plain(css).rpartition(":style>")[0].rpartition(":style>")[2]
    assert "svg .curve { fill: none; stroke: #112233;" in style
    assert "#ddeeff" not in style
    assert "var(" not in style
    assert "font-size: 12px" in style
