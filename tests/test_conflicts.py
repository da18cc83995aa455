"""Sources that give different values for the same thing, and which of them is the later edition."""

from dataclasses import replace

import pytest

from inference.cite import Cited
from inference.conflicts import Conflict, conflicts
from inference.editions import outdated
from inference.hits import Hit
from inference.pack import Packed
from inference.protocols import Shown
from tests.builders import make_hit

NEW, OLD = "Travel Policy 2026 (version 4.0)", "Travel Policy 2023 (version 3.1, superseded)"
QUESTION = "How far ahead must a trip be booked?"


def hit(title: str, text: str, chunk: int) -> Hit:
    return replace(make_hit(text, document=title), chunk=chunk)


def found(question: str, said: Hit, other: Hit) -> list[Conflict]:
    shown = [Packed(Shown(n, each.header, each.text), each) for n, each in enumerate((said, other), 1)]
    return conflicts(question, [Cited(1, shown[0], 0, len(said.text))], shown)


def test_two_editions_that_say_different_numbers_are_in_conflict() -> None:
    new = hit(NEW, "Book at least 14 days ahead through the travel desk (extension 0130).", 1)
    old = hit(OLD, "Book at least 7 days ahead through the travel desk.", 2)
    assert found(QUESTION, new, old) == [Conflict(1, new.text, 2, old.text, other_is_outdated=True)]


def test_two_statements_that_are_both_cited_are_one_conflict() -> None:
    new = hit(NEW, "Book at least 14 days ahead through the travel desk.", 1)
    old = hit(OLD, "Book at least 7 days ahead through the travel desk.", 2)
    shown = [Packed(Shown(n, each.header, each.text), each) for n, each in enumerate((old, new), 1)]
    cited = [Cited(n, each, 0, len(each.hit.text)) for n, each in enumerate(shown, 1)]
    assert conflicts(QUESTION, cited, shown) == [Conflict(1, new.text, 2, old.text, other_is_outdated=True)]


def test_an_edition_that_is_asked_for_by_name_is_not_in_conflict_with_the_next() -> None:
    new = hit(NEW, "Book at least 14 days ahead through the travel desk.", 1)
    old = hit(OLD, "Book at least 7 days ahead through the travel desk.", 2)
    assert found("How far ahead had a trip to be booked under version 3.1?", old, new) == []


def test_two_documents_about_what_is_asked_for_by_name_are_in_conflict() -> None:
    manual = hit("Manual", "The lid bolts of the CB-300 need 110 Nm.", 1)
    note = hit("Note", "The lid bolts of the CB-300 need 95 Nm.", 2)
    assert [each.other for each in found("Which torque do the bolts of the CB-300 need?", manual, note)] == [
        note.text
    ]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Data Sheet B", "Book at least 7 days ahead through the travel desk."),
        (OLD, "Book at least 14 days ahead through the travel desk."),
        (OLD, "Book at least 7 weeks ahead through the travel desk."),
        (OLD, "Trips are settled on paper within 60 days."),
        (NEW, "Book at least 7 days ahead through the travel desk."),
    ],
    ids=["another subject", "the same value", "another unit", "another rule", "the same document"],
)
def test_what_is_no_conflict_is_not_called_one(title: str, text: str) -> None:
    new = hit(NEW, "Book at least 14 days ahead through the travel desk.", 1)
    assert found(QUESTION, new, hit(title, text, 2)) == []


@pytest.mark.parametrize(
    ("question", "is_outdated"),
    [
        (QUESTION, True),
        ("How far ahead had a trip to be booked under version 3.1?", False),
        ("How far ahead had a trip to be booked in 2023?", False),
        ("What has changed in the travel policy?", False),
    ],
)
def test_an_older_edition_is_outdated_unless_it_is_asked_for(question: str, is_outdated: bool) -> None:
    old, new = hit(OLD, "Old.", 1), hit(NEW, "New.", 2)
    assert outdated(question, [old, new]) == (frozenset({old.document}) if is_outdated else frozenset())


def test_of_two_copies_the_confirmed_one_holds() -> None:
    one, other, later = (
        hit("Policy 2026", "A.", 1),
        hit("Policy (2026)", "B.", 2),
        hit("Policy 2027", "C.", 3),
    )
    assert outdated(QUESTION, [one, other]) == frozenset()
    assert outdated(QUESTION, [one, other], confirmed={other.document}) == {one.document}
    assert outdated(QUESTION, [one, later], confirmed={one.document}) == {one.document}


def test_documents_of_other_names_are_no_editions_of_one_another() -> None:
    assert outdated(QUESTION, [hit("Handbook 2025", "Old.", 1), hit(NEW, "New.", 2)]) == frozenset()
