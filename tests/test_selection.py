"""Which of the hits an answer is made from."""

from dataclasses import replace

import pytest

from inference.hits import Hit
from inference.selection import MOST, PER_DOCUMENT, select, with_neighbours
from kb.models import Chunk, Collection, Document, Person, Sensitivity
from tests.builders import make_chunk, make_document, make_hit, make_version


def texts(hits: tuple[Hit, ...]) -> list[str]:
    return [each.text for each in hits]


def test_what_repeats_a_better_hit_is_left_out() -> None:
    first = make_hit("Holidays are requested four weeks ahead.", document="Handbook")
    copy = make_hit("Holidays are requested four weeks ahead!", document="Copy of the handbook")
    other = make_hit("Sick leave is reported at once.")
    assert select("holidays", [first, copy, other]) == (first, other)


def test_last_year_s_prices_do_not_repeat_this_year_s() -> None:
    prices = [make_hit(f"A membrane of type M costs {price} euros in a box of ten.") for price in (20, 25)]
    assert len(select("price of a membrane", prices)) == 2


def test_a_question_across_documents_hears_each_of_them() -> None:
    many = [make_hit(f"Clause {n} on termination.", document="Lease A", ordinal=n) for n in range(10)]
    one = make_hit("Notice is three months.", document="Lease B")
    chosen = select("Compare termination in all contracts", [*many, one])
    assert texts(chosen) == ["Clause 0 on termination.", "Clause 1 on termination.", one.text]
    assert len(select("When does the lease end?", [*many, one])) == MOST


@pytest.mark.parametrize(
    ("question", "across"),
    [
        ("Which contracts have a liability cap?", True),
        ("Vergleiche die Kündigungsfristen", True),
        ("In which documents is the P-100 named?", True),
        ("Which torque do the bolts need?", False),
        ("Do all employees have 30 days of leave?", False),
    ],
)
def test_breadth_is_asked_for_by_words(question: str, across: bool) -> None:
    hits = [make_hit(f"Text {n} {'x' * n}.", ordinal=n) for n in range(5)]
    assert len(select(question, hits)) == (PER_DOCUMENT if across else 5)


@pytest.fixture
def manual(shelf: Collection, dana: Person) -> Document:
    return make_document(shelf, owner=dana, chunks=[f"Step {n}." for n in range(5)])


def found(document: Document, ordinal: int) -> Hit:
    return replace(
        make_hit(f"Step {ordinal}.", ordinal=ordinal),
        version=document.current_version_id,
        sensitivity=Sensitivity(document.sensitivity),
    )


def test_the_chunks_beside_the_best_hits_come_along_at_the_end(manual: Document, alice: Person) -> None:
    shown = with_neighbours([found(manual, 2), found(manual, 3)], alice)
    assert [each.ordinal for each in shown] == [2, 3, 1, 4]


def test_a_neighbour_that_the_person_may_not_see_stays_out(manual: Document, alice: Person) -> None:
    Chunk.objects.filter(ordinal=3).update(sensitivity=Sensitivity.RESTRICTED)
    assert [each.ordinal for each in with_neighbours([found(manual, 2)], alice)] == [2, 1]


def test_a_stricter_neighbour_does_not_change_where_the_answer_is_made(
    manual: Document, alice: Person
) -> None:
    Chunk.objects.filter(ordinal=3).update(sensitivity=Sensitivity.CONFIDENTIAL)
    assert [each.ordinal for each in with_neighbours([found(manual, 2)], alice)] == [2, 1]


def test_another_version_s_chunks_are_no_neighbours(manual: Document, alice: Person) -> None:
    make_chunk(make_version(manual), 1, "An older step.")
    assert "An older step." not in texts(with_neighbours([found(manual, 2)], alice))


def test_nothing_has_no_neighbours(alice: Person) -> None:
    assert with_neighbours([], alice) == ()
