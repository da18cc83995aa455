"""The labels of passages: stricter than the document where a passage itself shows that it must be.

A passage is judged by what stands in it and nothing else: a marking, personal data and credentials, and rules with a
name. No vote and no model has a say, because a passage is too short for them to be sure (docs/classification.md).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.markings import find_marking
from ingestion.limits import limit_of
from kb.models import Document, Sensitivity

QUOTE_LENGTH = 80
"""Characters of a marking that a reason repeats."""
ROWS = 3
"""Amounts that make a table of pay, and not a mention of one."""
NEAR = 80
"""Characters between a person and what is said of him."""

By = Document.DecidedBy


class Passage(Protocol):
    """A chunk, before or after it is kept."""

    @property
    def text(self) -> str: ...

    @property
    def headings(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class OwnLabel:
    """What a passage itself demands. PUBLIC, by nobody, when it demands nothing."""

    sensitivity: Sensitivity
    decided_by: Document.DecidedBy
    reason: str


AS_ITS_DOCUMENT = OwnLabel(Sensitivity.PUBLIC, By.NOBODY, "")


@dataclass(frozen=True, slots=True)
class Rule:
    """`shows` says in words what a passage holds to which the rule applies."""

    name: str
    sensitivity: Sensitivity
    shows: str
    applies: Callable[[str], bool]


def own_labels(passages: Sequence[Passage]) -> list[OwnLabel]:
    """One a passage, in their order; of several reasons the strictest counts, and of equals the marking."""
    inherited = _section_markings(passages)
    return [
        max((marked, *_shown(passage.text)), key=lambda label: label.sensitivity)
        for passage, marked in zip(passages, inherited, strict=True)
    ]


def _section_markings(passages: Sequence[Passage]) -> list[OwnLabel]:
    """The marking of each passage, or of its section: it counts for all further passages below the same headings.

    The first passage speaks for the document, whose label has been decided, so that its marking is not handed on.
    """
    labels: list[OwnLabel] = []
    section: Sequence[str] = ()
    marked = AS_ITS_DOCUMENT
    for place, passage in enumerate(passages):
        own = _marked(passage.text)
        inside = bool(section) and list(passage.headings[: len(section)]) == list(section)
        if (
            own is not AS_ITS_DOCUMENT
            and place > 0
            and not (inside and own.sensitivity <= marked.sensitivity)
        ):
            section, marked = passage.headings, own
        elif not inside:
            section, marked = (), AS_ITS_DOCUMENT
        labels.append(max((own, marked), key=lambda label: label.sensitivity))
    return labels


def _marked(text: str) -> OwnLabel:
    marking = find_marking(text)
    if marking is None or marking.sensitivity == Sensitivity.PUBLIC:
        return AS_ITS_DOCUMENT
    words = marking.words[:QUOTE_LENGTH].rstrip(" .:")
    return OwnLabel(marking.sensitivity, By.MARKING, f"Its section is marked “{words}”.")


def _shown(text: str) -> list[OwnLabel]:
    """What personal data and the rules demand; only what demands something."""
    limit = limit_of(text)
    shown = [OwnLabel(limit.sensitivity, By.RULE, limit.reason)] if limit.reason else []
    return shown + [
        OwnLabel(rule.sensitivity, By.RULE, f"{rule.shows} (rule “{rule.name}”).")
        for rule in RULES
        if rule.applies(text)
    ]


# --- The rules ----------------------------------------------------------------------------------------

PAY = re.compile(
    r"""\b(?:
        salar(?:y|ies) | remuneration | (?:gross|base|basic|monthly|annual|hourly)[ _-]pay
        | pay[ _-](?:bands?|grades?|scales?) | wages? | payroll
        | gehalt\w* | gehälter | entgelt\w* | vergütung\w* | bezüge | brutto(?:lohn|gehalt|bezüge)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
CURRENCY = r"(?:€|\$|£|EUR|USD|GBP|CHF)"
AMOUNT = re.compile(
    rf"""{CURRENCY}\s?\d[\d.,’']{{2,}} | (?<![\d.,])\d[\d.,’']{{2,}}\s?{CURRENCY}
    | (?<=[|;,\t])\s*\d{{1,3}}(?:[.,’'\ ]?\d{{3}})+(?:[.,]\d\d)?\s*(?=[|;,\t\n]|\Z)""",
    re.VERBOSE,
)
PERSON_COLUMN = re.compile(
    r"""(?:^|[|;,\t])\s*(?:
        (?:personnel|staff|employee)(?:[ _](?:no|number|id)\.?)? | (?:first|last|family)?[ _]?name | surname
        | personalnummer | personal-?nr\.? | mitarbeiter(?:in)? | vorname | nachname
    )\s*(?=[|;,\t])""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
SOMEBODY = r"\b(?:mr|ms|mrs|dr|herrn?|frau|employee|patient(?:in)?|he|she|er|sie)\b\.?"
ILLNESS = re.compile(
    rf"""^[\s|*-]*(?:
        diagnos[ei]s? | therapy | medication | blood[ ]group | allerg(?:y|ies) | befund | medikation | blutgruppe
    )\s*[:|]
    | {SOMEBODY}[^.\n]{{0,{NEAR}}}\b(?:
        diagnosed[ ]with | suffers?[ ]from | on[ ]sick[ ]leave[ ](?:with|for|because)
        | leidet[ ](?:an|unter) | erkrankt[ ]an | degree[ ]of[ ]disability | grad[ ]der[ ]behinderung | gdb[ ]\d
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
ACCOUNT = re.compile(
    r"""\b(?:account|konto)[ -]?(?:no\.?|number|nr\.?|nummer)\s*[:|]?\s*\d[\d -]{5,}
    | \bsort[ ]code\s*[:|]?\s*\d\d-\d\d-\d\d | \brouting[ ](?:no\.?|number)\s*[:|]?\s*\d{9}\b""",
    re.IGNORECASE | re.VERBOSE,
)
MEASURE = r"\b(?:written[ ]warning|disciplinary[ ](?:hearing|action)|abmahnung)\b"
NAMED = r"(?-i:\b(?:Mr|Ms|Mrs|Herrn?|Frau)\b\.?[ ][A-ZÄÖÜ])"
DISCIPLINE = re.compile(
    rf"{MEASURE}[^.\n]{{0,{NEAR}}}{NAMED} | {NAMED}[^.\n]{{0,{NEAR}}}{MEASURE}", re.IGNORECASE | re.VERBOSE
)


def _is_pay_table(text: str) -> bool:
    return bool(PAY.search(text)) and len(AMOUNT.findall(text)) >= ROWS


def _is_payroll(text: str) -> bool:
    return _is_pay_table(text) and bool(PERSON_COLUMN.search(text))


RULES = (
    Rule("payroll", Sensitivity.RESTRICTED, "It lists what people are paid", _is_payroll),
    Rule(
        "health",
        Sensitivity.RESTRICTED,
        "It speaks of somebody's health",
        lambda text: bool(ILLNESS.search(text)),
    ),
    Rule("pay table", Sensitivity.CONFIDENTIAL, "It is a table of pay", _is_pay_table),
    Rule(
        "bank account",
        Sensitivity.CONFIDENTIAL,
        "It names a bank account",
        lambda text: bool(ACCOUNT.search(text)),
    ),
    Rule(
        "discipline",
        Sensitivity.CONFIDENTIAL,
        "It speaks of a measure against an employee",
        lambda text: bool(DISCIPLINE.search(text)),
    ),
)
