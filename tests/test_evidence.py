"""When what was found is enough to answer from."""

from uuid import UUID, uuid5

import pytest

from inference.evidence import suffices
from inference.hits import Hit
from kb.models import Sensitivity

SHELF = UUID(int=7)
TORQUE = "Tighten the lid bolts of the CB-300 with a torque of 110 Nm."
NEAR, FAR = 0.6, 0.1
"""Cosines of what is about the question's subject, and of what is not."""


def hit(text: str, *, document: str = "Manual", similarity: float = NEAR) -> Hit:
    return Hit(
        chunk=1,
        document=uuid5(SHELF, document),
        version=uuid5(SHELF, f"{document} 1"),
        ordinal=0,
        title=document,
        header=document,
        text=text,
        first_page=None,
        last_page=None,
        sensitivity=Sensitivity.PUBLIC,
        score=1.0,
        similarity=similarity,
        matched=1.0,
    )


def test_a_chunk_that_holds_the_words_of_the_question_is_enough() -> None:
    assert suffices("Which torque do the lid bolts need?", [hit(TORQUE)])


def test_nothing_found_is_not_enough() -> None:
    assert not suffices("Which torque do the lid bolts need?", [])


def test_what_is_far_and_shares_one_word_is_not_enough() -> None:
    found = [hit("The bolts are in bin K-04.", similarity=FAR)]
    assert not suffices("Which torque do the lid bolts need?", found)


@pytest.mark.parametrize(("part", "enough"), [("CB-300", True), ("CB-900", False)])
def test_a_number_that_the_chunk_lacks_speaks_against_it(part: str, enough: bool) -> None:
    assert suffices(f"Which torque do the lid bolts of the {part} need?", [hit(TORQUE)]) is enough


def test_a_name_may_stand_elsewhere_in_the_document() -> None:
    question = "What does Niamh Corrigan earn a year?"
    salary = hit("The director earns 120,000 a year.", document="Contract", similarity=0.4)
    assert not suffices(question, [salary])
    assert suffices(
        question, [salary, hit("Between Niamh Corrigan and us.", document="Contract", similarity=0.4)]
    )


def test_words_of_two_chunks_are_not_added_up() -> None:
    found = [hit("The torque is checked.", similarity=FAR), hit("Lid and bolts are clean.", similarity=FAR)]
    assert not suffices("Which torque do the lid bolts need today?", found)


def test_a_german_noun_is_no_name() -> None:
    text = "Die Pauschale für das Hotel beträgt 140 Euro."
    assert suffices("Wie hoch ist die Pauschale für das Hotel?", [hit(text)])
