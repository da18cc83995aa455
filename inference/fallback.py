"""Who writes an answer that other models did not: the next of a chain, routed anew, and at its end quotes.

`FALLBACK` in the settings of the LLM names further models. The chain goes from the cloud to the premises and never
back, because a failure must not let out what would have stayed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import cast

from django.conf import settings
from django.utils import timezone
from django.utils.text import get_text_list

from inference import registry
from inference.circuit import rests_until
from inference.plan import LLM, Asked, Plan, on_premises, plan
from inference.protocols import Location
from inference.selection import Evidence
from kb.errors import RouteRefused, StrongroomError
from kb.models import RouteTable
from kb.models.answers import REASON_LENGTH


@dataclass(frozen=True, slots=True)
class Miss:
    """A model of the chain that did not write the answer. `why` is a clause: “… did not begin within 10 s”."""

    model: str
    why: str


def chain() -> tuple[str, ...]:
    """The models of MODELS that may write answers, in the order in which they are asked."""
    if not registry.is_configured(LLM):
        return ()
    names = [LLM, *cast(Sequence[str], settings.MODELS[LLM].get("FALLBACK", ()))]
    outside = list(takewhile(lambda name: registry.location(name) == Location.CLOUD, names))
    inside = takewhile(lambda name: registry.location(name) == Location.ON_PREMISES, names[len(outside) :])
    return (*outside, *inside)


def missed(chosen: Plan, error: StrongroomError) -> Miss:
    """Why the model of a plan did not write by it. After a colon our errors say what an administrator can do."""
    refused = isinstance(error, RouteRefused)
    why = "a label was raised meanwhile" if refused else str(error).partition(": ")[0].rstrip(".")
    return Miss(chosen.parts[0].model, why)


def plan_after(misses: Sequence[Miss], asked: Asked, evidence: Evidence, table: RouteTable) -> Plan:
    """By what the answer is written after these misses. Its reason names them, and the models that rest."""
    misses = list(misses)
    tried = {miss.model for miss in misses}
    for model in (model for model in chain() if model not in tried):
        if until := rests_until(model):
            clock = f"{timezone.localtime(until):%H:%M}"
            misses.append(
                Miss(model, f"{registry.model_name(model)} failed repeatedly and rests until {clock}")
            )
            continue
        return _explained(plan(asked, evidence, table, model=model), misses)
    if not misses:
        return plan(asked, evidence, table)
    reason = f"Answered on-premises because {_in_words(misses)}."
    return on_premises(asked, evidence.best, reason[:REASON_LENGTH])


def _explained(chosen: Plan, misses: Sequence[Miss]) -> Plan:
    if not misses:
        return chosen
    reason = f"{_in_words(misses)}, so {chosen.parts[0].name} wrote this. {chosen.reason}"
    return replace(chosen, reason=reason[:REASON_LENGTH])


def _in_words(misses: Sequence[Miss]) -> str:
    return get_text_list(list(dict.fromkeys(miss.why for miss in misses)), "and")
