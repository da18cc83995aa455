"""The portal's ASGI application, with the Model Context Protocol at /mcp."""

import logging
import os
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

log = logging.getLogger("strongroom.portal")
django.setup(set_prefix=False)

from kb.handler import OneThread  # noqa: E402
from kb.mcp.mount import WithMcp  # noqa: E402

portal = OneThread()
application = WithMcp(portal)


def _warm_up() -> None:
    """Loads what the first question needs before somebody waits for it: seconds each. Then measures an answer."""
    from django.db import DatabaseError, connection

    from inference import registry
    from inference.personal import find_entities
    from kb.errors import StrongroomError
    from kb.portal.expecting import measure_at_start

    try:
        registry.embedder()
        if registry.is_outside("llm"):
            find_entities("")
            registry.generator("llm").count_tokens("")  # Imports its vendor.
        measure_at_start()
    except (StrongroomError, DatabaseError) as error:
        log.warning("The first question will take longer: %s", error)
    finally:
        connection.close()


threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
