"""What a language model says where its sources do not answer, and what only looks like that."""

import pytest

from inference.standing import declines

QUESTION = "What did Xanadu cost in 2025?"


@pytest.mark.parametrize(
    "text",
    [
        "The sources do not say what Xanadu cost in 2025.",
        "I’m sorry, but nothing in the documents answers this. Please ask the owner.",
        "The information provided doesn’t name a price [1][2].",
        "In den Quellen steht dazu nichts.",
    ],
)
def test_a_text_that_says_no_more_than_that_the_sources_do_not_answer_declines(text: str) -> None:
    assert declines(text, QUESTION)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Xanadu cost nothing.",
        "According to the sources it was 12 million euros.",
        "The sources do not name more than 12 million euros.",
        "The sources do not say. Prices rose, though. Xanadu grew.",
    ],
)
def test_a_text_that_claims_something_does_not_decline(text: str) -> None:
    assert not declines(text, QUESTION)
