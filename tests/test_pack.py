"""Which chunks fit into a window, in which order, and what is said of the rest."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inference.hits import Hit
from inference.pack import FENCE, MARGIN, pack, room_for_sources
from inference.prompts import answer_prompt
from inference.protocols import Shown
from tests.builders import make_hit


def words(text: str) -> int:
    return len(text.split())


def hits_of(places: list[tuple[int, int, int]]) -> list[Hit]:
    """From triples of a document, an ordinal and a length in words; each place once."""
    return [
        replace(make_hit("w " * length, document=f"Document {document}", ordinal=ordinal), chunk=number)
        for number, ((document, ordinal), length) in enumerate({(d, o): n for d, o, n in places}.items())
    ]


PLACES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20), st.integers(1, 60)), max_size=12)


@given(PLACES, st.integers(0, 1_000))
def test_it_never_takes_more_than_its_room_and_nothing_twice(places: list, room: int) -> None:
    hits = hits_of(places)
    packed = pack(hits, room=room, count_tokens=words)
    taken = sum(words(f"{each.shown.header}\n{each.shown.text}") + FENCE for each in packed.shown)
    assert taken <= max(room, 0)
    ids = [each.hit.chunk for each in packed.shown] + [hit.chunk for hit in packed.left_out]
    assert sorted(ids) == sorted(hit.chunk for hit in hits)


@given(PLACES)
def test_a_document_stands_together_and_in_its_own_order(places: list) -> None:
    shown = pack(hits_of(places), room=100_000, count_tokens=words).shown
    order = [(each.hit.document, each.hit.ordinal) for each in shown]
    documents = list(dict.fromkeys(document for document, _ in order))
    assert order == sorted(order, key=lambda place: (documents.index(place[0]), place[1]))
    assert [each.shown.marker for each in shown] == list(range(1, len(shown) + 1))


def test_the_strongest_documents_stand_first_and_last() -> None:
    hits = [make_hit("w", document=name) for name in ("best", "second", "third", "fourth")]
    shown = pack(hits, room=1_000, count_tokens=words).shown
    assert [each.hit.title for each in shown] == ["best", "third", "fourth", "second"]


def test_a_long_hit_gives_way_to_a_shorter_one_and_is_said_to_be_left_out() -> None:
    long, short = make_hit("w " * 900, document="long"), make_hit("w", document="short")
    packed = pack([long, short], room=200, count_tokens=words)
    assert ([each.hit for each in packed.shown], packed.left_out) == ([short], (long,))


def test_a_model_is_told_which_source_is_an_older_edition() -> None:
    prompt = answer_prompt(
        "?", [Shown(1, "Travel 2023", "€180", outdated=True), Shown(2, "Travel", "€220")], ()
    )
    assert "\nTravel 2023 (an older edition)\n€180\n" in prompt.user
    assert "\nTravel\n€220\n" in prompt.user


@given(st.integers(1_000, 200_000), st.integers(0, 5_000), st.integers(1, 2_000), st.integers(1_000, 30_000))
def test_prompt_and_answer_stay_within_the_window_and_the_price(
    window: int, instructions: int, answer: int, most: int
) -> None:
    room = room_for_sources(window, instructions=instructions, answer=answer, most=most)
    assert room + instructions <= most
    assert room + instructions + answer <= window * (1 - MARGIN)
