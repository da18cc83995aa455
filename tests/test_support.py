"""Whether the chunks that an answer cites say what it says."""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.cited_sentences import cited_sentences
from inference.evaluate.support import balanced_accuracy, evaluate_folder, read
from inference.protocols import Shown
from inference.support.amounts import amounts
from inference.support.answer import check
from inference.support.claims import Claim, judged
from inference.support.names import names
from inference.support.reading import Source
from inference.support.verdicts import Judgement, Verdict
from kb.errors import Rejected

pytestmark = pytest.mark.usefixtures("fake_models")

LEAVE = (
    "Everybody has 30 days of leave in a calendar year. Ten of them may be carried over until March. "
    "Niamh Corrigan approves longer leave. The rule was changed in 2024."
)
QUESTION = "How many days of leave do I have?"


def judgement(claim: str, text: str = LEAVE) -> Judgement:
    return judged([Claim(claim, QUESTION, [Source(Shown(1, "Leave policy", text), "en")], "en")])[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("twelve days", "12 days"),
        ("1,000 people", "1000 people"),
        ("1.250,50 €", "EUR 1250.50"),
        ("5 percent", "5 %"),
        ("3 June 2026", "2026-06-03"),
        ("two million", "2,000,000"),
        ("a 24-hour service", "24 hours"),
    ],
)
def test_numbers_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert amounts(one)
    assert all(amount.is_in(amounts(other)) for amount in amounts(one))


@pytest.mark.parametrize(("one", "other"), [("12 days", "12 months"), ("12 days", "21 days"), ("1.5", "15")])
def test_another_number_or_unit_is_not_the_same(one: str, other: str) -> None:
    assert not any(amount.is_in(amounts(other)) for amount in amounts(one))


def test_digits_of_a_code_are_no_number() -> None:
    assert amounts("Order AX-4471-B for the 3T3 cells.") == ()


def test_what_only_begins_a_sentence_is_no_name() -> None:
    assert names("Leave is approved by Niamh Corrigan. Order the AX-4471.", "en") == (
        ("Niamh", "Corrigan"),
        ("AX-4471",),
    )


def test_in_german_capitals_name_nobody() -> None:
    assert names("Den Urlaub genehmigt die Leitung.", "de") == ()


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("Everybody has 28 days of leave in a year.", "“28 days” is not in the source"),
        ("Everybody has 30 weeks of leave in a year.", "“30 weeks” is not in the source"),
        ("Longer leave is approved by Grace Hopper.", "“Grace Hopper” is not in the source"),
        ("The rule was changed in 2021.", "The source says this of another year than 2021"),
        ("Ten of them may not be carried over until March.", "The source says the opposite"),
    ],
)
def test_what_the_source_cannot_mean_is_unsupported_whatever_the_score(claim: str, reason: str) -> None:
    found = judgement(claim)
    assert (found.verdict, found.reason) == (Verdict.UNSUPPORTED, reason)
    assert found.score <= 0.25


FLUSH = (
    "| Property | CB-80 | CB-150 | CB-300 |\n| --- | --- | --- | --- |\n"
    "| Flush water per cycle | 60 L | 95 L | 180 L |\n| Weight | 92 kg | 148 kg | 265 kg |"
)
PRESS = "The Castell CB-300 needs 180 litres for one cleaning cycle."


def of_a_filter(claim: str, text: str) -> Judgement:
    question = "How much flush water does the CB-150 need per cycle?"
    return judged([Claim(claim, question, [Source(Shown(1, "Castell CB", text), "en")], "en")])[0]


@pytest.mark.parametrize(
    ("claim", "text", "reason"),
    [
        ("The CB-150 needs 180 litres of flush water.", FLUSH, "The source gives another figure for CB-150"),
        (
            "It needs 180 litres of flush water per cycle.",
            FLUSH,
            "The source gives another figure for CB-150",
        ),
        ("The CB-150 needs 180 litres for one cycle.", PRESS, "The source speaks of CB-300 instead"),
    ],
)
def test_what_the_source_says_of_something_else_is_unsupported(claim: str, text: str, reason: str) -> None:
    found = of_a_filter(claim, text)
    assert (found.verdict, found.reason) == (Verdict.UNSUPPORTED, reason)


def test_a_figure_of_another_row_is_weak() -> None:
    found = of_a_filter("The CB-150 needs 148 kg of flush water.", FLUSH)
    assert (found.verdict, found.reason) == (Verdict.WEAK, "The source gives this figure for Weight")


def test_what_stands_in_an_older_edition_alone_is_weak() -> None:
    older = Source(Shown(1, "Leave policy", LEAVE, outdated=True), "en")
    newer = Source(Shown(2, "Leave policy", LEAVE), "en")
    claim = "You have thirty days of leave in a year."
    one, both = judged([Claim(claim, QUESTION, [older], "en"), Claim(claim, QUESTION, [older, newer], "en")])
    assert (one.verdict, one.reason) == (Verdict.WEAK, "It stands in an older edition")
    assert both.verdict == Verdict.SUPPORTED


def test_a_bare_number_is_no_amount_of_a_unit_that_the_source_gives_otherwise() -> None:
    text = "7.4 Changing the gear oil\n\nChange the gear oil every 8,000 hours."
    found = of_a_filter("Change the gear oil every 7.4 hours.", text)
    assert (found.verdict, found.reason) == (Verdict.UNSUPPORTED, "“7.4 hours” is not in the source")


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The CB-150 needs 95 L of flush water per cycle.", FLUSH),
        ("The CB-300 needs 180 L of flush water per cycle.", FLUSH),
        ("The weight of the CB-150 is 148 kg.", FLUSH),
        (
            "The CB-150 needs 180 L of flush water.",
            f"{FLUSH}\n\nUntil 2024 the CB-150 needed 180 L of flush water.",
        ),
    ],
)
def test_what_the_source_says_of_just_that_is_supported(claim: str, text: str) -> None:
    assert of_a_filter(claim, text).verdict == Verdict.SUPPORTED


def test_a_name_of_which_the_source_has_a_part_is_never_supported() -> None:
    found = judgement("Longer leave is approved by Niamh Gallagher.")
    assert found.verdict in {Verdict.WEAK, Verdict.UNSUPPORTED}
    assert found.reason == "“Niamh Gallagher” is only partly in the source"


def test_the_same_in_other_words_is_supported() -> None:
    assert judgement("You have thirty days of leave in a year.").verdict == Verdict.SUPPORTED


def test_what_stands_there_word_for_word_is_supported_without_an_embedder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("inference.registry.embedder")
    assert judgement("Everybody has 30 days of leave in a calendar year.") == Judgement(
        Verdict.SUPPORTED, 1.0
    )


def test_a_sentence_on_another_subject_is_unsupported() -> None:
    found = judgement("Drivers return company cars with a full tank.")
    assert (found.verdict, found.reason) == (Verdict.UNSUPPORTED, "Few of its words are in the source")


def test_a_sentence_without_a_citation_is_marked_and_a_heading_is_not() -> None:
    text = "Leave:\n\nEverybody has 30 days of leave in a calendar year. [1] It is a generous rule."
    checked = check(cited_sentences(text), {1: Source(Shown(1, "", LEAVE), "en")}, question=QUESTION)
    assert [(each.sentence.words, each.judgement.verdict) for each in checked] == [
        ("Everybody has 30 days of leave in a calendar year.", "supported"),
        ("It is a generous rule.", "no source"),
    ]


def test_an_answer_that_cites_nothing_is_not_checked() -> None:
    assert check(cited_sentences("Nothing was found on that here."), {}, question=QUESTION) == []


def a_judged_set(folder: Path) -> Path:
    passages = [("a", "Trains", "Trains are booked in second class."), ("b", "Leave", LEAVE)]
    rows = [json.dumps({"id": name, "title": title, "text": text}) for name, title, text in passages]
    (folder / "corpus.jsonl").write_text("\n".join(rows))
    (folder / "queries.jsonl").write_text(json.dumps({"id": "q", "text": "Trains are second class."}))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n")
    return folder


def test_a_claim_is_judged_beside_its_own_passage_and_another(tmp_path: Path) -> None:
    known = read(a_judged_set(tmp_path))
    assert [(each.is_said, each.claim.sources[0].shown.header) for each in known] == [
        (True, "Trains"),
        (False, "Leave"),
    ]


def test_both_answers_of_halueval_are_judged(tmp_path: Path) -> None:
    row = {"knowledge": LEAVE, "question": QUESTION, "right_answer": "30", "hallucinated_answer": "31 days"}
    (tmp_path / "qa.jsonl").write_text(json.dumps(row))
    scores = evaluate_folder(tmp_path)["all"]
    assert (scores.claims, scores.recall, scores.precision) == (2, 1.0, 1.0)


def test_a_folder_without_claims_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="holds no claims"):
        evaluate_folder(tmp_path)


def test_balanced_accuracy_counts_both_kinds_the_same() -> None:
    said = np.array([True, True, True, False])
    assert balanced_accuracy(said, np.array([True, True, True, True])) == 0.5
