"""The only door to a generator: decide, write down, send or refuse, and write down how it ended.

Nothing else in the house calls a generator or a scorer, and the decision here does not trust the caller's
route: whoever asks for a model gets it only if its location may read the strictest of what would be sent.
"""

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings

from inference import registry
from inference.protocols import Location, Prompt, Usage
from inference.recheck import labels_now
from inference.route import may_read
from kb.errors import RouteRefused, StrongroomError
from kb.models import ModelCall, Person, Sensitivity

FAILURE_LENGTH = 500
"""Characters of a provider's complaint that the ledger keeps."""


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

    @property
    def sensitivity(self) -> Sensitivity:
        return Sensitivity.strictest([self.text_sensitivity, *(chunk.sensitivity for chunk in self.evidence)])


def generate(call: Call, *, max_tokens: int) -> Generator[str, None, None]:
    """Yields the answer's pieces. The ledger has the call before the first byte is sent.

    Raises:
        RouteRefused: the model may not read text of this sensitivity; nothing was sent.
        ModelUnavailable: the model failed; nothing else was tried.
    """
    entry = _admit(call)
    try:
        usage = yield from registry.generator(call.model).generate(call.prompt, max_tokens=max_tokens)
    except GeneratorExit:
        entry.finish(ModelCall.Outcome.STOPPED)
        raise
    except BaseException as error:
        entry.finish(ModelCall.Outcome.FAILED, failure=_complaint(error))
        raise
    _complete(entry, usage)


def score(call: Call, continuations: Sequence[str]) -> list[float]:
    """The log-likelihood of each continuation after the prompt (see `LabelScorer.score`).

    Raises:
        RouteRefused: the model may not read text of this sensitivity.
        ModelUnavailable: the weights are missing, or the model failed.
    """
    entry = _admit(call)
    scorer = registry.scorer()
    try:
        scores = scorer.score(call.prompt.user, continuations)
    except BaseException as error:
        entry.finish(ModelCall.Outcome.FAILED, failure=_complaint(error))
        raise
    _complete(entry, Usage(prompt_tokens=scorer.count_tokens(call.prompt.user), answer_tokens=0))
    return scores


def _admit(call: Call) -> ModelCall:
    call = _labelled_now(call)
    location = registry.location(call.model)
    allowed = may_read(location, call.sensitivity, settings.ROUTES)
    entry = _write_down(call, location, allowed=allowed)
    if not allowed:
        raise RouteRefused(
            f"Text labelled {call.sensitivity.label} may not go to “{call.model}” ({location}). Nothing was sent."
        )
    return entry


def _labelled_now(call: Call) -> Call:
    """The chunks with the labels that they have at this moment, should these be stricter than the caller knows."""
    now = labels_now({chunk.chunk for chunk in call.evidence})
    evidence = (
        replace(chunk, sensitivity=Sensitivity.strictest([chunk.sensitivity, now[chunk.chunk]]))
        for chunk in call.evidence
    )
    return replace(call, evidence=tuple(evidence))


def _write_down(call: Call, location: Location, *, allowed: bool) -> ModelCall:
    sent = json.dumps([call.prompt.system, call.prompt.user], ensure_ascii=False).encode()
    return ModelCall.objects.append(
        person=call.person,
        purpose=call.purpose,
        subject=call.subject,
        model=registry.model_name(call.model),
        location=location,
        decision=ModelCall.Decision.SEND if allowed else ModelCall.Decision.REFUSE,
        outcome=ModelCall.Outcome.SENDING if allowed else ModelCall.Outcome.REFUSED,
        reason=call.reason or f"The strictest text is {call.sensitivity.label}.",
        sensitivity=call.sensitivity,
        chunks=[[chunk.chunk, int(chunk.sensitivity)] for chunk in call.evidence],
        prompt_version=call.prompt.version,
        sent_sha256=hashlib.sha256(sent).hexdigest(),
        sent_bytes=len(sent),
    )


def _complete(entry: ModelCall, usage: Usage) -> None:
    entry.finish(
        ModelCall.Outcome.DONE,
        prompt_tokens=usage.prompt_tokens,
        answer_tokens=usage.answer_tokens,
        cost_usd=usage.cost_usd,
    )


def _complaint(error: BaseException) -> str:
    """Only our own sentences: a vendor's message may hold text that was sent, or a key."""
    return str(error)[:FAILURE_LENGTH] if isinstance(error, StrongroomError) else type(error).__name__
