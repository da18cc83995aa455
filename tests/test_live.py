"""The text that is given out while an answer is written is the one that is recorded."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.ask import BETWEEN, Gap, Token
from inference.cite import Written, cite
from inference.live import LiveText
from inference.pack import Packed
from inference.plan import Asked, Part, Plan
from inference.protocols import Prompt, Shown
from inference.registry import QUOTED
from kb.models import Conversation, Leaving, Person
from tests.builders import make_hit

pytestmark = pytest.mark.usefixtures("fake_models")

TRAVEL = "Trains are booked in second class. Flights under 500 km need approval."
LEAVE = "Everybody has 30 days of leave. Ten of them may be carried over until March."
UNCITED = "Nothing is said of that."


def source(marker: int, text: str) -> Packed:
    return Packed(Shown(marker, "Handbook", text), replace(make_hit(text), chunk=marker))


OUTSIDE, INSIDE = (source(1, TRAVEL), source(2, LEAVE)), (source(3, LEAVE),)


def planned(*parts: tuple[Packed, ...], model: str = "llm") -> Plan:
    asked = Asked("How many days?", Conversation(), Person())
    made = tuple(Part(model, sources, Prompt("1", "", "")) for sources in parts)
    return Plan(asked, made, Leaving.FREELY, "")


def given_out(plan: Plan, written: Sequence[Sequence[str]], recorded: str) -> str:
    """All of it, put together from what each piece added."""
    live = LiveText()
    live.begin(plan)
    said = ""
    for place, pieces in enumerate(written):
        said += live.add(Gap()) if place else ""
        said += "".join(live.add(Token(piece)) for piece in pieces)
    return said + live.finish(recorded)


PIECES = st.lists(
    st.sampled_from(
        ["Leave is 30 days", " ", "\n", "[", "1", "2", "]", " [2]", "[3]", "[1][9]", ". ", "[12"]
    ),
    max_size=12,
)


@given(outside=PIECES, inside=PIECES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_in_whatever_pieces_it_comes_nothing_is_taken_back(outside: list[str], inside: list[str]) -> None:
    written = [Written("".join(outside), OUTSIDE), Written("".join(inside), INSIDE)]
    recorded = cite(written, between=BETWEEN).text
    assert given_out(planned(OUTSIDE, INSIDE), [outside, inside], recorded) == recorded


def test_words_are_given_out_as_they_come_and_markers_when_they_are_whole() -> None:
    live = LiveText()
    live.begin(planned(OUTSIDE))
    live.add(Token("Everybody has 30 days of leave [2]. They"))
    pieces = [" go", " second", " class", " [", "1", "]."]
    assert [live.add(Token(piece)) for piece in pieces] == [" go", " second", " class", "", "", " [2]."]


@pytest.mark.parametrize("parts", [(OUTSIDE,), (OUTSIDE, INSIDE)])
def test_what_quotes_may_replace_is_held_back_until_a_source_says_a_sentence_of_it(
    parts: tuple[tuple[Packed, ...], ...],
) -> None:
    live = LiveText()
    live.begin(planned(*parts))
    pieces = [UNCITED, " It is 40 days [2].", " It is 30 days of leave [2].", " So"]
    assert [live.add(Token(piece)) for piece in pieces] == [
        "", "", "", f"{UNCITED} It is 40 days [1]. It is 30 days of leave [1]. So",
    ]  # fmt: skip


def test_quotes_are_given_out_as_they_come() -> None:
    live = LiveText()
    live.begin(planned(INSIDE, model=QUOTED))
    assert live.add(Token("Everybody has")) == "Everybody has"


def test_what_replaces_such_a_part_stands_alone() -> None:
    live = LiveText()
    live.begin(planned(OUTSIDE, INSIDE))
    live.add(Token(UNCITED))
    live.add(Gap())
    live.add(Token(f"{LEAVE} [3]"))
    live.begin(planned(INSIDE))
    assert live.add(Token(f"{LEAVE} [3]")) + live.finish(f"{LEAVE} [1]") == f"{LEAVE} [1]"


def test_a_text_that_is_recorded_otherwise_is_not_passed_off_as_whole() -> None:
    live = LiveText()
    live.begin(planned(INSIDE, model=QUOTED))
    live.add(Token("Thirty days"))
    with pytest.raises(RuntimeError, match="not how it was recorded"):
        live.finish("Twenty days")
