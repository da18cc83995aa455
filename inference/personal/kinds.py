"""The kinds of personal data that are looked for, and what one finding is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The value is kept in SQL with each span, so that a kind may be added but not renamed."""

    SECRET = "secret"  # noqa: S105  # The name of a kind.
    IBAN = "IBAN"
    CARD = "card number"
    TAX_ID = "tax id"
    SSN = "social security number"
    BIRTH_DATE = "date of birth"
    EMAIL = "e-mail address"
    PHONE = "phone number"
    IP_ADDRESS = "IP address"
    PERSON = "person"
    ADDRESS = "address"
    POSTCODE = "postcode"
    LOCATION = "location"
    ORGANISATION = "organisation"
    TITLE = "title"
    AGE = "age"
    NATIONALITY = "nationality"
    DATE = "date"
    URL = "web address"
    DOCUMENT_ID = "licence or passport number"
    HEALTH_ID = "health insurance number"
    WALLET = "crypto wallet"


IDENTIFYING = frozenset({Kind.IBAN, Kind.CARD, Kind.TAX_ID, Kind.SSN, Kind.BIRTH_DATE})
"""What should not be about; an address on a letterhead is another matter."""

PASSING = frozenset({Kind.TITLE, Kind.DATE, Kind.URL})
"""Nobody's by themselves; they tell of a person only beside others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`start` and `end` are characters of the text."""

    kind: Kind
    start: int
    end: int


def packed(findings: Iterable[Finding]) -> list[list[int | str]]:
    """As a chunk keeps them: `[start, end, kind]` each."""
    return [[found.start, found.end, found.kind.value] for found in findings]


def unpacked(spans: Iterable[tuple[int, int, str]]) -> tuple[Finding, ...]:
    """What `packed` was given."""
    return tuple(Finding(Kind(kind), start, end) for start, end, kind in spans)
