"""What personal data and credentials in a text demand, whatever else is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.personal import IDENTIFYING, PER_WORDS, Finding, Kind, find_personal
from kb.models import Sensitivity

MANY = 3
"""Different identifying numbers that make a list of people."""
MANY_CONTACTS = 10
DENSE = 3.0
"""Contacts per 100 words that make a text a list of them."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The laxest label that the text may have, and why; PUBLIC when it holds nothing that demands more."""

    sensitivity: Sensitivity
    reason: str


NO_LIMIT = Limit(Sensitivity.PUBLIC, "")


def limit_of(text: str) -> Limit:
    findings = find_personal(text)
    sensitivity = _demanded(text, findings)
    if sensitivity == Sensitivity.PUBLIC:
        return NO_LIMIT
    kinds = sorted({finding.kind.value for finding in findings if _weighs(finding)})
    what = ", ".join(kinds) or "contact data of many people"
    return Limit(sensitivity, f"The text holds personal data or credentials: {what}.")


def _demanded(text: str, findings: Sequence[Finding]) -> Sensitivity:
    values = {(found.kind, text[found.start : found.end]) for found in findings}
    telling = sum(kind in IDENTIFYING for kind, _ in values)
    contacts = len(values) - telling
    if any(kind == Kind.SECRET for kind, _ in values) or telling >= MANY:
        return Sensitivity.RESTRICTED
    dense = contacts * PER_WORDS > DENSE * len(text.split())
    return (
        Sensitivity.CONFIDENTIAL if telling or (contacts >= MANY_CONTACTS and dense) else Sensitivity.PUBLIC
    )


def _weighs(finding: Finding) -> bool:
    return finding.kind == Kind.SECRET or finding.kind in IDENTIFYING
