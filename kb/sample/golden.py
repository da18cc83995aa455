"""What the sample library is measured with: questions with known answers, and short texts with known labels."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from kb.sample.library import FOLDER


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question asked as one of the demo people, and what must come of it.

    "answer": the document is cited and every word of `words` occurs. "refuse": nothing in the library
    answers it. "hidden": the document answers it, but this person may not see that it exists.
    """

    question: str
    ask_as: str
    expect: Literal["answer", "refuse", "hidden"]
    document: str | None
    """A title; None where no document answers."""
    pages: tuple[int, ...] | None
    """Counted from 1, where the format has pages; slides and sheets count as pages."""
    words: tuple[str, ...]
    never: tuple[str, ...]
    """Words that no answer, title or citation may hold."""
    note: str
    also: tuple[str, ...]
    """Titles of other documents that may be cited in its place."""
    half: Literal["tune", "report"]
    """Weights are chosen on one half; how good they are is told by the other."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    text: str
    category: str
    sensitivity: str
    split: Literal["dev", "test"]


def golden_questions() -> tuple[GoldenQuestion, ...]:
    return tuple(
        GoldenQuestion(
            **{
                **row,
                "pages": None if row["pages"] is None else tuple(row["pages"]),
                "words": tuple(row["words"]),
                "never": tuple(row["never"]),
                "also": tuple(row["also"]),
            }
        )
        for row in _rows("golden.jsonl")
    )


def labelled_texts() -> tuple[LabelledText, ...]:
    return tuple(LabelledText(**row) for row in _rows("labelled.jsonl"))


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)
