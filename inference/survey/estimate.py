"""What a survey will take, before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from inference import registry
from inference.hits import Hit, hit_of
from inference.plan import Asked
from inference.protocols import Priced
from inference.registry import QUOTED
from inference.survey.readers import CHARACTERS_PER_TOKEN, MERGED_TOKENS, STEP_TOKENS, readers
from inference.survey.units import Unit
from kb.models import RouteTable

INSTRUCTIONS = 400
"""Tokens of a step's instructions and question, about."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`calls` are of language models; `cost_usd` is None where some price is not known."""

    calls: int = 0
    tokens: int = 0
    cost_usd: float | None = 0.0

    @property
    def needs_consent(self) -> bool:
        """Whether a person has to agree before it begins."""
        return self.calls > settings.SURVEY_CALLS or bool((self.cost_usd or 0.0) > settings.SURVEY_USD)

    def with_call(self, model: str, prompt: int, answer: int) -> "Estimate":
        generator = registry.generator(model)
        price = generator.price(prompt, answer) if isinstance(generator, Priced) else None
        if not registry.is_outside(model):
            price = 0.0
        known = self.cost_usd is not None and price is not None
        cost = (self.cost_usd or 0.0) + (price or 0.0) if known else None
        return Estimate(self.calls + 1, self.tokens + prompt + answer, cost)


def estimate(units: Sequence[Unit], asked: Asked, table: RouteTable) -> Estimate:
    """By the first model that may read each unit. Steps that quote call no language model and cost nothing."""
    taken, merger = Estimate(), ""
    for unit in units:
        model = next(readers(asked, _hits(unit), table))
        if model != QUOTED:
            merger = merger or model
            prompt = unit.characters // CHARACTERS_PER_TOKEN + INSTRUCTIONS
            taken = taken.with_call(model, prompt, STEP_TOKENS)
    if merger and len(units) > 1:
        taken = taken.with_call(merger, INSTRUCTIONS + taken.calls * STEP_TOKENS, MERGED_TOKENS)
    return taken


def _hits(unit: Unit) -> list[Hit]:
    return [hit_of(chunk, score=0.0, similarity=0.0, matched=0.0) for chunk in unit.chunks]
