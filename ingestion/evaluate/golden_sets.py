"""Sets of golden questions: checked, added, and given one more question by hand."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from ingestion.evaluate.expected import Expected
from ingestion.evaluate.golden import resolved
from ingestion.evaluate.judged import Gold, Query
from kb.errors import Rejected
from kb.models import GoldenQuestion, GoldenSet, Person
from kb.models.golden import LONGEST_DOCUMENT, LONGEST_QUESTION

MOST_QUESTIONS = 2_000
LAST_PAGE = 1_000_000


def check_limits(expected: Sequence[Expected]) -> None:
    """
    Raises:
        Rejected: there are too many, or something is too long to be kept.
    """
    if len(expected) > MOST_QUESTIONS:
        raise Rejected(
            f"These are {len(expected):,} questions, and {MOST_QUESTIONS:,} are the most. Split them."
        )
    for query in (each.query for each in expected):
        if len(query.text) > LONGEST_QUESTION:
            raise Rejected(
                f"The question “{query.text[:60]}…” has {len(query.text):,} characters, "
                f"and {LONGEST_QUESTION:,} are the most."
            )
        if any(len(gold.document) > LONGEST_DOCUMENT for gold in query.gold):
            raise Rejected(f"The document of “{query.text[:60]}” has a name that is too long to be one.")
        if any((gold.page or 0) > LAST_PAGE for gold in query.gold):
            raise Rejected(f"The page of “{query.text[:60]}” is too high to be one.")


def add_set(person: Person, name: str, expected: Sequence[Expected]) -> GoldenSet:
    """A set of the person's own, which nobody else sees.

    Raises:
        Rejected: he has one of that name, what is sent is over a limit, or a document is none that he can see.
    """
    check_limits(expected)
    resolved([each.query for each in expected], person)
    if GoldenSet.objects.visible_to(person).filter(name=name).exists():
        raise Rejected(f"You have a set “{name}” already. Choose another name, or delete that one.")
    with transaction.atomic():
        added = GoldenSet.objects.create(owner=person, name=name)
        GoldenQuestion.objects.bulk_create(row for each in expected for row in _rows(added, each))
    return added


def add_question(
    golden: GoldenSet, text: str, *, document: str, page: int | None, words: Sequence[str], refuse: bool
) -> None:
    """With `refuse` nothing answers it, and the rest does not matter.

    Raises:
        Rejected: the set has the question, or the document is none that the set's owner can see.
    """
    if golden.questions.filter(text=text).exists():
        raise Rejected(f"“{golden}” has this question already.")
    if refuse:
        GoldenQuestion.objects.create(golden_set=golden, text=text, refuse=True)
        return
    resolved([Query("", text, (Gold(document),))], golden.owner)
    GoldenQuestion.objects.create(
        golden_set=golden, text=text, document=document, page=page, words=list(words)
    )


def _rows(golden: GoldenSet, expected: Expected) -> Iterator[GoldenQuestion]:
    text, words = expected.query.text, list(expected.words)
    if expected.refuse:
        yield GoldenQuestion(golden_set=golden, text=text, refuse=True)
    for gold in expected.query.gold:
        yield GoldenQuestion(
            golden_set=golden, text=text, document=gold.document, page=gold.page, words=words
        )
