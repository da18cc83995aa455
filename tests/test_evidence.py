"""When what was found is enough to answer from, and what is said where it is not."""

import pytest
from pytest_django.fixtures import Settings

from inference.evidence import suffices
from inference.evidence.kinds import kind_of
from inference.evidence.missing import Missing, look_into
from inference.evidence.wanted import wanted
from kb.models import Collection, Person, Sensitivity
from tests.builders import indexed, make_document, make_hit

TORQUE = "Tighten the lid bolts of the CB-300 with a torque of 110 Nm."
FAR = 0.1
"""Cosine of what is not about the question's subject."""


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


@pytest.mark.parametrize(("quarter", "enough"), [("first", True), ("second", False)])
def test_another_quarter_is_no_answer(quarter: str, enough: bool) -> None:
    found = [make_hit("Free cash flow — Q1 2026: -0.8; Q1 2025: 0.6", document="Results of Q1 2026")]
    assert suffices(f"What was the free cash flow in the {quarter} quarter of 2026?", found) is enough


@pytest.mark.parametrize(("year", "enough"), [("2025", True), ("2023", False)])
def test_another_year_is_no_answer(year: str, enough: bool) -> None:
    found = [make_hit("The board proposes a dividend of €2.4 million for 2025.", document="Minutes")]
    assert suffices(f"What was the dividend for {year}?", found) is enough


def test_words_of_two_chunks_are_not_added_up() -> None:
    found = [
        make_hit("The torque is checked.", similarity=FAR),
        make_hit("Lid and bolts are clean.", similarity=FAR),
    ]
    assert not suffices("Which torque do the lid bolts need today?", found)


def test_a_german_compound_holds_its_words() -> None:
    text = "Die Reisekostenpauschale für das Hotel beträgt 140 Euro."
    assert suffices("Wie hoch ist die Pauschale für das Hotel?", [make_hit(text)], language="de")


def test_a_german_noun_is_no_name() -> None:
    assert wanted("Wie hoch ist die Pauschale für das Hotel?", "de").names == frozenset()


@pytest.mark.parametrize(
    ("question", "called"),
    [
        ("What does the lid weigh?", "a weight"),
        ("What is the price of a lid?", "an amount of money"),
        ("How many lids are there?", "a number"),
        ("Who closed the lid?", "a name"),
        ("When was the lid closed?", "a date"),
        ("Is the lid closed?", None),
    ],
)
def test_a_question_says_what_kind_of_thing_it_asks_for(question: str, called: str | None) -> None:
    kind = kind_of(question)
    assert (kind.called if kind else None) == called


def test_a_refusal_names_what_nothing_holds(fake_models: Settings, shelf: Collection, dana: Person) -> None:
    manual = indexed(make_document(shelf, owner=dana, title="Manual", chunks=[TORQUE]))
    missing = look_into("Which torque do the lid bolts of the CB-900 need?", dana)
    assert missing == Missing(unsaid=("CB-900",), documents=(manual.pk,))
    assert missing.sentences() == ["Nothing here names “CB-900”."]
    assert Missing.read(missing.kept()) == missing


def test_a_refusal_says_nothing_of_what_the_person_may_not_see(
    fake_models: Settings, shelf: Collection, dana: Person, bob: Person
) -> None:
    indexed(make_document(shelf, owner=dana, sensitivity=Sensitivity.RESTRICTED, chunks=[TORQUE]))
    missing = look_into("Which torque do the lid bolts need?", bob)
    assert missing == Missing(unsaid=("torque", "lid", "bolts"))


def test_a_refusal_says_of_what_time_nothing_speaks(
    fake_models: Settings, shelf: Collection, dana: Person
) -> None:
    row = "Free cash flow of the first quarter of 2026 was low, after a second one of stocks."
    indexed(make_document(shelf, owner=dana, title="Results", chunks=[row]))
    assert look_into("What was the free cash flow in the second quarter of 2026?", dana).elsewhen == (
        "Q2 2026",
    )


def test_a_refusal_says_that_the_kind_of_thing_is_missing() -> None:
    assert Missing(kind="an amount of money").sentences() == [
        "An amount of money is asked for, and none stands where this is spoken of."
    ]
