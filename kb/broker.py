"""What the broker can tell: that it is there, how much waits in it, and when the clock (beat) last ticked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from celery.signals import after_task_publish
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import RedisError

from kb.celery import app
from kb.errors import Unavailable

TICK = "strongroom:tick"
"""The key of the last tick, in seconds since the epoch."""
TICKING = "ingestion.upkeep.reconcile"
"""The task that beat sends most often, and that nobody else sends."""
PATIENCE = 0.8
"""Seconds."""
AWAY = "The broker does not answer."


def waiting() -> int:
    """Messages that no worker has taken yet.

    Raises:
        Unavailable: the broker is away; as in all of these.
    """
    with _client() as client:
        return int(client.llen(app.conf.task_default_queue))


def last_tick() -> datetime | None:
    """When beat last sent anything; None when it has not since this broker began."""
    with _client() as client:
        told = client.get(TICK)
    return datetime.fromtimestamp(float(told), UTC) if told else None


def worker_answers(*, within: float = PATIENCE) -> bool:
    """Whether any worker does within so many seconds. One that is at a document does."""
    try:
        return bool(app.control.inspect(timeout=within, limit=1).ping())
    except (OperationalError, RedisError) as error:
        raise Unavailable(AWAY) from error


@after_task_publish.connect(sender=TICKING)
def _tick(**_: object) -> None:
    with _client() as client:
        client.set(TICK, timezone.now().timestamp())


@contextmanager
def _client() -> Iterator[Any]:
    """redis-py's client, as Celery connects it."""
    try:
        with app.connection_for_read() as connection:
            channel: Any = connection.default_channel
            yield channel.client
    except (OperationalError, RedisError) as error:
        raise Unavailable(AWAY) from error
