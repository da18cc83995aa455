"""What is asked and what was found → who writes which part of the answer, from which chunks.

Nothing runs here. The flow writes by the plan, and a person can be shown it before anything is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from inference import registry
from inference.confirmed import confirmed
from inference.editions import outdated
from inference.evidence import contributes, suffices
from inference.hidden import hide
from inference.hits import Hit
from inference.pack import Packed, pack, room_for_sources
from inference.personal import question_sensitivity
from inference.prompts import answer_prompt
from inference.protocols import Location, Prompt, Turn
from inference.pseudonyms import Pseudonyms
from inference.registry import QUOTED
from inference.route import choose
from inference.sections import with_sections
from inference.selection import Evidence, with_neighbours
from kb.models import Answer, Conversation, Leaving, Person, Question, RouteTable, Sensitivity

LLM = "llm"
"""The model that answers, unless it fails."""
ANSWER_TOKENS = 700
"""At most."""
INSTRUCTING = (
    "Answered by quotes because some of the sources speak to language models, and nobody has cleared them."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, apart from chunks. `query` stands alone; `person` is kept to the key that he came with.

    `sensitivity` and `leaving` are the strictest of the question, the person's wish, and all that was said before in
    the conversation; `why` says in words what holds it back.
    """

    query: str
    conversation: Conversation
    person: Person
    history: tuple[Turn, ...] = ()
    sensitivity: Sensitivity = Sensitivity.RESTRICTED
    leaving: Leaving = Leaving.NEVER
    why: str = ""
    language: str = ""
    rest: str = ""
    """As `Ranking.rest`."""

    @property
    def sought(self) -> str:
        """What evidence is measured by: the names of documents say which they are, and are not looked for in them."""
        return self.rest or self.query


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the answer: the model that writes it, and the chunks that it may cite.

    With `pseudonyms` the prompt has aliases in place of personal data; `packed` has the texts as they are.
    `left_out` would have been shown too, had it fitted.
    """

    model: str
    packed: tuple[Packed, ...]
    prompt: Prompt
    pseudonyms: Pseudonyms | None = None
    left_out: tuple[Hit, ...] = ()

    @property
    def location(self) -> Location:
        return registry.location(self.model)

    @property
    def name(self) -> str:
        return registry.model_name(self.model)


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts in the order in which they are written. `leaving` is how what leaves does; `reason` is a sentence."""

    asked: Asked
    parts: tuple[Part, ...]
    leaving: Leaving
    reason: str

    @property
    def packed(self) -> tuple[Packed, ...]:
        return tuple(packed for part in self.parts for packed in part.packed)

    @property
    def left_out(self) -> tuple[Hit, ...]:
        """What did not fit; the person may see it."""
        return tuple(hit for part in self.parts for hit in part.left_out)

    @property
    def location(self) -> Answer.Made:
        places = {part.location for part in self.parts}
        return Answer.Made.MIXED if len(places) > 1 else Answer.Made(str(*places))

    @property
    def model(self) -> str:
        return " + ".join(dict.fromkeys(part.name for part in self.parts))

    @property
    def only_quotes(self) -> bool:
        return all(part.model == QUOTED for part in self.parts)


def asked_of(question: Question, query: str, history: tuple[Turn, ...], table: RouteTable) -> Asked:
    """The question with the strictest of all that goes with it. Two queries."""
    conversation = question.conversation
    own = question_sensitivity(question.text)
    held = [
        (Leaving(question.leaving), "you asked for that"),
        (table.leaving(own), f"the question counts as {own.label}"),
        (_said_before(conversation, table), "of what was said before in this conversation"),
    ]
    leaving = Leaving.strictest(way for way, _ in held)
    return Asked(
        query=query,
        conversation=conversation,
        person=question.asker,
        history=history,
        sensitivity=Sensitivity.strictest([own, conversation.sensitivity]),
        leaving=leaving,
        why=next(why for way, why in held if way == leaving),
    )


def plan(asked: Asked, evidence: Evidence, table: RouteTable, *, model: str = LLM) -> Plan:
    """Who answers from which of the evidence, where `model` may read it.

    No language model is given a hit that speaks to it. What is shown besides the best hits decides nothing: none of it
    is stricter than they are, and it leaves only where it may as they do.
    """
    hits = evidence.best
    if not registry.is_configured(model):
        return on_premises(asked, hits, "No language model is configured, so the answer quotes the sources.")
    enough = partial(suffices, asked.sought, language=asked.language)
    readable = _readable(hits)
    if len(readable) < len(hits) and not enough(readable):
        return on_premises(asked, hits, INSTRUCTING)
    if registry.location(model) == Location.ON_PREMISES:
        part = _part(asked, model, _readable(with_sections(readable, evidence.further, asked.person)))
        return Plan(
            asked,
            (part,),
            Leaving.NEVER,
            "Answered on-premises, where the language model may read everything.",
        )
    said = partial(contributes, asked.sought, hits=readable, language=asked.language)
    route = choose(asked.leaving, asked.why, readable, table=table, enough=said)
    if not route.outside:
        return on_premises(asked, hits, route.reason)
    allowed = [
        hit
        for hit in _readable(with_sections(route.outside, evidence.further, asked.person))
        if table.leaving(hit.sensitivity, hit.collection) >= route.leaving
    ]
    parts = [_part(asked, model, allowed, hidden=route.leaving == Leaving.PSEUDONYMISED)]
    if route.inside:
        after = len(parts[0].packed)
        parts.append(_part(asked, QUOTED, with_neighbours(route.inside, asked.person), after=after))
    return Plan(asked, tuple(parts), route.leaving, route.reason)


def on_premises(asked: Asked, hits: Sequence[Hit], reason: str) -> Plan:
    """Quotes from all of the hits, whatever their labels."""
    part = _part(asked, QUOTED, with_neighbours(hits, asked.person))
    return Plan(asked, (part,), Leaving.NEVER, reason)


def _readable(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if not hit.instructs)


def _part(asked: Asked, model: str, hits: Sequence[Hit], *, after: int = 0, hidden: bool = False) -> Part:
    """`after`: how many chunks the parts before it number. `hidden`: whether personal data get aliases."""
    packed = pack(
        hits,
        room=_room(asked, model, hidden=hidden),
        count_tokens=registry.generator(model).count_tokens,
        after=after,
        outdated=outdated(asked.query, hits, confirmed=confirmed({hit.document for hit in hits})),
        ends_first=model != QUOTED,
    )
    if hidden:
        said = hide(asked.query, asked.history, packed.shown, Pseudonyms(asked.conversation))
        prompt = answer_prompt(said.query, said.shown, said.history, language=asked.language, aliases=True)
        return Part(model, packed.shown, prompt, said.pseudonyms, left_out=packed.left_out)
    shown = [source.shown for source in packed.shown]
    prompt = answer_prompt(asked.query, shown, asked.history, language=asked.language)
    return Part(model, packed.shown, prompt, left_out=packed.left_out)


def _room(asked: Asked, model: str, *, hidden: bool) -> int:
    """Tokens for sources beside the instructions, the history and the question, which are counted, and the answer."""
    generator = registry.generator(model)
    bare = answer_prompt(asked.query, (), asked.history, aliases=hidden)
    return room_for_sources(
        generator.window,
        instructions=generator.count_tokens(f"{bare.system}\n{bare.user}"),
        answer=ANSWER_TOKENS,
        most=settings.PROMPT_TOKENS,
    )


def _said_before(conversation: Conversation, table: RouteTable) -> Leaving:
    """How all that was said may leave: by what was decided then, and by the labels and the table of today."""
    answers = Answer.objects.filter(question__conversation=conversation)
    documents = answers.filter(drew_on__isnull=False).values_list(
        "drew_on__sensitivity", "drew_on__collection"
    )
    chunks = answers.filter(shown__isnull=False).values_list(
        "shown__sensitivity", "shown__version__document__collection"
    )
    today = [table.leaving(label, collection) for label, collection in {*documents, *chunks}]
    return Leaving.strictest([conversation.leaving, table.leaving(conversation.sensitivity), *today])
