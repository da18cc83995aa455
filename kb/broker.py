"""What the broker can tell: that it is there, how much waits in it, and when the clock (beat) last ticked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from celery.signals import after_task_publish
from django.utils import timezone
from kombu.exceptions import OperationalError

from kb.celery import app
from kb.errors import Unavailable

TICK = "strongroom:tick"
"""The key of the last tick, in seconds since the epoch."""
TICKING = "ingestion.tasks.reconcile"
"""The task that beat sends most often, and that nobody else sends."""


def waiting() -> int:
    """Messages that no worker has taken yet.

    Raises:
        Unavailable: the broker is away; here and in `last_tick`.
    """
    with _client() as client:
        return int(client.llen(app.conf.task_default_queue))


def last_tick() -> datetime | None:
    """When beat last sent anything; None when it has not since this broker began."""
    with _client() as client:
        told = client.get(TICK)
    return datetime.fromtimestamp(float(told), UTC) if told else None


def workers() -> int:
    """How many workers answer within half a second. One that is at a document does."""
    try:
        return len(app.control.inspect(timeout=0.5).ping() or ())
    except OperationalError as error:
        raise Unavailable(AWAY) from error


@after_task_publish.connect(sender=TICKING)
def _tick(**_: object) -> None:
    with _client() as client:
        client.set(TICK, timezone.now().timestamp())


AWAY = "The broker does not answer."


@contextmanager
def _client() -> Iterator[Any]:
    """redis-py's client, as Celery connects it."""
    with app.connection_for_read() as connection:
        try:
            yield connection.default_channel.client
        except (OperationalError, *connection.connection_errors) as error:
            raise Unavailable(AWAY) from error
