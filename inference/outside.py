"""Text that somebody else's model asks for through a person's tool: what of it may leave, and how.

choose what may leave ─▶ cover (aliases where the routes want them) ─▶ hand_over (decide anew, write down)

A tool reads with a person's rights, and its model may run anywhere. So what it reads goes by the same table as what
is sent to a language model of ours, through the same door.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction

from inference import gateway
from inference.gateway import Call, Receiver
from inference.hits import Hit
from inference.judgement import judge
from inference.personal import find_entities
from inference.protocols import Location, Prompt
from inference.pseudonyms import Pseudonyms, Spotted
from kb.models import Conversation, Leaving, ModelCall, Person, RouteRule, Sensitivity

VERSION = "tool-1"
"""Of the form in which tools get texts, in the place of a prompt's."""


def declared_location() -> Location:
    """Where the models behind tools run. Anything but a clear “on-premises” is the cloud."""
    return Location.ON_PREMISES if settings.MCP_LOCATION == Location.ON_PREMISES else Location.CLOUD


@dataclass(frozen=True, slots=True)
class Reader:
    """A person's tool, and the model behind it."""

    person: Person
    receiver: Receiver

    @property
    def is_outside(self) -> bool:
        return self.receiver.location != Location.ON_PREMISES


@dataclass(frozen=True, slots=True)
class Origin:
    """What a text was made from. `sensitivity` and `leaving` are of all that is in no chunk and of no document.

    `subject` is the id of the answer or document that is read, for the ledger.
    """

    chunks: tuple[int, ...] = ()
    documents: tuple[UUID, ...] = ()
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    leaving: Leaving = Leaving.FREELY
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """Texts as they may leave; with `pseudonyms`, aliases stand in them for personal data."""

    origin: Origin
    texts: tuple[str, ...] = ()
    pseudonyms: Pseudonyms | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """Of some hits those that may leave, in their order, and how many may not."""

    hits: tuple[Hit, ...]
    withheld: int


def choose(hits: Iterable[Hit], reader: Reader) -> Choice:
    """What no model may be given, because it speaks to models, is withheld wherever the model runs. One query."""
    hits, table = tuple(hits), RouteRule.objects.table()
    allowed = tuple(
        hit
        for hit in hits
        if not hit.instructs
        and (not reader.is_outside or table.leaving(hit.sensitivity, hit.collection) > Leaving.NEVER)
    )
    return Choice(allowed, len(hits) - len(allowed))


def _spotted(text: str) -> Spotted:
    return Spotted(text, find_entities(text))


def _spotted_in(hit: Hit) -> Spotted:
    """The hit's text. What was found when the document was read is not looked for again."""
    return _spotted(hit.text) if hit.personal is None else Spotted(hit.text, hit.personal)


def cover(
    texts: Sequence[str | Hit],
    origin: Origin,
    reader: Reader,
    *,
    made_from: Sequence[Hit] = (),
    conversation: Conversation | None = None,
) -> Covered:
    """The texts, of a hit its own, with aliases if any of what they were made from may leave only so.

    What was found to be a name in `made_from` is hidden in the texts too. Aliases are kept with the conversation;
    without one they are good for these texts only, and kept nowhere.
    """
    judged = judge(origin.sensitivity, origin.leaving, origin.chunks, origin.documents)
    if not reader.is_outside or judged.leaving != Leaving.PSEUDONYMISED:
        return Covered(origin, tuple(text.text if isinstance(text, Hit) else text for text in texts))
    found = [_spotted_in(text) if isinstance(text, Hit) else _spotted(text) for text in (*texts, *made_from)]
    hidden, pseudonyms = _hidden(found, reader.person, conversation)
    return Covered(origin, tuple(hidden[: len(texts)]), pseudonyms)


def _hidden(
    found: Sequence[Spotted], person: Person, conversation: Conversation | None
) -> tuple[list[str], Pseudonyms]:
    if conversation is not None:
        pseudonyms = Pseudonyms(conversation)
        return pseudonyms.hide(found), pseudonyms
    with transaction.atomic():
        hidden = _hidden(found, person, Conversation.objects.create(person=person))
        transaction.set_rollback(True)
    return hidden


def hand_over(covered: Covered, payload: bytes, reader: Reader) -> None:
    """Lets the reader have `payload`, in which the texts are. When this returns, the ledger has a row of it.

    Raises:
        RouteRefused: some of it may not leave.
    """
    origin = covered.origin
    call = Call(
        purpose=ModelCall.Purpose.TOOL,
        model=reader.receiver.name,
        prompt=Prompt(version=VERSION, system="", user="\n".join(covered.texts)),
        text_sensitivity=origin.sensitivity,
        text_leaving=origin.leaving,
        chunks=origin.chunks,
        documents=origin.documents,
        person=reader.person,
        subject=origin.subject,
        pseudonyms=covered.pseudonyms,
    )
    gateway.hand_over(call, payload, reader.receiver)
