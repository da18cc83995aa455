"""The protocol over this process's standard input and output, for a client that starts it."""

import anyio
from mcp.server.stdio import stdio_server

from kb.mcp.server import make_server
from kb.mcp.visit import Client, Identify

HERE = "this machine"


def serve(identify: Identify) -> None:
    """Until the client closes its end. What else is printed meanwhile goes to standard error."""
    anyio.run(_serve, Client(identify, HERE))


async def _serve(client: Client) -> None:
    server = make_server(lambda _context: client)
    async with stdio_server() as (read_stream, write_stream):
        await server.run(read_stream, write_stream, server.create_initialization_options())
