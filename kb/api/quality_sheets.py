"""What requests on quality carry, and what is told of golden sets, runs and gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from ninja import Schema
from pydantic import Field, model_validator

from ingestion.evaluate.golden_sets import LAST_PAGE, MOST_QUESTIONS
from ingestion.evaluate.judged import Gold
from ingestion.evaluate.readers import Line
from ingestion.gaps import Gap, nearest
from kb.api.fields import Body, Text, one_of
from kb.models import GoldenRun, GoldenSet, Person
from kb.models.golden import LONGEST_DOCUMENT, LONGEST_NAME, LONGEST_QUESTION
from kb.reading.confirmed import Confirmed


class NewQuestion(Body):
    """One thing that answers a question; the same question may come again with another. Or nothing answers it."""

    question: Annotated[
        Text, Field(max_length=LONGEST_QUESTION, examples=["How many days of leave do I have?"])
    ]
    document: Annotated[
        Text | None,
        Field(max_length=LONGEST_DOCUMENT, description="Title or file name.", examples=["Leave policy"]),
    ] = None
    page: Annotated[int | None, Field(ge=1, le=LAST_PAGE)] = None
    words: Annotated[
        tuple[Annotated[Text, Field(max_length=100)], ...],
        Field(max_length=20, description="That the answer must hold.", examples=[["30 working days"]]),
    ] = ()
    refuse: Annotated[bool, Field(description="Nothing answers it, and an answer must say so.")] = False

    @model_validator(mode="after")
    def document_or_refusal(self) -> Self:
        if self.refuse == (self.document is not None):
            raise ValueError("Name the “document” that answers, or send “refuse”: true.")
        return self

    def line(self) -> Line:
        if self.document is None:
            return Line(self.question, None)
        return Line(self.question, Gold(self.document, page=self.page), self.words)


class NewGoldenSet(Body):
    name: Annotated[Text, Field(max_length=LONGEST_NAME, examples=["Leave"])]
    questions: Annotated[tuple[NewQuestion, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]


class NewRun(Body):
    kind: Annotated[GoldenRun.Kind, one_of(GoldenRun.Kind), Field(examples=["retrieval"])] = (
        GoldenRun.Kind.RETRIEVAL
    )


class GapFilters(Schema):
    days: Annotated[int, Field(ge=1, le=365, description="Of the last so many days.")] = 30


@dataclass(frozen=True, slots=True)
class GoldenSetSheet:
    id: UUID
    name: Annotated[str, Field(examples=["Leave"])]
    questions: Annotated[int, Field(examples=[12])]
    created_at: datetime

    @classmethod
    def of(cls, golden: GoldenSet) -> Self:
        """Of one with `held`, the number of its questions."""
        return cls(golden.pk, golden.name, golden.held, golden.created_at)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class RunSheet:
    """Asking all questions of a set once. `figures` are as `manage.py evaluate --json` prints them."""

    id: UUID
    kind: Annotated[GoldenRun.Kind, one_of(GoldenRun.Kind), Field(examples=["retrieval"])]
    state: Annotated[GoldenRun.State, one_of(GoldenRun.State), Field(examples=["done"])]
    created_at: datetime
    asked: int
    total: int
    figures: Mapping[str, Any]
    made_with: Mapping[str, Any]
    accepted_at: datetime | None
    failure: str

    @classmethod
    def of(cls, run: GoldenRun) -> Self:
        return cls(
            id=run.pk,
            kind=GoldenRun.Kind(run.kind),
            state=GoldenRun.State(run.state),
            created_at=run.created_at,
            asked=run.asked,
            total=run.total,
            figures=run.figures,
            made_with=run.made_with,
            accepted_at=run.accepted_at,
            failure=run.failure,
        )


@dataclass(frozen=True, slots=True)
class ConfirmedSheet:
    """`question`, `document` (a title), `page` and `words` are what `addGoldenQuestion` takes to make one of it."""

    answer: UUID
    confirmed_at: datetime
    question: Annotated[str, Field(examples=["How many days of leave do I have?"])]
    text: Annotated[str, Field(description="The answer.", examples=["You have 30 working days [1]."])]
    document: Annotated[str, Field(examples=["Leave policy"])]
    page: int | None
    quote: Annotated[str, Field(examples=["Employees have 30 working days of leave."])]
    words: Annotated[Sequence[str], Field(examples=[["30 working"]])]

    @classmethod
    def of(cls, confirmed: Confirmed) -> Self:
        return cls(
            answer=confirmed.answer.pk,
            confirmed_at=confirmed.feedback.given_at,
            question=confirmed.question,
            text=confirmed.answer.text,
            document=confirmed.chunk.version.document.title,
            page=confirmed.chunk.first_page,
            quote=confirmed.citation.quote,
            words=[confirmed.words],
        )


@dataclass(frozen=True, slots=True)
class GapSheet:
    """Questions that ask for the same, and the documents that come nearest; `people` counts who asked."""

    question: str
    wordings: Sequence[str]
    asked: int
    people: int
    last: datetime
    refused: int
    complained: int
    unsupported: int
    nearest: Sequence[UUID]

    @classmethod
    def of(cls, gap: Gap, person: Person) -> Self:
        documents = [document.pk for document in nearest(gap, person)]
        counts = (gap.refused, gap.complained, gap.unsupported)
        return cls(gap.question, gap.wordings, gap.asked, gap.people, gap.last, *counts, documents)
