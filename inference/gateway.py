"""The only door to a generator: decide, write down, send or refuse, and write down how it ended.

Nothing else in the house calls a generator or a scorer, and the decision here does not trust the caller's
route: whoever asks for a model gets it only if its location may read the strictest of what would be sent, by the
labels and the routes that the database has when the bytes are about to leave, and if none of it speaks to the model.
Each further attempt is decided anew. Text that somebody else's model asks for goes through the same door.
"""

import hashlib
import json
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from inference import budget, registry
from inference.judgement import Judgement, judge
from inference.protocols import Location, Prompt, Usage
from inference.pseudonyms import Pseudonyms
from inference.registry import QUOTED
from inference.route import may_read
from kb.errors import RouteRefused, StrongroomError
from kb.models import ApiKey, Chunk, Leaving, ModelCall, Person, Sensitivity
from kb.webhooks.outbox import tell_of_refusal

FAILURE_LENGTH = 500
"""Characters of a provider's complaint that the ledger keeps."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is sent a text: its name and where it is, as the ledger writes them down, and where its model runs."""

    name: str
    location: Location
    destination: str


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody wants to send, to which model, and what for. `chunks` are the ids of those in the prompt.

    `documents` are those of which it says the title or the summary.
    `text_sensitivity` is the label of all the rest: question, history, or an unlabelled document.
    `text_leaving` is how that may leave, at most: what the person asked for, and what the conversation is held to.
    `pseudonyms` are those that the prompt was written with.
    """

    purpose: ModelCall.Purpose
    model: str
    prompt: Prompt
    text_sensitivity: Sensitivity
    text_leaving: Leaving = Leaving.FREELY
    reason: str = ""
    chunks: tuple[int, ...] = ()
    documents: tuple[UUID, ...] = ()
    person: Person | None = None
    subject: UUID | None = None
    pseudonyms: Pseudonyms | None = None


def generate(call: Call, *, max_tokens: int) -> Generator[str, None, None]:
    """Yields the answer's pieces. The ledger has a row with the exact bytes before the first of them is sent.

    Raises:
        RouteRefused: the model may not read text of this sensitivity, or some of it; nothing was sent.
        BudgetSpent: who asks has used up what he, his key or a group of his may; nothing was sent.
        ModelUnavailable: the model failed; nothing else was tried.
    """
    record = _Record(call)
    stream = registry.generator(call.model).generate(
        call.prompt, max_tokens=max_tokens, before_sending=record.begin
    )
    try:
        usage = yield from _recorded(stream, record)
    except GeneratorExit:
        record.finish(ModelCall.Outcome.STOPPED)
        raise
    except BaseException as error:
        record.finish(ModelCall.Outcome.FAILED, failure=_complaint(error))
        raise
    record.complete(usage)


def score(call: Call, continuations: Sequence[str]) -> list[float]:
    """The log-likelihood of each continuation after the prompt (see `LabelScorer.score`).

    Raises:
        RouteRefused: the model may not read text of this sensitivity.
        ModelUnavailable: the weights are missing, or the model failed.
    """
    scorer, record = registry.scorer(call.model), _Record(call)
    record.begin(json.dumps([call.prompt.user, *continuations], ensure_ascii=False).encode())
    try:
        scores = scorer.score(call.prompt.user, continuations)
    except BaseException as error:
        record.finish(ModelCall.Outcome.FAILED, failure=_complaint(error))
        raise
    record.complete(Usage(prompt_tokens=scorer.count_tokens(call.prompt.user), answer_tokens=0))
    return scores


def hand_over(call: Call, payload: bytes, receiver: Receiver) -> None:
    """Lets a model that is not ours have what it asked for. When this returns, the ledger has a row of it.

    `call.prompt.user` are the texts in it, and `payload` is all that the receiver gets, byte for byte.

    Raises:
        RouteRefused: it may not have them. The ledger has that too.
    """
    _admit(call, payload, receiver).finish(ModelCall.Outcome.DONE)


class _Record:
    """The rows of one call: one for every time that its bytes are sent."""

    def __init__(self, call: Call):
        self._call = call
        self._entry: ModelCall | None = None

    @property
    def begun(self) -> bool:
        return self._entry is not None

    def begin(self, payload: bytes) -> None:
        """Decides, and writes down what is sent as soon as this returns. An attempt before it has failed.

        Raises:
            BudgetSpent: nothing is left to pay for it.
            RouteRefused: it may not be sent. The ledger has that too.
        """
        self.finish(ModelCall.Outcome.FAILED, failure="No answer came, so it was sent again.")
        self._entry = None
        budget.check_call(self._call.model, self._call.person)
        self._entry = _admit(self._call, payload, _model_of(self._call))
        budget.reserve(self._entry, self._call.model, self._call.person)

    def finish(self, outcome: str, **measured: object) -> None:
        if self._entry:
            self._entry.finish(outcome, **measured)
            budget.settle(self._entry)

    def complete(self, usage: Usage) -> None:
        self.finish(
            ModelCall.Outcome.DONE,
            prompt_tokens=usage.prompt_tokens,
            answer_tokens=usage.answer_tokens,
            cost_usd=usage.cost_usd,
        )


def _recorded(stream: Generator[str, None, Usage], record: _Record) -> Generator[str, None, Usage]:
    """Passes the pieces on, and none of a backend that has not said what it sends."""
    with closing(stream):
        while True:
            try:
                piece = next(stream)
            except StopIteration as end:
                _refuse_unrecorded(record)
                usage: Usage = end.value
                return usage
            _refuse_unrecorded(record)
            yield piece


def _refuse_unrecorded(record: _Record) -> None:
    if not record.begun:
        raise RuntimeError(
            "A generator answered without calling before_sending: the ledger has no row of it."
        )


def _model_of(call: Call) -> Receiver:
    return Receiver(
        registry.model_name(call.model), registry.location(call.model), registry.destination(call.model)
    )


def _admit(call: Call, payload: bytes, receiver: Receiver) -> ModelCall:
    judged = judge(call.text_sensitivity, call.text_leaving, call.chunks, call.documents)
    refusal = _refusal(call, receiver.location, judged)
    entry = _write_down(call, b"" if refusal else payload, receiver, judged, allowed=not refusal)
    if refusal:
        tell_of_refusal(entry)
        raise RouteRefused(f"{refusal} Nothing was sent.")
    return entry


def _refusal(call: Call, location: Location, judged: Judgement) -> str:
    """Why the call may not be sent, in a sentence; empty when it may."""
    if (
        call.person
        and call.person.bounds
        and not ApiKey.objects.usable().filter(pk=call.person.bounds.key).exists()
    ):
        return "The key that the question was asked with has ended."
    if call.model != QUOTED and Chunk.objects.filter(pk__in=call.chunks).instructing().exists():
        return "A source speaks to language models, and nobody has cleared it."
    if not may_read(location, judged.leaving):
        return f"Text labelled {judged.sensitivity.label} may not go to “{call.model}” ({location})."
    if location == Location.CLOUD and judged.leaving == Leaving.PSEUDONYMISED:
        if call.pseudonyms is None:
            return f"Text labelled {judged.sensitivity.label} may go to “{call.model}” under pseudonyms only."
        if call.pseudonyms.left_in(call.prompt.user):
            return "Personal data were left in a text that may leave under pseudonyms only."
    return ""


def _write_down(
    call: Call, payload: bytes, receiver: Receiver, judged: Judgement, *, allowed: bool
) -> ModelCall:
    kept = settings.LEDGER_KEEP_PAYLOADS and allowed and receiver.location == Location.CLOUD
    return ModelCall.objects.append(
        payload=payload if kept else None,
        person=call.person,
        purpose=call.purpose,
        subject=call.subject,
        model=receiver.name,
        location=receiver.location,
        destination=receiver.destination,
        decision=ModelCall.Decision.SEND if allowed else ModelCall.Decision.REFUSE,
        outcome=ModelCall.Outcome.SENDING if allowed else ModelCall.Outcome.REFUSED,
        rule=judged.rule,
        reason=call.reason or f"The strictest text is {judged.sensitivity.label}.",
        sensitivity=judged.sensitivity,
        chunks=[[chunk, int(label)] for chunk, label in judged.labels],
        pseudonyms=call.pseudonyms.counts() if call.pseudonyms else {},
        prompt_version=call.prompt.version,
        sent_sha256=hashlib.sha256(payload).hexdigest(),
        sent_bytes=len(payload),
    )


def _complaint(error: BaseException) -> str:
    """Only our own sentences: a vendor's message may hold text that was sent, or a key."""
    return str(error)[:FAILURE_LENGTH] if isinstance(error, StrongroomError) else type(error).__name__
