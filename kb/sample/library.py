"""What the sample library holds, as `library.toml` declares it."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of the taxonomy; the description is what zero-shot classification compares a text with."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    name: str
    role: str
    groups: tuple[str, ...]
    clearance: str
    administrator: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection of the sample library."""

    name: str
    description: str
    readers: tuple[str, ...]
    """Names of groups."""
    editors: tuple[str, ...]
    """Names of groups."""
    default_sensitivity: str
    minimum_sensitivity: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as declared: `sensitivity` and `category` are what a careful person would choose.

    With `chosen_by_owner` the owner says the sensitivity when uploading; else it is for the classifier to find.
    """

    file: str
    title: str
    collection: str
    sensitivity: str
    category: str
    owner: str
    author: str
    written: date
    language: str
    chosen_by_owner: bool = False


@dataclass(frozen=True, slots=True)
class TryQuestion:
    """A question that `make up` suggests, and the person who gets a good answer to it."""

    question: str
    ask_as: str
    why: str


@dataclass(frozen=True, slots=True)
class Library:
    company: str
    categories: tuple[Category, ...]
    people: tuple[DemoPerson, ...]
    collections: tuple[Shelf, ...]
    documents: tuple[Entry, ...]
    try_questions: tuple[TryQuestion, ...]
    mixed: TryQuestion
    """What a cloud model and the house answer together."""


def load_library() -> Library:
    with (FOLDER / "library.toml").open("rb") as stream:
        declared = tomllib.load(stream)
    return Library(
        company=declared["company"],
        categories=tuple(Category(**row) for row in declared["categories"]),
        people=tuple(DemoPerson(**_with_tuples(row)) for row in declared["people"]),
        collections=tuple(Shelf(**_with_tuples(row)) for row in declared["collections"]),
        documents=tuple(Entry(**{"language": "en", **row}) for row in declared["documents"]),
        try_questions=tuple(TryQuestion(**row) for row in declared["try"]),
        mixed=TryQuestion(**declared["mixed"]),
    )


def _with_tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
