"""The site on loopback in a thread of the test, for clients that speak HTTP only."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from kb.handler import OneThread
from tests.stack import eventually


@contextmanager
def served() -> Iterator[str]:
    """Gives the address. Needs a database that other threads see: `transactional_db`."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(OneThread(), lifespan="off", ws="none", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert eventually(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
