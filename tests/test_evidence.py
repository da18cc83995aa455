"""When what was found is enough to answer from."""

import pytest

from inference.evidence import suffices
from tests.builders import make_hit

TORQUE = "Tighten the lid bolts of the CB-300 with a torque of 110 Nm."
NEAR, FAR = 0.6, 0.1
"""Cosines of what is about the question's subject, and of what is not."""


def test_a_chunk_that_holds_the_words_of_the_question_is_enough() -> None:
    assert suffices("Which torque do the lid bolts need?", [make_hit(TORQUE)])


def test_nothing_found_is_not_enough() -> None:
    assert not suffices("Which torque do the lid bolts need?", [])


def test_what_is_far_and_shares_one_word_is_not_enough() -> None:
    found = [make_hit("The bolts are in bin K-04.", similarity=FAR)]
    assert not suffices("Which torque do the lid bolts need?", found)


@pytest.mark.parametrize(("part", "enough"), [("CB-300", True), ("CB-900", False)])
def test_a_number_that_the_chunk_lacks_speaks_against_it(part: str, enough: bool) -> None:
    assert suffices(f"Which torque do the lid bolts of the {part} need?", [make_hit(TORQUE)]) is enough


def test_a_name_may_stand_elsewhere_in_the_document() -> None:
    question = "What does Niamh Corrigan earn a year?"
    salary = make_hit("The director earns 120,000 a year.", document="Contract", similarity=0.4)
    assert not suffices(question, [salary])
    assert suffices(
        question, [salary, make_hit("Between Niamh Corrigan and us.", document="Contract", similarity=0.4)]
    )


def test_words_of_two_chunks_are_not_added_up() -> None:
    found = [
        make_hit("The torque is checked.", similarity=FAR),
        make_hit("Lid and bolts are clean.", similarity=FAR),
    ]
    assert not suffices("Which torque do the lid bolts need today?", found)


def test_a_german_noun_is_no_name() -> None:
    text = "Die Pauschale für das Hotel beträgt 140 Euro."
    assert suffices("Wie hoch ist die Pauschale für das Hotel?", [make_hit(text)])
