"""Some rows of the ledger, summed up."""

from dataclasses import dataclass
from typing import Self

from django.db.models import Count, Q, QuerySet, Sum

from kb.models import ModelCall


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the calls that are listed."""

    calls: int
    refused: int
    left: int
    bytes_left: int

    @classmethod
    def of(cls, calls: QuerySet[ModelCall]) -> Self:
        sent_out = Q(location="cloud", decision=ModelCall.Decision.SEND)
        found = calls.aggregate(
            calls=Count("pk"),
            refused=Count("pk", filter=Q(decision=ModelCall.Decision.REFUSE)),
            left=Count("pk", filter=sent_out),
            bytes_left=Sum("sent_bytes", filter=sent_out, default=0),
        )
        return cls(**found)
