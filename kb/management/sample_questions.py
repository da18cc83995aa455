"""The sample library with every document labelled as it should be, and its golden questions asked of it.

So what is measured is finding and answering, and not labelling.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.core.management import call_command

from inference.ask import ask, pose
from inference.evaluate.refusal import AnswerScores, Outcome, score
from ingestion.sources.upload import Declared, upload
from kb.exchange import Answered, answered
from kb.management.batch import work_here
from kb.management.evaluation import tracked
from kb.models import Collection, Person, Sensitivity
from kb.sample.build import SampleDocument, build
from kb.sample.golden import GoldenQuestion, golden_questions

PARTS = ("tune", "report")


def measure_refusal() -> list[AnswerScores]:
    """Of each half of the golden questions. Fills the database and the index of this data folder."""
    work_here()
    call_command("sample", people_only=True, verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        for document in build(Path(folder)):
            _bring_in(document)
    people = {person.username: person for person in Person.objects.all()}
    outcomes: Mapping[str, list[Outcome]] = {part: [] for part in PARTS}
    for golden in tracked(golden_questions(), "Asking"):
        outcomes[golden.half].append(_outcome(golden, _ask(golden, people[golden.ask_as])))
    return [score(part, outcomes[part]) for part in PARTS]


def _bring_in(document: SampleDocument) -> None:
    owner = Person.objects.get(username=document.owner)
    collection = Collection.objects.get(name=document.collection)
    declared = Declared(document.title, Sensitivity.named(document.sensitivity))
    with document.path.open("rb") as file:
        upload(owner, collection, file, name=document.path.name, declared=declared)


def _ask(golden: GoldenQuestion, person: Person) -> Answered:
    question = pose(person, golden.question)
    for _event in ask(question):
        pass  # What came of it is read from its row.
    question.answer.refresh_from_db()
    return answered(question.answer)


def _outcome(golden: GoldenQuestion, sheet: Answered) -> Outcome:
    told = " ".join([sheet.answer, *(f"{each.title} {each.quote}" for each in sheet.citations)])
    forbidden = any(word in told for word in golden.never)
    titles = {each.title for each in sheet.citations}
    return Outcome(
        answerable=golden.expect == "answer",
        refused=not sheet.citations,
        right=all(word in sheet.answer for word in golden.words) and not forbidden,
        cited=bool(titles & {golden.document, *golden.also}),
        leaked=golden.expect == "hidden" and (forbidden or golden.document in titles),
    )
