"""The portal's ASGI application."""

import os
import threading

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

application = get_asgi_application()


def _warm_up() -> None:
    """Loads what the first question needs before somebody waits for it: seconds each."""
    from inference import registry
    from inference.personal import find_entities

    registry.embedder()
    if registry.is_outside("llm"):
        find_entities("")


threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
