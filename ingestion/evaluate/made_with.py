"""What answers are made with: models, prompts and layout of the index, by name, so that a change is noticed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from inference.prompts import ANSWER_VERSION
from kb.index.payload import LAYOUT

MODELS = ("llm", "embedder", "sparse", "reranker")
SECRET = "api_key"  # noqa: S105  # The name of an option. Another key of the same model changes no answer.


def made_with() -> dict[str, str]:
    """By what it is: its name with a digest of its settings. Loads no model."""
    models = {name: _named(settings.MODELS[name]) for name in MODELS if name in settings.MODELS}
    return {**models, "prompt": ANSWER_VERSION, "index": f"layout {LAYOUT}"}


def changed(since: Mapping[str, str]) -> tuple[str, ...]:
    """What is other than it was: “llm”, “prompt” and so on."""
    now = made_with()
    return tuple(sorted(name for name in now.keys() | since.keys() if now.get(name) != since.get(name)))


def _named(declared: Mapping[str, Any]) -> str:
    options = {name: value for name, value in declared.get("OPTIONS", {}).items() if name != SECRET}
    said = json.dumps([declared["BACKEND"], declared["LOCATION"], options], sort_keys=True, default=str)
    name = options.get("model") or declared["BACKEND"].rpartition(".")[2]
    return f"{name} ({hashlib.sha256(said.encode()).hexdigest()[:8]})"
