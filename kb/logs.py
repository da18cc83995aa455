"""Log lines as JSON, each with the ids of what it is about: a request, or the document that a worker is at."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


def begin_request(request_id: str) -> None:
    """From now on lines are about this request. Each one has a context of its own, so that none has to end it."""
    _about.set({"request_id": request_id})


def tell(**ids: object) -> None:
    """From now on lines of this request are about these ids too."""
    _about.set({**_about.get(), **{name: str(value) for name, value in ids.items()}})


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Within the block lines are about these ids too: `about(version=version.pk)`."""
    token = _about.set({**_about.get(), **{name: str(value) for name, value in ids.items()}})
    try:
        yield
    finally:
        _about.reset(token)


class About(logging.Filter):
    """Puts the ids into each record that passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _about.get().items():
            setattr(record, name, value)
        return True


class JsonLines(JsonFormatter):
    """One object a line: timestamp (UTC, ISO 8601), level, logger, message, the ids, and the traceback if any."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            # Django adds the request, whose address may hold what a person looked for; uvicorn the message in colour.
            reserved_attrs=[*RESERVED_ATTRS, "request", "color_message"],
            timestamp=True,
        )
