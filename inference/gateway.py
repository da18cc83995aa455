"""The only door to a generator: decide, write down, send or refuse, and write down how it ended.

Nothing else in the house calls a generator or a scorer, and the decision here does not trust the caller's
route: whoever asks for a model gets it only if its location may read the strictest of what would be sent, by the
labels and the routes that the database has at that moment.
"""

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from uuid import UUID

from inference import registry
from inference.protocols import Location, Prompt, Usage
from inference.route import may_read
from kb.errors import RouteRefused, StrongroomError
from kb.models import Chunk, Leaving, ModelCall, Person, RouteRule, Sensitivity

FAILURE_LENGTH = 500
"""Characters of a provider's complaint that the ledger keeps."""


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody wants to send, to which model, and what for. `chunks` are the ids of those in the prompt.

    `text_sensitivity` is the label of all that is not a chunk: question, history, or an unlabelled document.
    `text_leaving` is how that may leave, at most: what the person asked for, and what the conversation is held to.
    """

    purpose: ModelCall.Purpose
    model: str
    prompt: Prompt
    text_sensitivity: Sensitivity
    text_leaving: Leaving = Leaving.FREELY
    reason: str = ""
    chunks: tuple[int, ...] = ()
    person: Person | None = None
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the call's text and chunks add up to. `labels` are pairs of a chunk's id and its label."""

    sensitivity: Sensitivity
    leaving: Leaving
    labels: tuple[tuple[int, Sensitivity], ...]


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
    location = registry.location(call.model)
    judged = _judge(call)
    allowed = may_read(location, judged.leaving)
    entry = _write_down(call, judged, location, allowed=allowed)
    if not allowed:
        raise RouteRefused(
            f"Text labelled {judged.sensitivity.label} may not go to “{call.model}” ({location}). Nothing was sent."
        )
    return entry


def _judge(call: Call) -> _Judged:
    """By the labels of now. A chunk that is no longer there counts as RESTRICTED. Two queries."""
    table = RouteRule.objects.table()
    rows = Chunk.objects.filter(pk__in=call.chunks).values_list(
        "pk", "sensitivity", "version__document__sensitivity", "version__document__collection"
    )
    found = {pk: (Sensitivity.strictest([own, document]), shelf) for pk, own, document, shelf in rows}
    facts = [(chunk, *found.get(chunk, (Sensitivity.RESTRICTED, None))) for chunk in call.chunks]
    return _Judged(
        sensitivity=Sensitivity.strictest([call.text_sensitivity, *(label for _, label, _ in facts)]),
        leaving=Leaving.strictest(
            [
                call.text_leaving,
                table.leaving(call.text_sensitivity),
                *(table.leaving(label, shelf) for _, label, shelf in facts),
            ]
        ),
        labels=tuple((chunk, label) for chunk, label, _ in facts),
    )


def _write_down(call: Call, judged: _Judged, location: Location, *, allowed: bool) -> ModelCall:
    sent = json.dumps([call.prompt.system, call.prompt.user], ensure_ascii=False).encode()
    return ModelCall.objects.append(
        person=call.person,
        purpose=call.purpose,
        subject=call.subject,
        model=registry.model_name(call.model),
        location=location,
        decision=ModelCall.Decision.SEND if allowed else ModelCall.Decision.REFUSE,
        outcome=ModelCall.Outcome.SENDING if allowed else ModelCall.Outcome.REFUSED,
        reason=call.reason or f"The strictest text is {judged.sensitivity.label}.",
        sensitivity=judged.sensitivity,
        chunks=[[chunk, int(label)] for chunk, label in judged.labels],
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
