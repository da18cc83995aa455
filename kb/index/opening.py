"""Which engine keeps an index here: the Qdrant server, the running owner, or this process itself."""

import atexit
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from kb.environment import secret
from kb.errors import IndexUnavailable
from kb.index.owned import OwnedIndex, connected
from kb.index.payload import LAYOUT
from kb.index.protocol import VectorIndex

if TYPE_CHECKING:
    from kb.index.owner import EdgeFolder


def index_name(embedder: str, sparse: str) -> str:
    """The index of two encoders, by their fingerprints: another model's vectors are never in it."""
    made_by = f"{embedder} {sparse} {LAYOUT}"
    return f"chunks-{hashlib.sha256(made_by.encode()).hexdigest()[:12]}"


def open_index(name: str, *, may_own: bool = True) -> VectorIndex:
    """The index `name`, from whoever keeps it. With `may_own`, this process opens it when no owner runs.

    Long-running processes pass `may_own=False`: they wait for the owner, and must not take its place while
    it is being started anew.

    Raises:
        IndexUnavailable: another command has the index open.
    """
    if settings.QDRANT_URL:
        # A second of imports that the embedded profile does without.
        from kb.index.server import ServerIndex, connect

        return ServerIndex(connect(settings.QDRANT_URL, settings.QDRANT_API_KEY), name)
    socket, key = owner_socket(), owner_key()
    if not may_own or _owner_answers(socket, key):
        return OwnedIndex(name, socket=socket, key=key)
    return _owned_here(index_folder()).index(name)


def keeper_answers() -> bool:
    """Whether the Qdrant server or the owner can be asked at this moment; waits for neither to be started."""
    if settings.QDRANT_URL:
        # A second of imports that the embedded profile does without.
        from kb.index.server import connect, is_there

        return is_there(connect(settings.QDRANT_URL, settings.QDRANT_API_KEY))
    return _owner_answers(owner_socket(), owner_key())


def index_folder() -> Path:
    return settings.VAR / "index"


def owner_socket() -> Path:
    return settings.RUN / "index.sock"


def owner_key() -> bytes:
    """What a client proves that it knows; a file that only this account can read."""
    return secret("index_key", settings.VAR / "secrets").encode()


def _owner_answers(socket: Path, key: bytes) -> bool:
    try:
        connected(socket, key, patience=0).close()
    except IndexUnavailable:
        return False
    return True


@cache
def _owned_here(folder: Path) -> "EdgeFolder":
    """One for the process, because two flows in one command share what only one process may open."""
    # The engine is 35 MB of library, which those who ask an owner never need.
    from kb.index.owner import EdgeFolder

    indexes = EdgeFolder(folder)
    atexit.register(indexes.close)
    return indexes
