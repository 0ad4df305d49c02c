"""A server of the Model Context Protocol whose refusals are sentences; needs the extra `mcp`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult
from pydantic import ValidationError

from eventstudy.config.load import in_words
from eventstudy.errors import EventStudyError


class Server(MCPServer):
    """A server that says which argument is wrong, and not what pydantic says of it."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; see `MCPServer.call_tool`."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            wrong = in_words(error.__cause__, arguments)  # whose remedies are of settings
            raise ToolError("; ".join(f"{mistake.where}: {mistake.problem}" for mistake in wrong)) from None


def refusing(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, whose refusals are told to who asks; of any other error only that there was one."""

    @functools.wraps(tool)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return tool(*args, **kwargs)
        except EventStudyError as error:
            raise ToolError(str(error)) from None

    return wrapped
