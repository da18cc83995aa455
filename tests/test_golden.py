"""The golden questions of the sample library, asked over HTTP as the people they are meant for.

Those whose documents are hidden are all asked; of the others, the half on which no weight was chosen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from kb.models import Sensitivity
from kb.sample.golden import GoldenQuestion, golden_questions
from kb.sample.library import load_library
from tests.stack import Site

pytestmark = [pytest.mark.services, pytest.mark.models]

ANSWERED = 30
"""Of 44, at least: a little under what is measured. Some of the rest stand in documents that the model labels
stricter than they are, so that the person who asks may not see them."""
REFUSED = 19
"""Of 23; a little under what is measured."""


@dataclass(frozen=True)
class Asked:
    """A golden question, and what was answered."""

    golden: GoldenQuestion
    reply: dict[str, Any]

    @property
    def cited(self) -> set[str]:
        return {citation["document"] for citation in self.reply["citations"]}


@pytest.fixture(scope="module")
def ids(site: Site) -> dict[str, str]:
    """The document that each title of the sample library became."""
    found = site.as_("dana").get("/documents", params={"limit": 200}).json()["items"]
    by_file = {document["name"]: document["id"] for document in found}
    return {entry.title: by_file[entry.file] for entry in load_library().documents}


@pytest.fixture(scope="module")
def asked(site: Site) -> list[Asked]:
    answers = []
    for golden in (each for each in golden_questions() if each.half == "report" or each.expect == "hidden"):
        response = site.ask(golden.ask_as, golden.question)
        assert response.status_code == 200, (golden.question, response.text)
        answers.append(Asked(golden, response.json()))
    return answers


def test_no_document_is_labelled_laxer_than_it_is(site: Site) -> None:
    found = site.as_("dana").get("/documents", params={"limit": 200}).json()["items"]
    given = {document["name"]: Sensitivity.named(document["sensitivity"]) for document in found}
    laxer = {
        entry.title
        for entry in load_library().documents
        if given[entry.file] < Sensitivity.named(entry.sensitivity)
    }
    assert laxer == set()


def test_nobody_learns_what_they_may_not(asked: list[Asked], ids: dict[str, str]) -> None:
    leaks = {each.golden.question: leaked(each, ids) for each in asked}
    assert {question: secrets for question, secrets in leaks.items() if secrets} == {}


def test_the_library_answers_what_it_knows(
    asked: list[Asked], ids: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    questions = [each for each in asked if each.golden.expect == "answer"]
    missed = [each.golden.question for each in questions if not answered(each, ids)]
    record_property("answered", f"{len(questions) - len(missed)} of {len(questions)}")
    assert len(questions) - len(missed) >= ANSWERED, missed


def test_what_nobody_wrote_is_not_answered(
    asked: list[Asked], record_property: Callable[[str, object], None]
) -> None:
    questions = [each for each in asked if each.golden.expect == "refuse"]
    refused = [each for each in questions if not each.cited]
    record_property("refused", f"{len(refused)} of {len(questions)}")
    assert len(refused) >= REFUSED


def leaked(each: Asked, ids: dict[str, str]) -> list[str]:
    """What the answer, its titles and its quotes hold that they must not."""
    golden = each.golden
    if golden.expect != "hidden":
        return []
    cited = [golden.document] if ids[golden.document] in each.cited else []
    return [*cited, *said_of(each, golden.never)]


def said_of(each: Asked, words: Sequence[str]) -> list[str]:
    told = f"{each.reply['answer']} {each.reply['citations']}"
    return [word for word in words if word in told]


def answered(each: Asked, ids: dict[str, str]) -> bool:
    """Whether every expected word is said and no wrong one, and a document that says it is cited."""
    golden = each.golden
    said = all(word in each.reply["answer"] for word in golden.words) and not said_of(each, golden.never)
    return said and bool(each.cited & {ids[title] for title in (golden.document, *golden.also)})
