"""What the Celery worker runs for webhooks. Messages carry nothing: the rows say what is due."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

log = logging.getLogger("strongroom.webhooks")


def send_due() -> None:
    """Tells the workers that something waits to be sent; when the broker is away, the clock does within a minute."""
    try:
        deliver.apply_async(retry=False)
    except OperationalError as error:
        log.warning("The broker is away; what waits for webhooks is sent later (%s).", error)


@shared_task(soft_time_limit=120, time_limit=150)
def deliver() -> None:
    """Sends what is due, also what was lost on the way or waits for another attempt."""
    from kb.webhooks.deliver import deliver as send  # The HTTP client is for workers.

    if not send():
        send_due()


@shared_task
def forget() -> None:
    """Every night: shortens the log of deliveries."""
    from kb.webhooks.deliver import forget as shorten  # As above.

    shorten()
