"""Seals: HMACs under a key that is not in the database, so that SQL alone cannot make a changed row agree."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from kb.environment import secret


def sealed(fields: Mapping[str, object]) -> str:
    """64 hex digits: the HMAC-SHA256 of the fields as JSON with sorted keys."""
    text = json.dumps(fields, sort_keys=True, default=str, separators=(",", ":"))
    return hmac.new(_key(settings.VAR / "secrets"), text.encode(), hashlib.sha256).hexdigest()


@cache
def _key(folder: Path) -> bytes:
    return secret("ledger_key", folder).encode()
