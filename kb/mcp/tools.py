"""What clients can call, by name, in the order in which it is listed."""

from collections.abc import Mapping
from typing import Any

from mcp.types import Tool as ListedTool
from mcp.types import ToolAnnotations

from kb.mcp.asking import ASK
from kb.mcp.finding import SEARCH
from kb.mcp.reading import DOCUMENT, PASSAGES
from kb.mcp.shape import Tool
from kb.mcp.shelves import COLLECTIONS

TOOLS: Mapping[str, Tool[Any]] = {tool.name: tool for tool in (SEARCH, ASK, DOCUMENT, PASSAGES, COLLECTIONS)}


def listed(tool: Tool[Any]) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(),
        output_schema=tool.reply.model_json_schema(),
        annotations=ToolAnnotations(
            title=tool.title,
            read_only_hint=not tool.adds,
            destructive_hint=False,
            idempotent_hint=not tool.adds,
            open_world_hint=False,
        ),
    )
