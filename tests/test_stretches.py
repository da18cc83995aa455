"""An answer's sentences: each has where it was made and what it stands on, and none is lost."""

import pytest

from inference.stretches import sentences, stretches
from kb.models import Answer


def of(text: str) -> list[tuple[str, list[int]]]:
    return [(each.text, each.markers) for each in sentences(Answer(text=text, location="cloud"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is red [1]. It is big [2][3].", [("It is red [1].", [1]), ("It is big [2][3].", [2, 3])]),
        ("It is red. [1] It is big. [2]", [("It is red. [1]", [1]), ("It is big. [2]", [2])]),
        ("It is red. [1]\n\nIt is big.", [("It is red. [1]", [1]), ("It is big.", [])]),
        ("[1] says red.", [("[1] says red.", [1])]),
        ("- one [1]\n- two [2]", [("one [1]", [1]), ("two [2]", [2])]),
        ("", []),
    ],
)
def test_a_sentence_keeps_its_own_markers(text: str, expected: list[tuple[str, list[int]]]) -> None:
    assert of(text) == expected


def test_every_sentence_says_where_it_was_made() -> None:
    outside, inside = "It is red [1].", "It is big. [2]"
    text = f"{outside}\n\n{inside}"
    answer = Answer(
        text=text,
        location="mixed",
        parts=[
            {"start": 0, "end": len(outside), "location": "cloud", "model": "some"},
            {"start": len(text) - len(inside), "end": len(text), "location": "on-premises", "model": "own"},
        ],
    )
    assert [(each.text, each.location, each.model) for each in sentences(answer)] == [
        (outside, "cloud", "some"),
        (inside, "on-premises", "own"),
    ]
    assert [each.text for each in stretches(answer)] == [outside, inside]


def test_a_part_that_says_nothing_is_left_out() -> None:
    parts = [
        {"start": 0, "end": 10, "location": "cloud", "model": "some"},
        {"start": 10, "end": 10, "location": "on-premises", "model": "own"},
    ]
    assert len(stretches(Answer(text="It is red.", location="mixed", parts=parts))) == 1
