"""Which models may read some chunks, by the labels and routes of now, and what a step of each may hold."""

from collections.abc import Iterator, Sequence

from django.conf import settings

from inference import registry
from inference.circuit import rests_until
from inference.fallback import chain
from inference.hits import Hit
from inference.pack import room_for_sources
from inference.plan import Asked
from inference.prompts import step_prompt
from inference.protocols import Location
from inference.registry import QUOTED
from inference.route import may_read
from kb.models import Leaving, RouteTable

STEP_TOKENS = 300
"""Of what one step writes, at most."""
MERGED_TOKENS = 1_500
"""Of what the merging writes, at most."""
CHARACTERS_PER_TOKEN = 4
"""Of English, about; German has fewer. For estimates and for the size of steps, never for what is sent."""
MOST_CHARACTERS = 24_000
"""Of one step: about 6,000 tokens, little enough that nothing in the middle is overlooked."""


def leaving_of(asked: Asked, hits: Sequence[Hit], table: RouteTable) -> Leaving:
    """How the chunks may leave together with the question: as the strictest of all may."""
    return Leaving.strictest(
        [asked.leaving, *(table.leaving(hit.sensitivity, hit.collection) for hit in hits)]
    )


def readers(asked: Asked, hits: Sequence[Hit], table: RouteTable) -> Iterator[str]:
    """The models of the chain that may read all of it, in their order; at the end the one that quotes.

    A chunk that speaks to language models is for none of them.
    """
    if not any(hit.instructs for hit in hits):
        leaving = leaving_of(asked, hits, table)
        for model in chain():
            if may_read(registry.location(model), leaving) and not rests_until(model):
                yield model
    yield QUOTED


def is_hidden(asked: Asked, hits: Sequence[Hit], table: RouteTable, model: str) -> bool:
    """Whether the model is to be given aliases in place of personal data."""
    outside = registry.location(model) == Location.CLOUD
    return outside and leaving_of(asked, hits, table) == Leaving.PSEUDONYMISED


def room_of_step(model: str, question: str, *, hidden: bool) -> int:
    """Tokens for sources."""
    generator = registry.generator(model)
    bare = step_prompt(question, (), aliases=hidden)
    return room_for_sources(
        generator.window,
        instructions=generator.count_tokens(f"{bare.system}\n{bare.user}"),
        answer=STEP_TOKENS,
        most=settings.PROMPT_TOKENS,
    )


def characters_of_step(question: str) -> int:
    """What a step may read: as much as the smallest window of all that may come to read it holds."""
    rooms = [room_of_step(model, question, hidden=True) for model in (*chain(), QUOTED)]
    # A third less than usual, because numbers and tables take more tokens.
    return max(1, min(MOST_CHARACTERS, min(rooms) * (CHARACTERS_PER_TOKEN - 1)))
