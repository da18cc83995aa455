from django.apps import AppConfig


class KnowledgeBase(AppConfig):
    name = "kb"
    verbose_name = "Strongroom"

    def ready(self) -> None:
        # Importing them is what makes tasks find their broker and registers the checks.
        from kb import celery, checks  # noqa: F401
