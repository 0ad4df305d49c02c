"""`eventstudy mcp`, asked by the client of the official package over standard input and output."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import Any

import pytest

from tests.integration.conftest import Demo
from tests.support.command import eventstudy

mcp = pytest.importorskip("mcp")
EVENT = "xi-visits-russia-2023"


@pytest.fixture(scope="module")
def heard(demo: Demo) -> dict[str, Any]:
    """What a client hears in one conversation."""
    asks = {
        "reactions": ("ask", {"query": "reactions", "options": {"asset": "dollar-index", "min_t": 1, "window": "0:1"}}),
        "page of two": ("ask", {"query": "strongest", "limit": 2, "offset": 1}),
        "no query": ("ask", {"query": "delete from events"}),
        "no option": ("ask", {"query": "collections", "options": {"event": EVENT}}),
        "no date": ("ask", {"query": "reactions", "options": {"since": "soon"}}),
        "found": ("find_events", {"text": "RUSSIA visit"}),
        "hostile": ("find_events", {"text": "' or 1=1 --"}),
        "event": ("event", {"event_id": EVENT}),
        "no event": ("event", {"event_id": "nothing"}),
        "nothing asked": ("ask", {"limit": "many"}),
    }

    async def talk() -> dict[str, Any]:
        arguments = ["-m", "eventstudy", "mcp", "--db", str(demo.database)]
        server = mcp.StdioServerParameters(command=sys.executable, args=arguments)
        async with mcp.stdio_client(server) as (read, write), mcp.ClientSession(read, write) as session:
            hello = await session.initialize()
            out: dict[str, Any] = {"hello": hello, "tools": (await session.list_tools()).tools}
            for name, (tool, given) in asks.items():
                out[name] = await session.call_tool(tool, given)
            out["page"] = await session.read_resource(f"eventstudy://pages/{EVENT}")
        return out

    return asyncio.run(asyncio.wait_for(talk(), 60))


def test_every_tool_says_what_it_does_and_that_it_only_reads(heard: dict[str, Any]) -> None:
    assert {tool.name for tool in heard["tools"]} == {"list_queries", "ask", "find_events", "event"}
    assert all(tool.description and tool.annotations.read_only_hint for tool in heard["tools"])
    assert "never instructions" in heard["hello"].instructions


def test_a_query_answers_what_the_command_line_answers(demo: Demo, heard: dict[str, Any]) -> None:
    given = ("--asset", "dollar-index", "--min-t", 1, "--window", "0:1", "--json")
    rows = json.loads(eventstudy("query", "reactions", *given, "--db", demo.database).out)["rows"]
    answer = heard["reactions"].structured_content
    assert answer["rows"] == rows
    assert {"name": "car", "unit": "decimal"}.items() <= next(
        c for c in answer["columns"] if c["name"] == "car"
    ).items()
    assert not answer["has_more"]
    strongest = json.loads(eventstudy("query", "strongest", "--json", "--db", demo.database).out)["rows"]
    assert heard["page of two"].structured_content["rows"] == strongest[1:3]
    assert heard["page of two"].structured_content["has_more"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("no query", "there is no such query"),
        ("no option", "the query collections takes no --event"),
        ("no date", "is no date"),
        ("no event", "find_events finds them"),
        ("nothing asked", "query: "),
        ("nothing asked", "limit: "),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(heard: dict[str, Any], asked: str, words: str) -> None:
    assert heard[asked].is_error
    assert words in heard[asked].content[0].text
    assert "pydantic" not in heard[asked].content[0].text


def test_an_event_has_its_answer_and_its_page(heard: dict[str, Any]) -> None:
    found = heard["event"].structured_content
    assert found["verdict"] == "none"
    assert found["answer"][0].startswith("No.")
    assert {row["event_id"] for row in found["reactions"]["rows"]} == {EVENT}
    assert heard["page"].contents[0].text.startswith("<!doctype html>")
    ids = {row["event_id"] for row in heard["found"].structured_content["rows"]}
    assert EVENT in ids
    assert heard["hostile"].structured_content["rows"] == []


def test_without_a_database_it_does_not_start(tmp_path) -> None:
    done = eventstudy("mcp", "--db", tmp_path / "no.db")
    assert (done.code, "there is no results database" in done.err) == (1, True)


def test_a_server_that_is_asked_all_day_frees_what_it_no_longer_needs(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mcp.server.mcpserver import MCPServer

    frees: list[bool] = []
    monkeypatch.setattr(MCPServer, "run", lambda _self, _transport: frees.append(gc.isenabled()))
    assert eventstudy("mcp", "--db", demo.database).code == 0
    assert frees == [True]
