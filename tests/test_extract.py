"""Answers by quotes: cells of tables, lists, and a yes or a no where a statement says it."""

import numpy as np
import pytest

from inference.extract import best_statements
from inference.lists import Listed, lists
from inference.polarity import Decided, decided
from inference.protocols import Shown, Vector, Vectors

TABLE = (
    "| Property | CB-80 | CB-150 | CB-300 |\n| --- | --- | --- | --- |\n"
    "| Empty weight | 92 kg | 148 kg | 265 kg |\n| Flush water per cycle | 60 L | 95 L | 180 L |"
)
STEPS = "Before a bolt of the lid is touched, do this.\n\n1. Lock the main switch.\n\n2. Close the valve."


class Blind:
    """An embedder that finds nothing like anything else."""

    fingerprint, dimension, window = "blind", 64, 256

    def embed_passages(self, texts: list[str]) -> Vectors:
        return np.eye(len(texts), self.dimension, dtype=np.float32)

    def embed_query(self, text: str) -> Vector:
        return np.zeros(self.dimension, dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def said(question: str, *texts: str) -> list[str]:
    shown = [Shown(marker, "Manual", text) for marker, text in enumerate(texts, 1)]
    return [each.text for each in best_statements(question, shown, Blind())]


def test_a_cell_is_answered_with_its_row_and_its_column() -> None:
    assert (
        said("How much flush water does the CB-150 need?", TABLE)[0] == "Flush water per cycle — CB-150: 95 L"
    )


def test_a_comparison_keeps_both_columns() -> None:
    first = said("Compare the flush water of the CB-80 and the CB-300.", TABLE)[0]
    assert first == "Flush water per cycle — CB-80: 60 L; CB-300: 180 L"


def test_a_row_is_read_out_whole_where_no_column_is_named() -> None:
    assert said("How much flush water is needed?", TABLE)[0].endswith(
        "CB-80: 60 L; CB-150: 95 L; CB-300: 180 L"
    )


def test_rows_that_hold_less_of_the_question_are_left_out() -> None:
    table = "| City | Limit |\n| --- | --- |\n| Dublin | €185 |\n| Copenhagen | €220 |"
    assert said("What is the limit in Copenhagen?", table) == ["Copenhagen — Limit: €220"]


def test_a_list_stays_together_where_several_things_are_asked_for() -> None:
    assert said("What do I have to do before I touch a bolt of the lid?", STEPS) == [
        "Before a bolt of the lid is touched, do this.\n1. Lock the main switch.\n2. Close the valve."
    ]


def test_what_decides_comes_first_with_a_yes_or_a_no() -> None:
    text = "Lime is removed with citric acid. Hydrochloric acid is forbidden for removing lime."
    assert said("May I use hydrochloric acid for removing lime?", text)[0] == (
        "No: Hydrochloric acid is forbidden for removing lime."
    )


def test_an_older_edition_is_not_quoted_beside_the_one_in_force() -> None:
    shown = [
        Shown(1, "Policy 2023", "Business class may be booked for long flights.", outdated=True),
        Shown(2, "Policy 2026", "Business class is no longer available for flights."),
    ]
    answer = best_statements("Can I book business class for flights?", shown, Blind())
    assert [each.marker for each in answer] == [2]


@pytest.mark.parametrize(
    ("question", "statement", "verdict"),
    [
        ("Can membranes be returned?", "Membranes cannot be returned.", Decided.NO),
        ("May I park here?", "Visitors may park here.", Decided.YES),
        ("May I park here?", "Visitors may park here if they have a permit.", None),
        ("Is the lid open?", "The lid may be open.", None),
        ("Is it not allowed to park?", "Parking is not allowed.", None),
        ("When is the lid open?", "The lid is never open.", None),
        ("Darf ich die BahnCard privat nutzen?", "Die private Nutzung ist erlaubt.", Decided.YES),
    ],
)
def test_only_what_is_said_in_so_many_words_is_a_yes_or_a_no(
    question: str, statement: str, verdict: Decided | None
) -> None:
    assert decided(question, statement) == verdict


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Do this.\n\n1. Lock it.\n\n2. Close it.", Listed("Do this.", ("1. Lock it.", "2. Close it."))),
        ("We need:\n\n- bread\n- salt", Listed("We need:", ("bread", "salt"))),
        ("Uses\n\nCooling circuits\n\nPaper mills", Listed("Uses", ("Cooling circuits", "Paper mills"))),
        ("It is allowed under two conditions.\n\nOne is met.\n\nSo is the other.\n\nMore.",
         Listed("It is allowed under two conditions.", ("One is met.", "So is the other."))),
    ],
)  # fmt: skip
def test_lists_are_found_with_what_introduces_them(text: str, found: Listed) -> None:
    assert lists(text) == [found]


def test_paragraphs_are_no_list() -> None:
    assert lists("The lid is closed.\n\nThe valve is open.\n\nAll is well.") == []
