import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.sentences import split


def texts(source: str) -> list[str]:
    return [sentence.text for sentence in split(source)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. Meyer of Acme Inc. Berlin signed it.",
        "Use a token, e.g. Bearer, as in No. 5 of the list.",
        "Wir liefern z. B. Schrauben und ca. 20 Muttern.",
        "Die Rechnung Nr. 4711 vom 3. März 2026 ist offen.",
        "The rate is 3.5 percent, i.e. 0.5 above v2.1 of the plan.",
        "J. R. Smith asked “Why?” and left.",
        "Die 2. Auflage gilt seit dem 1. Januar.",
        "The U.S. Treasury pays at 9 a.m. Eastern time.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert texts(sentence) == [sentence]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("He works for Acme Inc. The company is old.", 2),
        ("We begin at 9 a.m. Please be on time.", 2),
        ("Is it so? Yes! It is…  And more.", 4),
        ("Sie sagte „Nein.“ Dann ging sie.", 2),
        ("We sold 12. The rest stayed.", 2),
        ("The answer is no. Nobody came.", 2),
        ("It was in 2025. It is gone (see A.4). Done.", 3),
    ],
)
def test_it_finds_the_ends(source: str, count: int) -> None:
    assert len(split(source)) == count


def test_a_wrapped_paragraph_is_read_as_one() -> None:
    source = "The supplier delivers the goods within thirty days\nof the order. The buyer pays\nafter that."
    assert len(split(source)) == 2


def test_headings_and_items_stand_alone_without_their_marks() -> None:
    source = "## Leave\nYou have 30 days.\n\n- Ask early\n- Tell your team. And HR.\n1. Fill in the form"
    assert texts(source) == [
        "Leave",
        "You have 30 days.",
        "Ask early",
        "Tell your team.",
        "And HR.",
        "1. Fill in the form",
    ]


def test_each_row_of_a_table_is_a_sentence_and_its_rule_is_none() -> None:
    source = "| Item | Price |\n| --- | ---: |\n| No. 1. Blue | 3.50 |\nAll prices are net."
    assert texts(source) == ["| Item | Price |", "| No. 1. Blue | 3.50 |", "All prices are net."]


def test_short_lines_are_not_joined() -> None:
    assert texts("Owner: Jane Doe\nStatus: draft\n\nThe plan follows.") == [
        "Owner: Jane Doe",
        "Status: draft",
        "The plan follows.",
    ]


def test_text_without_words_has_no_sentences() -> None:
    assert split("") == split(" \n***\n---\n") == []


@given(st.text(alphabet="aB z.!?|#-\n1“)", max_size=80))
def test_places_are_exact_ordered_and_lose_no_letter(source: str) -> None:
    sentences = split(source)
    assert all(source[item.start : item.end] == item.text == item.text.strip() for item in sentences)
    assert all(one.end <= other.start for one, other in itertools.pairwise(sentences))
    kept = "".join(item.text for item in sentences)
    assert [c for c in kept if c.isalpha()] == [c for c in source if c.isalpha()]
