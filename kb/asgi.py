"""The portal's ASGI application."""

import os
import threading

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

application = get_asgi_application()


def _warm_up() -> None:
    """Loads the embedder before somebody waits for it: importing torch takes seconds."""
    from inference import registry

    registry.embedder()


threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
