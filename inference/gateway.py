"""The only door to a generator: decide, write down, send or refuse, and write down how it ended.

Nothing else in the house calls a generator or a scorer, and the decision here does not trust the caller's
route: whoever asks for a model gets it only if its location may read the strictest of what would be sent.
"""

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from inference import registry
from inference.protocols import Location, Prompt, Usage
from inference.route import may_read
from kb.errors import RouteRefused, StrongroomError
from kb.models import ModelCall, Person, Sensitivity

FAILURE_LENGTH = 500
"""Characters of a provider's complaint that the ledger keeps."""

NOTHING = b""
"""What is sent of a call that is refused."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A chunk that would be sent, with its label."""

    chunk: int
    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody wants to send, to which model, and what for.

    `text_sensitivity` is the label of all that is not a chunk: question, history, or an unlabelled document.
    """

    purpose: ModelCall.Purpose
    model: str
    prompt: Prompt
    text_sensitivity: Sensitivity
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    person: Person | None = None
    subject: UUID | None = None
    pseudonyms: Mapping[str, int] = field(default_factory=dict)
    """How many entities of each kind were replaced in the prompt."""

    @property
    def sensitivity(self) -> Sensitivity:
        return Sensitivity.strictest([self.text_sensitivity, *(chunk.sensitivity for chunk in self.evidence)])


def generate(call: Call, *, max_tokens: int) -> Generator[str, None, None]:
    """Yields the answer's pieces. The ledger has a row with the exact bytes before the first of them is sent.

    Raises:
        RouteRefused: the model may not read text of this sensitivity; nothing was sent.
        ModelUnavailable: the model failed; nothing else was tried.
    """
    _admit(call)
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
    _admit(call)
    scorer, record = registry.scorer(), _Record(call)
    record.begin(json.dumps([call.prompt.user, *continuations], ensure_ascii=False).encode())
    try:
        scores = scorer.score(call.prompt.user, continuations)
    except BaseException as error:
        record.finish(ModelCall.Outcome.FAILED, failure=_complaint(error))
        raise
    record.complete(Usage(prompt_tokens=scorer.count_tokens(call.prompt.user), answer_tokens=0))
    return scores


class _Record:
    """The rows of one call: one for every time that its bytes are sent."""

    def __init__(self, call: Call):
        self._call = call
        self._entry: ModelCall | None = None

    @property
    def begun(self) -> bool:
        return self._entry is not None

    def begin(self, payload: bytes) -> None:
        """Writes down what is sent as soon as this returns. An attempt before it has failed."""
        self.finish(ModelCall.Outcome.FAILED, failure="No answer came, so it was sent again.")
        self._entry = _write_down(self._call, payload, allowed=True)

    def finish(self, outcome: str, **measured: object) -> None:
        if self._entry:
            self._entry.finish(outcome, **measured)

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


def _admit(call: Call) -> None:
    location = registry.location(call.model)
    if not may_read(location, call.sensitivity, settings.ROUTES):
        _write_down(call, NOTHING, allowed=False)
        raise RouteRefused(
            f"Text labelled {call.sensitivity.label} may not go to “{call.model}” ({location}). Nothing was sent."
        )


def _write_down(call: Call, payload: bytes, *, allowed: bool) -> ModelCall:
    location = registry.location(call.model)
    kept = settings.LEDGER_KEEP_PAYLOADS and allowed and location == Location.CLOUD
    return ModelCall.objects.append(
        payload=payload if kept else None,
        person=call.person,
        purpose=call.purpose,
        subject=call.subject,
        model=registry.model_name(call.model),
        location=location,
        destination=registry.generator(call.model).destination,
        decision=ModelCall.Decision.SEND if allowed else ModelCall.Decision.REFUSE,
        outcome=ModelCall.Outcome.SENDING if allowed else ModelCall.Outcome.REFUSED,
        rule=f"ROUTES: {call.sensitivity.name} → {settings.ROUTES.get(call.sensitivity.name, 'nowhere')}",
        reason=call.reason or f"The strictest text is {call.sensitivity.label}.",
        sensitivity=call.sensitivity,
        chunks=[[chunk.chunk, int(chunk.sensitivity)] for chunk in call.evidence],
        pseudonyms=dict(call.pseudonyms),
        prompt_version=call.prompt.version,
        sent_sha256=hashlib.sha256(payload).hexdigest(),
        sent_bytes=len(payload),
    )


def _complaint(error: BaseException) -> str:
    """Only our own sentences: a vendor's message may hold text that was sent, or a key."""
    return str(error)[:FAILURE_LENGTH] if isinstance(error, StrongroomError) else type(error).__name__
