"""How well personal data is found in texts whose personal data is known.

A folder holds `texts.jsonl`: each line is `{"text", "spans": [{"start", "end", "type"}, …]}`, with the types of
presidio-research's data sets.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.evaluate.spans import Scorer, Scores, Span
from inference.personal import Finding, Kind, find_all
from kb.errors import Rejected

TYPES: dict[Kind, str] = {
    Kind.PERSON: "PERSON",
    Kind.ADDRESS: "LOCATION",
    Kind.LOCATION: "LOCATION",
    Kind.POSTCODE: "ZIP_CODE",
    Kind.ORGANISATION: "ORGANIZATION",
    Kind.TITLE: "TITLE",
    Kind.AGE: "AGE",
    Kind.NATIONALITY: "NRP",
    Kind.DATE: "DATE_TIME",
    Kind.BIRTH_DATE: "DATE_TIME",
    Kind.EMAIL: "EMAIL_ADDRESS",
    Kind.PHONE: "PHONE_NUMBER",
    Kind.URL: "URL",
    Kind.IP_ADDRESS: "IP_ADDRESS",
    Kind.IBAN: "IBAN_CODE",
    Kind.CARD: "CREDIT_CARD",
    Kind.SSN: "US_SSN",
    Kind.DOCUMENT_ID: "US_DRIVER_LICENSE",
}
"""What each of our kinds is called in the data; the others keep their own name."""
SAME = {"STREET_ADDRESS": "LOCATION", "GPE": "LOCATION", "DOMAIN_NAME": "URL"}
"""Compared as one, as presidio-research does: where an address ends and its town begins is a convention."""


@dataclass(frozen=True, slots=True)
class Known:
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PersonalScores:
    overall: Scores
    """Whether personal data was found at all, whatever it was taken for."""
    kinds: dict[str, Scores]
    """By type, the most frequent first."""


def evaluate_folder(folder: Path) -> PersonalScores:
    """Loads the model for names: seconds.

    Raises:
        Rejected: the folder does not hold texts with known personal data.
    """
    known = read(folder / "texts.jsonl")
    scorer = Scorer()
    for item, found in zip(known, find_all([item.text for item in known]), strict=True):
        scorer.add(item.text, item.spans, map(_span, found))
    kinds = {name: tally.scores() for name, tally in scorer.types.items()}
    ordered = sorted(kinds, key=lambda name: (-kinds[name].support, name))
    return PersonalScores(scorer.overall.scores(), {name: kinds[name] for name in ordered})


def read(path: Path) -> list[Known]:
    try:
        known = [
            _known(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(
            f"{path} cannot be read as texts with known personal data: each line must be a JSON object with text and "
            "spans, and each span one with start, end and type."
        ) from error
    if not known:
        raise Rejected(f"{path} is empty: there is nothing to measure on.")
    return known


def _known(row: dict[str, Any]) -> Known:
    text = row["text"]
    return Known(text, tuple(_true(text, span) for span in row["spans"]))


def _true(text: str, span: dict[str, Any]) -> Span:
    start, end = span["start"], span["end"]
    if not 0 <= start < end <= len(text):
        raise ValueError(f"The span {start} to {end} is outside its text.")
    return Span(SAME.get(span["type"], span["type"]), start, end)


def _span(found: Finding) -> Span:
    return Span(TYPES.get(found.kind, found.kind.name), found.start, found.end)
