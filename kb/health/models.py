"""The models: whether their weights are here, and how their last calls ended. None is called or loaded for that."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from inference.catalogue import CATALOGUE
from inference.weights import MANIFEST, PREPARE
from kb.health.finding import Finding
from kb.models import ModelCall

LAST = 3
"""Calls that all failed mean that the model is down."""
LATELY = timedelta(hours=1)


def embedder() -> Finding:
    return _weights_of("embedder", "Nothing is embedded, and search goes by words alone.")


def slm() -> Finding:
    found = _weights_of("slm", "Labels and summaries are made without it.")
    return _as_its_calls_ended(found, purpose__in=["classify", "summarise"])


def llm() -> Finding:
    if "llm" not in settings.MODELS:
        return Finding.unused("None is configured; every answer is quoted on-premises.")
    model = str(_options("llm")["model"])
    return _as_its_calls_ended(Finding.works(f"{model} is configured."), purpose="answer", model=model)


def _weights_of(role: str, without: str) -> Finding:
    options = _options(role)
    model = str(options.get("model", ""))
    if not model:
        return Finding.works("It needs no weights.")
    if _is_here(model):
        return Finding.works(f"{model} is here.")
    if options.get("hub"):
        return Finding.works(f"{model} is named; the hub has it if this machine does not.")
    advice = PREPARE if model in CATALOGUE else "Put it where the setting says, or correct the setting."
    return Finding.down(f"{model} is not here. {without}", advice)


def _is_here(model: str) -> bool:
    if model in CATALOGUE:
        return (settings.VAR / "models" / model / MANIFEST).is_file()
    return Path(model).expanduser().exists()


def _as_its_calls_ended(otherwise: Finding, **which: object) -> Finding:
    lately = ModelCall.objects.filter(
        at__gt=timezone.now() - LATELY, decision=ModelCall.Decision.SEND, **which
    )
    ended = lately.exclude(outcome=ModelCall.Outcome.SENDING).values_list("outcome", "failure")[:LAST]
    outcomes = [outcome for outcome, _ in ended]
    if outcomes != [ModelCall.Outcome.FAILED] * LAST:
        return otherwise
    return Finding.down(
        f"Its last {LAST} calls failed: {ended[0][1]}", "See the ledger, and the provider's own pages."
    )


def _options(role: str) -> dict[str, object]:
    options: dict[str, object] = settings.MODELS[role].get("OPTIONS", {})  # type: ignore[assignment]
    return options
