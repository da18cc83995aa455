"""Rows of the ledger, with defaults that a test names only where they matter."""

from uuid import uuid4

from kb.models import ModelCall, Sensitivity


def append(*, payload: bytes | None = None, **fields: object) -> ModelCall:
    known: dict[str, object] = {
        "purpose": ModelCall.Purpose.ANSWER,
        "subject": uuid4(),
        "model": "gpt",
        "location": "cloud",
        "destination": "api.example.com",
        "decision": ModelCall.Decision.SEND,
        "rule": "ROUTES: PUBLIC → cloud",
        "reason": "The strictest text is Public.",
        "sensitivity": Sensitivity.PUBLIC,
        "chunks": [[1, 10]],
        "prompt_version": "answer-1",
        "sent_sha256": "0" * 64,
        "sent_bytes": 10,
    }
    return ModelCall.objects.append(payload=payload, **(known | fields))


def refused(**fields: object) -> ModelCall:
    return append(decision=ModelCall.Decision.REFUSE, outcome=ModelCall.Outcome.REFUSED, **fields)
