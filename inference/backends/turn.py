"""One call at a time: a model in this process has one memory of what it has read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kb.errors import ModelUnavailable

PATIENCE = 120.0
"""Seconds that a call waits for the one before it."""


class Turn:
    """Whose turn it is with the model of this name."""

    def __init__(self, name: str):
        self._name = name
        self._lock = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """
        Raises:
            ModelUnavailable: the calls before took too long.
        """
        if not self._lock.acquire(timeout=PATIENCE):
            raise ModelUnavailable(f"{self._name} has been busy for {PATIENCE:.0f} seconds. Try again later.")
        try:
            yield
        finally:
            self._lock.release()
