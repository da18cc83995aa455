from collections.abc import Iterator
from uuid import uuid4

import pytest
from pytest_django import Settings

from inference import registry
from ingestion.summarise import EXTRACTION, WORDS, Summary, extract, holds, summarise
from kb.models import ModelCall, Sensitivity

pytestmark = pytest.mark.django_db

PASSAGE = """Dear Ms Byrne, thank you for calling us about the filter.

The filter in the paper mill has been leaking at its lid since Tuesday. Page 3 of 9.

| Part | Price |
| --- | --- |
| Lid of the filter in the mill | 40 |

We ask you to replace the lid of the filter within two weeks. CONFIDENTIAL"""
WORDING = "The filter in the paper mill has been leaking. We ask you to replace the lid of the filter."


@pytest.fixture(autouse=True)
def models(settings: Settings) -> Iterator[None]:
    use_slm(settings, answer=WORDING)
    yield
    registry.forget()


def use_slm(settings: Settings, **options: str) -> None:
    settings.MODELS = {
        "embedder": {"BACKEND": "inference.backends.fake.HashEmbedder", "LOCATION": "on-premises"},
        "slm": {
            "BACKEND": "inference.backends.fake.Scripted",
            "LOCATION": "on-premises",
            "OPTIONS": options,
        },
    }
    registry.forget()


def summary_of(text: str, *, reword: bool = False) -> Summary:
    return summarise("Complaint", [text], subject=uuid4(), reword=reword)


def test_a_summary_takes_sentences_as_they_stand_and_in_order() -> None:
    assert summary_of(PASSAGE) == Summary(
        "The filter in the paper mill has been leaking at its lid since Tuesday. "
        "We ask you to replace the lid of the filter within two weeks.",
        EXTRACTION,
    )


@pytest.mark.parametrize(
    "line",
    [
        "Dear colleagues, please read the following pages with some care.",
        "Thursday, 21 May 2026, Room Lee, Cork, Ireland, Köln.",
        "Version 3.1, valid from 1 April 2023 and for all of us.",
        "| A row of a table | with a full stop at its end. |",
        "Too short.",
    ],
)
def test_greetings_letterheads_and_tables_are_left_out(line: str) -> None:
    assert extract("Title", [line]) == []


def test_the_same_sentence_is_said_once() -> None:
    sentence = "The filter in the paper mill has been leaking at its lid."
    assert extract("Filter", [f"{sentence} {sentence}", sentence]) == [sentence]


def test_a_long_document_has_a_short_summary() -> None:
    text = " ".join(
        f"The filter number {number} is cleaned and put back in its place." for number in range(400)
    )
    assert len(summary_of(text).text.split()) <= WORDS


def test_a_table_is_described_by_its_columns() -> None:
    assert summary_of("| Part | Price |\n| --- | --- |\n| Lid | 40 |").text == (
        "A table with the columns Part, Price."
    )


def test_a_text_without_sentences_is_summarised_by_its_beginning() -> None:
    assert summary_of("Spare lid, blue").text == "Spare lid, blue"


def test_the_slm_is_not_called_unless_wanted() -> None:
    summary_of(PASSAGE)
    assert not ModelCall.objects.exists()


def test_wording_that_holds_is_taken_and_written_down() -> None:
    assert summary_of(PASSAGE, reword=True) == Summary(WORDING, "scripted")
    call = ModelCall.objects.get()
    assert (call.purpose, call.sensitivity, call.outcome) == ("summarise", Sensitivity.RESTRICTED, "done")


@pytest.mark.parametrize(
    "options",
    [
        {"answer": "The filter in the paper mill cost 9,000 euros. It has been leaking."},
        {"answer": "The filter in the paper mill has been leaking. Siemens replaced the lid of the filter."},
        {"answer": "Elephants sleep standing up. Oceans cover most of it."},
        {"answer": "Only one sentence about the filter."},
        {"failure": "The weights are missing."},
    ],
)
def test_wording_that_does_not_hold_gives_way_to_extraction(
    settings: Settings, options: dict[str, str]
) -> None:
    use_slm(settings, **options)
    assert summary_of(PASSAGE, reword=True).made_by == EXTRACTION


def test_an_invented_figure_or_name_does_not_hold() -> None:
    source = ["The filter in the mill of Auerwald has been leaking for 26 hours."]
    assert holds("The filter in the mill of Auerwald has been leaking for 26 hours.", source)
    assert not holds("The filter in the mill of Auerwald has been leaking for 27 hours.", source)
    assert not holds("The filter in the mill of Cork has been leaking for 26 hours.", source)
    assert not holds("", source)
