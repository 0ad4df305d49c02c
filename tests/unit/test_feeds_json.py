"""JSON files of announcements, and where their mistakes are."""

from __future__ import annotations

import json

import pytest

from tests.support.feeds import drop, problems, read, times

GOOD = {"id": "x", "title": "X", "announced_at": "2023-03-17T07:00Z"}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "wrap", [lambda v: v, lambda v: {"schema": "s", "events": v, "notes": [1]}], ids=["list", "object"]
)
def test_a_list_or_an_object_around_it(tmp_path, indent, wrap):
    more = {
        **GOOD,
        "id": "y",
        "announced_between": ["2023-03-17T06:00Z", "2023-03-17T07:06Z"],
        "assets": ["Gold, spot"],
    }
    found = read(drop(tmp_path, "a.json", json.dumps(wrap([GOOD, more]), indent=indent)))
    assert problems(found) == []
    assert times(found) == {"x": "2023-03-17T07:00:00Z", "y": "2023-03-17T06:00:00Z 2023-03-17T07:06:00Z"}
    assert found.items[1].event.assets == ("Gold, spot",)
    assert found.items[1].event.stated is not None


def test_an_empty_list_is_whole(tmp_path):
    found = read(drop(tmp_path, "a.json", " [ ] \n"))
    assert (found.items, problems(found), found.is_whole) == ([], [], True)


def test_each_bad_object_is_named_by_its_line(tmp_path):
    objects = [
        GOOD,
        7,
        {**GOOD, "id": "n", "announced_at": 20230317},
        {**GOOD, "id": "a", "assets": 5},
        {**GOOD, "id": "b", "announced_between": ["2023-03-17T07:00Z"]},
        {**GOOD, "id": "t", "tag": "x"},
        {**GOOD, "id": 5},
        {**GOOD, "id": "deep", "note": [[]]},
        {**GOOD, "id": "half", "title": "\ud800"},
        {**GOOD, "id": "zero", "tags": ["a\0"]},
        {**GOOD, "id": "vendor", "importance": 3},
    ]
    text = "[\n" + ",\n".join(map(json.dumps, objects)) + "\n]"
    found = read(drop(tmp_path, "a.json", text))
    assert list(times(found)) == ["x", "vendor"]
    starts = [
        "a.json:3: not an object (got 7)",
        "a.json:4: announced_at: must be text (got 20230317)",
        "a.json:5: assets: must be text, or a list of texts (got 5)",
        "a.json:6: announced_between: not two times",
        "a.json:7: unknown column (got 'tag'); did you mean 'tags'?",
        "a.json:8: id: an entry needs an id (got 5)",
        "a.json:9: note: must be text",
        "a.json:10: title: not text (got '\\ud800')",
        "a.json:11: tags: not text",
    ]
    assert [line[: len(start)] for line, start in zip(problems(found), starts, strict=True)] == starts


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "a.json:1: holds no list"),
        ('"x"', "a.json:1: holds no list"),
        ('{"event": []}', "a.json:1: holds no list"),
        ('[\n{"id": "x"', "a.json:2: not JSON: "),
        ('[{"id": "x",\n"title": }]', "a.json:2: not JSON: Expecting value"),
        ("[] []", "a.json:1: not JSON: Extra data"),
        ('[{"id": "x", "id": "y"}]', "a.json:1: this key stands twice (got 'id')"),
        ('[{"id": NaN}]', "a.json:1: not a number (got 'NaN')"),
        ("[" * 100_000, "a.json: not JSON that can be read"),
        (b'[{"id": "\xff"}]', "a.json:1: not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path, text, start):
    found = read(drop(tmp_path, "a.json", text))
    assert [line[: len(start)] for line in problems(found)] == [start]
    assert (found.items, found.is_whole) == ([], False)


def test_what_stands_before_the_break_is_kept(tmp_path):
    found = read(drop(tmp_path, "a.json", f"[{json.dumps(GOOD)},\n{{"))
    assert list(times(found)) == ["x"]
    assert not found.is_whole


@pytest.mark.parametrize(
    "bad", ['{"id": "b", "id": "c"}', '{"id": "b", "note": {"x": NaN}}', '{"id": "b", "url": -Infinity}']
)
def test_an_object_that_no_file_may_hold_costs_itself_alone(tmp_path, bad):
    good = [json.dumps({**GOOD, "id": name}) for name in ("a", "z")]
    found = read(drop(tmp_path, "a.json", f"[{good[0]},\n{bad},\n{good[1]}]"))
    assert list(times(found)) == ["a", "z"]
    assert [line.partition(": ")[0] for line in problems(found)] == ["a.json:2"]


def test_an_object_may_lack_a_column_of_the_settings_but_its_id_and_title(tmp_path):
    columns = {"url": "link", "title": "headline"}
    said = [
        {"id": "a", "headline": "A", "announced_at": "2023-03-17T07:00Z"},
        {"id": "b", "headline": "B", "announced_at": "2023-03-17T07:00Z", "link": "https://example.org"},
        {"id": "c", "title": "C", "announced_at": "2023-03-17T07:00Z"},
    ]
    found = read(drop(tmp_path, "a.json", json.dumps(said)), columns=columns)
    assert list(times(found)) == ["a", "b"]
    assert "the column for title is not there" in problems(found)[0]
