"""Answers on sets that are put into a library first: the sample, and folders of judged documents."""

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ingestion.evaluate.answer_report import as_answer_row, figures_row
from ingestion.evaluate.answer_sets import as_asked_by, read_answers
from ingestion.evaluate.answers import Asker, Outcome, ask_all
from ingestion.evaluate.expected import Expected
from ingestion.evaluate.golden import look_up
from ingestion.evaluate.judged import Gold, JudgedSet, Query, Source
from ingestion.evaluate.library import build, fill
from kb.management.answers_apart import SAMPLE
from kb.management.commands.sample import create_collections, create_people
from kb.management.evaluation import tracked
from kb.models import Collection, Document, Person, Sensitivity
from kb.sample.build import SampleDocument
from kb.sample.build import build as build_sample
from kb.sample.golden import GoldenQuestion, golden_questions
from kb.sample.library import load_library


def answer_folder(folder: Path, limit: int | None) -> dict[str, Any]:
    """Fills the library of this process, which must have been made for it, and asks the folder's questions.

    Raises:
        Rejected: the folder says nothing about answers, or no document could be read.
    """
    found = read_answers(folder, limit=limit)
    library = build(JudgedSet(found.name, found.sources, ()), tracked=tracked)
    asker = Asker(library.reader, library.look_up)
    outcomes = ask_all(found.expected, lambda _each: asker, tracked=tracked)
    row = as_answer_row(found.name, outcomes, scored=any(each.reference for each in found.expected))
    return row | ({"unreadable": list(library.unreadable)} if library.unreadable else {})


def answer_sample(limit: int | None) -> dict[str, Any]:
    """Fills the library of this process with the sample, labelled as it should be, and asks as its people.

    The row has one for each half of the questions besides: weights were chosen on `tune`, so `report` counts.
    """
    _fill_with_sample()
    people = {person.username: person for person in Person.objects.all()}
    questions = golden_questions()[:limit]
    asked = [
        each
        for golden in questions
        for each in as_asked_by(people[golden.ask_as], [_expected(golden, people[golden.ask_as])])
    ]

    def asker(expected: Expected) -> Asker:
        person: Person = people[expected.ask_as]
        return Asker(person, partial(look_up, person=person))

    outcomes = ask_all(asked, asker, tracked=tracked)
    return as_answer_row(SAMPLE, outcomes) | {"halves": list(_halves(questions, outcomes))}


def _halves(questions: Sequence[GoldenQuestion], outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    for half in sorted({golden.half for golden in questions}):
        of_half = [each for golden, each in zip(questions, outcomes, strict=True) if golden.half == half]
        yield figures_row(f"{SAMPLE}, the half “{half}”", of_half)


def _fill_with_sample() -> None:
    library = load_library()
    create_people(library)
    create_collections(library)
    with tempfile.TemporaryDirectory() as folder:
        sources = [_source(document) for document in build_sample(Path(folder))]
        shelves = {collection.name: collection for collection in Collection.objects.all()}
        fill(sources, shelves, Person.objects.filter(is_staff=True)[0], tracked=tracked)


def _source(document: SampleDocument) -> Source:
    return Source(
        id=document.path.name,
        name=document.path.name,
        title=document.title,
        path=document.path,
        shelf=document.collection,
        sensitivity=Sensitivity.named(document.sensitivity),
    )


def _expected(golden: GoldenQuestion, person: Person) -> Expected:
    """To a person from whom its document is hidden, nothing answers a question."""
    if golden.expect != "answer" or golden.document is None:
        query = Query(golden.question, golden.question, ())
        return Expected(query, never=golden.never, refuse=True, ask_as=golden.ask_as)
    pages = golden.pages or (None,)
    also = Document.objects.visible_to(person).filter(title__in=golden.also).values_list("title", flat=True)
    gold = [Gold(golden.document, page) for page in pages] + [Gold(title) for title in also]
    query = Query(golden.question, golden.question, tuple(gold))
    return Expected(query, words=golden.words, never=golden.never, ask_as=golden.ask_as)
