"""Whole sections before scattered chunks: what is shown besides the best hits, and what never is."""

from dataclasses import replace

import pytest

from inference.hits import Hit, hit_of
from inference.sections import with_sections
from inference.selection import MOST, evidence
from kb.models import Chunk, Collection, Document, Person, Sensitivity
from tests.builders import make_chunk, make_document, make_hit


@pytest.fixture
def report(shelf: Collection, dana: Person) -> Document:
    """Sections A (ordinals 0 to 3) and B (4 to 9); the third chunk of A is for few."""
    document = make_document(shelf, owner=dana, title="Report", sensitivity=Sensitivity.PUBLIC, chunks=[])
    assert document.current_version
    for ordinal in range(10):
        label = Sensitivity.CONFIDENTIAL if ordinal == 2 else Sensitivity.PUBLIC
        make_chunk(document.current_version, ordinal, f"Passage {ordinal}.", sensitivity=label)
    Chunk.objects.filter(ordinal__lt=4).update(header="Report › A")
    Chunk.objects.filter(ordinal__gte=4).update(header="Report › B")
    return document


def found(document: Document, ordinal: int) -> Hit:
    chunk = Chunk.objects.select_related("version__document").get(
        version=document.current_version, ordinal=ordinal
    )
    return hit_of(chunk, score=1.0, similarity=0.6, matched=1.0)


def test_a_section_with_several_hits_is_read_whole_before_neighbours_and_others(
    report: Document, bob: Person
) -> None:
    best, other = [found(report, 6), found(report, 1), found(report, 0)], found(report, 9)
    shown = with_sections(best, [other], bob)
    assert [hit.ordinal for hit in shown] == [6, 1, 0, 4, 5, 7, 8, 9, 3]


def test_a_section_with_one_hit_adds_only_its_neighbours(report: Document, alice: Person) -> None:
    assert [hit.ordinal for hit in with_sections([found(report, 6)], [], alice)] == [6, 5, 7]


def test_nothing_stricter_than_the_best_hits_is_added(report: Document, alice: Person) -> None:
    strict = found(report, 2)
    shown = with_sections([found(report, 1), found(report, 3)], [strict], alice)
    assert [hit.ordinal for hit in shown] == [1, 3, 0, 4]


def test_further_evidence_is_not_much_weaker_and_repeats_nothing() -> None:
    best = [make_hit(f"Fact {number} of many.", ordinal=number, similarity=0.8) for number in range(MOST)]
    near = make_hit("Another fact altogether.", ordinal=20, similarity=0.6)
    twin = make_hit("Fact 1 of many.", ordinal=21, similarity=0.8)
    weak = replace(make_hit("Something else entirely.", ordinal=22, similarity=0.2), matched=0.1)
    chosen = evidence("Which facts are there?", [*best, near, twin, weak])
    assert (chosen.best, chosen.further) == (tuple(best), (near,))
