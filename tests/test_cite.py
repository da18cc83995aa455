"""Citations name shown chunks only, and quote them letter for letter."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.cite import MARKER, CitedAnswer, CitedPart, Written, cite
from inference.pack import Packed
from inference.protocols import Shown
from tests.builders import make_hit

pytestmark = pytest.mark.usefixtures("fake_models")

TRAVEL = "Trains are booked in second class. Flights under 500 km need approval by the head of department."
LEAVE = "Everybody has 30 days of leave. Ten of them may be carried over until March."


def source(marker: int, text: str) -> Packed:
    hit = replace(make_hit(text, document="Handbook"), chunk=marker)
    return Packed(Shown(marker, "Handbook", text), hit)


def cited_in(text: str, sources: Sequence[Packed]) -> CitedAnswer:
    """What one model wrote, cited."""
    return cite([Written(text, sources)], between="")


SOURCES = [source(1, TRAVEL), source(2, LEAVE)]


def test_the_quote_is_the_sentence_that_says_it() -> None:
    cited = cited_in("Short flights need approval by the head of department [1].", SOURCES)
    assert [citation.quote for citation in cited.citations] == [
        "Flights under 500 km need approval by the head of department."
    ]


def test_citations_are_numbered_as_they_appear() -> None:
    cited = cited_in("You have 30 days of leave [2]. Trains are second class [1].", SOURCES)
    assert cited.text == "You have 30 days of leave [1]. Trains are second class [2]."
    assert [(citation.marker, citation.source.shown.marker) for citation in cited.citations] == [
        (1, 2),
        (2, 1),
    ]


def test_a_marker_that_is_left_of_two_cites_nothing() -> None:
    cited = cited_in("Leave is 30 days [1[9]2] for all. Trains are second class [1].", SOURCES)
    assert cited.text == "Leave is 30 days [12] for all. Trains are second class [1]."
    assert [citation.source.shown.marker for citation in cited.citations] == [1]


def test_two_claims_on_one_chunk_get_their_own_quotes() -> None:
    cited = cited_in("Everybody has 30 days of leave [2]. Ten may be carried over until March [2].", SOURCES)
    assert cited.text == "Everybody has 30 days of leave [1]. Ten may be carried over until March [2]."
    assert [citation.quote for citation in cited.citations] == [
        "Everybody has 30 days of leave.",
        "Ten of them may be carried over until March.",
    ]


def test_a_row_is_found_by_what_it_says_with_its_columns() -> None:
    table = "| City | Limit |\n| --- | --- |\n| London | €180 |\n| All other places | €130 |"
    cited = cited_in("London — Limit: €180 [1]", [source(1, table)])
    assert [citation.quote for citation in cited.citations] == ["| London | €180 |"]


def test_an_unknown_marker_is_dropped_from_the_text() -> None:
    cited = cited_in("Trains are second class [1][7].", SOURCES)
    assert cited.text == "Trains are second class [1]."
    assert len(cited.citations) == 1


def test_a_number_that_the_source_does_not_hold_is_not_supported() -> None:
    cited = cited_in("Everybody has 40 days of leave [2].", SOURCES)
    assert not cited.citations[0].supported


def test_what_the_source_says_is_supported() -> None:
    cited = cited_in("Everybody has 30 days of leave [2].", SOURCES)
    assert cited.citations[0].supported


@given(st.text(alphabet="ab [].0123456789\n", max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_can_cite_what_was_not_shown(text: str) -> None:
    cited = cited_in(text, SOURCES)
    markers = {int(match["number"]) for match in MARKER.finditer(cited.text)}
    assert markers <= {citation.marker for citation in cited.citations}
    assert all(citation.quote in citation.source.shown.text for citation in cited.citations)


def test_each_part_cites_only_what_its_own_model_was_shown() -> None:
    outside = Written("Everybody has 30 days of leave [2]. Trains are second class [1].", SOURCES[1:])
    inside = Written("Trains are booked in second class. [1]", SOURCES[:1])
    cited = cite([outside, inside], between="\n\n")
    assert cited.text == (
        "Everybody has 30 days of leave [1]. Trains are second class.\n\nTrains are booked in second class. [2]"
    )
    assert [citation.source for citation in cited.citations] == [SOURCES[1], SOURCES[0]]
    assert cited.parts == (CitedPart(0, 60, holds=True), CitedPart(62, 100, holds=True))


def test_a_part_without_words_leaves_no_gap() -> None:
    cited = cite([Written("", SOURCES[:1]), Written("Thirty days [2].", SOURCES[1:])], between="\n\n")
    assert cited.text == "Thirty days [1]."
    assert cited.parts == (CitedPart(0, 0, holds=False), CitedPart(0, 16, holds=True))
