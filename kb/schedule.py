"""What is done again and again, and when: Celery's beat sends it, workers do it."""

from celery.schedules import crontab

HOUR = 3_600  # seconds


def beat_schedule(*, reconcile_every: int, inbox_every: int) -> dict[str, dict[str, object]]:
    """CELERY_BEAT_SCHEDULE; the intervals are in seconds. What nobody got to in its interval is not done twice."""
    return {
        "reconcile": {
            "task": "ingestion.upkeep.reconcile",
            "schedule": reconcile_every,
            "options": {"expires": reconcile_every},
        },
        "expire-transfers": {
            "task": "ingestion.upkeep.expire_transfers",
            "schedule": crontab(minute="40"),
            "options": {"expires": HOUR},
        },
        "expire-replies": {
            "task": "ingestion.upkeep.expire_replies",
            "schedule": crontab(minute="50"),
            "options": {"expires": HOUR},
        },
        "watch-inbox": {
            "task": "ingestion.upkeep.watch_inbox",
            "schedule": inbox_every,
            "options": {"expires": inbox_every},
        },
        "prune-ledger": {"task": "ingestion.upkeep.prune_ledger", "schedule": crontab(hour="3", minute="20")},
        "expire-documents": {"task": "ingestion.upkeep.expire_documents", "schedule": crontab(minute="10")},
        "verify-ledger": {
            "task": "ingestion.upkeep.verify_ledger",
            "schedule": crontab(hour="3", minute="50"),
        },
        "deliver-webhooks": {
            "task": "kb.webhooks.tasks.deliver",
            "schedule": reconcile_every,
            "options": {"expires": reconcile_every},
        },
        "forget-deliveries": {"task": "kb.webhooks.tasks.forget", "schedule": crontab(hour="3", minute="40")},
    }
