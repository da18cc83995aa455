"""What a question in a conversation means by itself, and what of the conversation bears on it."""

import pytest

from inference.followup import Understood, relevant, understood
from inference.followup.relevance import CHARACTERS, TURNS
from inference.protocols import Turn

FLUSH = Turn("How much water does the CB-150 need for one flush?", "95 litres.")
LEAVE = Turn("How many days of annual leave do full-time employees have in Cork?", "25 working days.")
PRICE = Turn("What is the list price of the CB-80?", "9800 EUR.")
OIL = Turn("Which oil goes into the gearbox?", "ISO VG 220.")
OFFICER = Turn("Who is the data protection officer?", "The officer is Friederike Lammers.")
TRIP = Turn("Um wie viel wird die Pauschale für ein Frühstück gekürzt?", "Um 5,60 €.")
PLAN = Turn("Wer hat den Vermerk zur Planung Ahorn verfasst?", "Henrike Vogt.")


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (FLUSH, "And the CB-300?", "How much water does the CB-300 need for one flush?"),
        (LEAVE, "and in Germany?", "How many days of annual leave do full-time employees have in Germany?"),
        (PRICE, "And the lead time?", "What is the lead time of the CB-80?"),
        (PRICE, "What about the CB-200?", "What is the list price of the CB-200?"),
        (TRIP, "Und für ein Abendessen?", "Um wie viel wird die Pauschale für ein Abendessen gekürzt?"),
        (FLUSH, "How heavy is it?", "How heavy is the CB-150?"),
        (FLUSH, "How long does its flush take?", "How long does the flush of the CB-150 take?"),
        (
            OIL,
            "How often does that have to be changed?",
            "How often does the oil have to be changed (the gearbox)?",
        ),
        (LEAVE, "By when must they be taken?", "By when must the days of annual leave be taken?"),
        (OFFICER, "How can I reach her?", "How can I reach Friederike Lammers?"),
        (
            PLAN,
            "Wann entscheidet der Rat darüber?",
            "Wann entscheidet der Rat über den Vermerk (Planung Ahorn)?",
        ),
        (LEAVE, "Who decides?", "Who decides (days, annual leave, full-time employees, Cork)?"),
    ],
)
def test_a_follow_up_is_put_so_that_it_stands_alone(before: Turn, question: str, meant: str) -> None:
    assert understood(question, [before]) == Understood(meant, leans=True)


@pytest.mark.parametrize(
    "question",
    [
        "Which torque applies to the lid bolts of the CB-300?",
        "Is it allowed to print confidential documents?",
        "Does the pump of the OS-12 stop if it runs dry?",
        "After how many hours are print jobs deleted that nobody fetched?",
        "Is there a canteen in the Cork office?",
        "Wer erhält eine BahnCard 50?",
        "Können Sie mir die Regeln für Dienstreisen nennen?",
    ],
)
def test_a_new_subject_is_left_as_it_was_asked(question: str) -> None:
    assert understood(question, [PRICE]) == Understood(question)


def test_the_first_question_is_left_as_it_was_asked() -> None:
    assert understood("And in Köln?", []) == Understood("And in Köln?")


def test_only_the_exchange_before_is_leant_on() -> None:
    assert understood("How heavy is it?", [FLUSH, PRICE]).text == "How heavy is the list price of the CB-80?"


def test_exchanges_on_other_subjects_are_not_sent_along() -> None:
    meant = understood("How many days of annual leave do trainees have?", [FLUSH, LEAVE, PRICE])
    assert relevant(meant, [FLUSH, LEAVE, PRICE]) == (LEAVE,)


def test_a_code_is_enough_to_bear_on_a_question() -> None:
    assert relevant(Understood("Who designed the CB-80?"), [PRICE, FLUSH]) == (PRICE,)


def test_what_a_question_leans_on_goes_along_cut_to_the_room() -> None:
    long = Turn("Who is it?", "Nobody knows. " * 200)
    [kept] = relevant(Understood("Entirely different?", leans=True), [long])
    assert kept.answer.endswith("Nobody knows.")
    assert len(kept.question) + len(kept.answer) <= CHARACTERS


def test_no_more_goes_along_than_there_is_room_for() -> None:
    same = [Turn(f"Annual leave of employees, part {number}?", "x" * 100) for number in range(9)]
    assert relevant(Understood("What is annual leave for employees?"), same) == tuple(same[-TURNS:])
    large = [Turn("Annual leave of employees?", "x" * (CHARACTERS - 50)) for _ in range(2)]
    assert relevant(Understood("What is annual leave for employees?"), large) == (large[-1],)
