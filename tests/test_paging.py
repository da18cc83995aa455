"""Lists in parts: no row twice, none skipped, no cursor of one's own making."""

import pytest

from kb.api.paging import Window, part_of
from kb.errors import Rejected
from kb.models import Collection, Document, Person
from tests.builders import make_document


@pytest.fixture
def titles(shelf: Collection, alice: Person) -> list[str]:
    """Five documents, two of them with the same title."""
    names = ["Bonus", "Absence", "Dismissal", "Bonus", "Contracts"]
    for name in names:
        make_document(shelf, owner=alice, title=name)
    return sorted(names)


def walked(by: str, limit: int) -> list[str]:
    cursor, seen = None, []
    while True:
        part = part_of(Document.objects.all(), Window(cursor=cursor, limit=limit), by=by)
        assert len(part.rows) <= limit
        seen += [row.title for row in part.rows]
        cursor = part.next
        if cursor is None:
            return seen


@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_every_row_comes_once_and_in_order(titles: list[str], limit: int) -> None:
    assert walked("title", limit) == titles
    assert walked("-title", limit) == titles[::-1]
    assert sorted(walked("-updated_at", limit)) == titles


def test_a_row_that_goes_in_between_takes_no_other_with_it(titles: list[str]) -> None:
    first = part_of(Document.objects.all(), Window(limit=2), by="title")
    first.rows[0].delete()
    rest = part_of(Document.objects.all(), Window(cursor=first.next), by="title")
    assert [row.title for row in (*first.rows, *rest.rows)] == titles


def test_a_cursor_holds_for_its_list_and_order_only(titles: list[str]) -> None:
    given = part_of(Document.objects.all(), Window(limit=2), by="title").next
    assert given
    for cursor, by in [
        (given, "-updated_at"),
        (given + "x", "title"),
        ("", "title"),
        ("bm9uc2Vuc2U=", "title"),
    ]:
        with pytest.raises(Rejected, match="Leave it out"):
            part_of(Document.objects.all(), Window(cursor=cursor), by=by)
    with pytest.raises(Rejected):
        part_of(Collection.objects.all(), Window(cursor=given), by="name")
