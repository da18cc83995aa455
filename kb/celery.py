"""The Celery application that workers and beat run: `celery -A kb.celery worker`."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

app = Celery("strongroom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["ingestion", "kb.webhooks"])
app.autodiscover_tasks(["ingestion"], related_name="upkeep")


@setup_logging.connect
def _leave_it_to_django(**_: object) -> None:
    """That there is a receiver keeps Celery from setting up handlers of its own beside those of the settings."""
