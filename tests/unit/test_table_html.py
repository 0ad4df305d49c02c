"""Tables as HTML: whatever stands in a cell is text."""

from __future__ import annotations

from markupsafe import Markup, escape

from eventstudy.report.figures.drawn import Drawn
from eventstudy.report.figures.html import figure
from eventstudy.report.table_html import grid
from eventstudy.report.text import plain

EVIL = '"><script>alert(1)</script>\u202e%s %(x)s {0} &'
ESCAPED = "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt; %s %(x)s {0} &amp;"


def test_cells_heads_and_captions_are_escaped_and_fill_no_template() -> None:
    found = grid(EVIL, (EVIL, "b%"), [(EVIL, "5%d"), ("1", Markup("<b>2</b>"))], label=EVIL, anchor="a")
    assert found.count(ESCAPED) == 5, "caption, twice in the label, head, cell"
    assert "<script" not in found
    assert "<td>5%d</td>" in found
    assert "<td><b>2</b></td>" in found, "what is marked up already stays"


def test_a_figure_escapes_its_words_as_tables_do() -> None:
    found = figure(
        Drawn(
            name="path",
            svg=Markup("<svg></svg>"),
            caption=EVIL,
            title=EVIL,
            source=EVIL,
            columns=(EVIL,),
            rows=((EVIL,),),
        )
    )
    assert found.count(ESCAPED) == 7, "title, caption, source, twice in the labels of the numbers, head, cell"
    assert "<script" not in found


def test_no_character_near_those_of_numbers_passes_unseen() -> None:
    # all that UTF-8 writes with the first byte of the minus, the dash and the narrow space, and all of ASCII
    for one in map(chr, (*range(0x80), *range(0x2000, 0x3000))):
        found = grid("c", ("a", "b"), [("x", f"5{one}5")])
        assert f"<td>{escape(plain(f'5{one}5'))}</td>" in found, hex(ord(one))
