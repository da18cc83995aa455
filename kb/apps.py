from django.apps import AppConfig
from django.conf import settings

from kb.egress import declared_hosts, guard


class KnowledgeBase(AppConfig):
    name = "kb"
    verbose_name = "Strongroom"

    def ready(self) -> None:
        # Importing them is what makes tasks find their broker, notes the clock's ticks, and registers the checks.
        from kb import broker, celery, checks  # noqa: F401
        from kb.signin import audit  # noqa: F401
        from kb.signin import checks as signin_checks  # noqa: F401

        if settings.EGRESS_GUARD:
            providers = (company.address for company in settings.COMPANIES.values())
            urls = (settings.DATABASE_URL, settings.REDIS_URL, settings.QDRANT_URL, *providers)
            further = (*settings.EGRESS_HOSTS, *settings.WEBHOOK_PRIVATE_HOSTS)
            guard(declared_hosts(urls, settings.MODELS, further))
