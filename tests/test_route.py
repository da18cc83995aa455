"""What may go where."""

from hypothesis import given
from hypothesis import strategies as st

from inference.protocols import Location
from inference.route import choose, may_read
from kb.models import Sensitivity

ROUTES = {"PUBLIC": "cloud", "INTERNAL": "cloud", "CONFIDENTIAL": "on-premises", "RESTRICTED": "on-premises"}
labels = st.sampled_from(Sensitivity)


def test_the_cloud_reads_what_the_table_lets_out_and_no_more() -> None:
    assert [may_read(Location.CLOUD, label, ROUTES) for label in Sensitivity] == [True, True, False, False]


def test_a_label_that_the_table_does_not_name_goes_nowhere() -> None:
    assert not may_read(Location.CLOUD, Sensitivity.PUBLIC, {})
    assert not may_read(Location.ON_PREMISES, Sensitivity.PUBLIC, {"PUBLIC": "anywhere"})


@given(question=labels, sources=st.lists(labels))
def test_the_cloud_is_never_chosen_when_anything_is_too_strict(
    question: Sensitivity, sources: list[Sensitivity]
) -> None:
    route = choose(question, sources, llm=Location.CLOUD, routes=ROUTES)
    allowed = all(label <= Sensitivity.INTERNAL for label in [question, *sources])
    assert (route.model == "llm") == allowed


def test_the_reason_counts_the_sources_that_held_it_back() -> None:
    sources = [Sensitivity.PUBLIC, Sensitivity.CONFIDENTIAL, Sensitivity.CONFIDENTIAL]
    route = choose(Sensitivity.INTERNAL, sources, llm=Location.CLOUD, routes=ROUTES)
    assert route.reason == "2 of 3 sources are Confidential."


def test_a_strict_conversation_holds_a_public_source_back() -> None:
    route = choose(Sensitivity.RESTRICTED, [Sensitivity.PUBLIC], llm=Location.CLOUD, routes=ROUTES)
    assert route.model == "extractive"
    assert route.reason == "The question or the conversation counts as Restricted."


@given(question=labels, sources=st.lists(labels))
def test_a_model_on_the_premises_reads_everything(question: Sensitivity, sources: list[Sensitivity]) -> None:
    assert choose(question, sources, llm=Location.ON_PREMISES, routes=ROUTES).model == "llm"
