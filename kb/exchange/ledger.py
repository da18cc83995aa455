"""The ledger's rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kb.models import ModelCall, Sensitivity


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One sending to a model, or a refusal. `chunks` are pairs of a chunk's id and the number of its sensitivity;
    `pseudonyms` are counts by kind. Of a pruned row `person`, `reason`, `chunks` and `pseudonyms` are gone."""

    row: int
    at: datetime
    person: str | None
    purpose: str
    model: str
    location: str
    destination: str
    decision: str
    rule: str
    reason: str
    sensitivity: str
    chunks: Sequence[Sequence[int]]
    pseudonyms: Mapping[str, int]
    sent_bytes: int
    sent_sha256: str
    outcome: str
    prompt_tokens: int | None
    answer_tokens: int | None
    cost_usd: float | None
    failure: str
    seconds: float | None
    pruned: bool


def ledger_row(call: ModelCall) -> LedgerRow:
    return LedgerRow(
        row=call.sequence,
        at=call.at,
        person=call.person.username if call.person else None,
        purpose=call.purpose,
        model=call.model,
        location=call.location,
        destination=call.destination,
        decision=call.decision,
        rule=call.rule,
        reason=call.reason,
        sensitivity=Sensitivity(call.sensitivity).name,
        chunks=call.chunks,
        pseudonyms=call.pseudonyms,
        sent_bytes=call.sent_bytes,
        sent_sha256=call.sent_sha256,
        outcome=call.outcome,
        prompt_tokens=call.prompt_tokens,
        answer_tokens=call.answer_tokens,
        cost_usd=call.cost_usd,
        failure=call.failure,
        seconds=call.seconds,
        pruned=call.pruned_at is not None,
    )
