"""What machines are given: the same values, field by field, over the API and on the command line."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder

from kb.exchange.answers import Answered, answered
from kb.exchange.documents import (
    FoundChunk,
    Ingested,
    found_chunk,
    ingested,
    left_out,
    not_taken,
    to_be_opened,
)
from kb.exchange.ledger import LedgerRow, ledger_row
from kb.exchange.plans import Planned, planned

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "Answered",
    "FoundChunk",
    "Ingested",
    "LedgerRow",
    "Planned",
    "answered",
    "as_json",
    "found_chunk",
    "ingested",
    "ledger_row",
    "left_out",
    "not_taken",
    "planned",
    "to_be_opened",
]


def as_json(value: "DataclassInstance | Sequence[DataclassInstance]") -> str:
    """One line."""
    plain: Any = [asdict(each) for each in value] if isinstance(value, Sequence) else asdict(value)
    return json.dumps(plain, cls=DjangoJSONEncoder, ensure_ascii=False)
