import json
from collections.abc import Iterator
from uuid import uuid4

import numpy as np
import pytest
from pytest_django import Settings

from inference import registry
from inference.prompts import READERS
from ingestion.categorise import CategoryOption
from ingestion.classify import Label, choose, classify
from ingestion.votes import EXEMPLARS, LABELS, probabilities, representatives
from kb.models import Document, ModelCall, Sensitivity

pytestmark = pytest.mark.django_db

CATEGORIES = [
    CategoryOption("Travel", "Trips, trains, hotels and expenses."),
    CategoryOption("Pumps", "Pumps, valves, filters and their maintenance."),
]
PRESS = "Press release, published on our website for visitors and shareholders. Download the pictures."
TRIPS = "Dear colleagues, please book trains and hotels early. The intranet has the form for expenses."
SECRETS = "Nobody else may know of the merger. The insider list names the four members. No copies."


@pytest.fixture(autouse=True)
def models(settings: Settings) -> Iterator[None]:
    use_slm(settings, failure="")
    yield
    registry.forget()


def use_slm(settings: Settings, *, failure: str) -> None:
    settings.MODELS = {
        "embedder": {"BACKEND": "inference.backends.fake.HashEmbedder", "LOCATION": "on-premises"},
        "slm": {
            "BACKEND": "inference.backends.fake.Scripted",
            "LOCATION": "on-premises",
            "OPTIONS": {"failure": failure},
        },
    }
    registry.forget()


def label_of(
    *passages: str, floor: Sensitivity = Sensitivity.PUBLIC, default: Sensitivity | None = None
) -> Label:
    return classify("A text", passages, categories=CATEGORIES, floor=floor, default=default, subject=uuid4())


@pytest.mark.parametrize(
    ("text", "expected"),
    [(PRESS, Sensitivity.PUBLIC), (TRIPS, Sensitivity.INTERNAL), (SECRETS, Sensitivity.RESTRICTED)],
)
def test_the_votes_tell_whom_a_text_is_for(text: str, expected: Sensitivity) -> None:
    label = label_of(text)
    assert label.sensitivity == expected
    assert label.decided_by == Document.DecidedBy.MODEL
    assert label.reason.startswith(f"It reads like {expected.label} (")


def test_the_nearest_category_is_chosen() -> None:
    assert label_of(TRIPS).category == "Travel"
    assert label_of("The maintenance of pumps and valves takes an hour.").category == "Pumps"


def test_a_marking_decides_also_when_it_is_lax() -> None:
    label = label_of(f"For immediate release\n{TRIPS}")
    assert label.sensitivity == Sensitivity.PUBLIC
    assert label.decided_by == Document.DecidedBy.MARKING
    assert label.reason == "The text is marked “For immediate release”."


def test_a_lax_marking_on_what_reads_like_a_secret_waits_for_a_person() -> None:
    plain, doubtful = label_of(f"Internal\n{PRESS}"), label_of(f"Public\n{SECRETS}")
    assert (plain.sensitivity, plain.needs_review) == (Sensitivity.INTERNAL, False)
    assert (doubtful.sensitivity, doubtful.needs_review) == (Sensitivity.RESTRICTED, True)
    assert doubtful.reason.startswith("The text is marked “Public”. It reads like Restricted (")


def test_no_marking_undercuts_personal_data() -> None:
    rows = "DE89 3704 0044 0532 0130 00, AT61 1904 3002 3457 3201, CH93 0076 2011 6238 5295 7"
    label = label_of(f"Public\n{PRESS}", rows)
    assert label.sensitivity == Sensitivity.RESTRICTED
    assert label.decided_by == Document.DecidedBy.RULE
    assert label.reason == "The text holds personal data or credentials: IBAN."


def test_a_password_makes_a_text_restricted() -> None:
    assert label_of(f"{TRIPS} The password is Winter2024!x").sensitivity == Sensitivity.RESTRICTED


def test_nothing_is_laxer_than_the_collection_allows() -> None:
    label = label_of(PRESS, floor=Sensitivity.CONFIDENTIAL)
    assert label.sensitivity == Sensitivity.CONFIDENTIAL
    assert label.decided_by == Document.DecidedBy.COLLECTION


def test_the_collections_default_counts_as_a_vote() -> None:
    text = "Blue and green."
    lax, strict = (label_of(text, default=label) for label in (Sensitivity.PUBLIC, Sensitivity.RESTRICTED))
    assert lax.sensitivity < strict.sensitivity == Sensitivity.RESTRICTED


def test_without_the_slm_a_document_is_restricted_and_flagged(settings: Settings) -> None:
    use_slm(settings, failure="The weights are missing.")
    label = label_of(PRESS)
    assert (label.sensitivity, label.needs_review, label.confidence) == (Sensitivity.RESTRICTED, True, 0.0)
    assert label.reason.endswith("The weights are missing.")
    assert label_of(TRIPS).category == "Travel"


def test_the_slm_is_asked_through_the_ledger_as_for_restricted_text() -> None:
    subject = uuid4()
    classify("A", [PRESS], categories=[], floor=Sensitivity.PUBLIC, default=None, subject=subject)
    call = ModelCall.objects.get(subject=subject)
    assert (call.purpose, call.sensitivity, call.outcome) == ("classify", Sensitivity.RESTRICTED, "done")


def test_a_few_passages_with_personal_data_do_not_make_the_document_stricter() -> None:
    rows = "DE89 3704 0044 0532 0130 00, AT61 1904 3002 3457 3201, CH93 0076 2011 6238 5295 7"
    assert label_of(f"Public\n{PRESS}", rows, PRESS, PRESS).sensitivity == Sensitivity.PUBLIC
    assert label_of(f"Public\n{PRESS}", rows, PRESS, rows).sensitivity == Sensitivity.RESTRICTED


def test_contacts_that_are_spread_over_the_passages_count_together() -> None:
    lists = [" ".join(f"person.{page}{name}@corp.net" for name in "abcd") for page in range(4)]
    assert label_of(f"Public\n{lists[0]}", *lists[1:]).sensitivity == Sensitivity.CONFIDENTIAL


def test_of_two_close_labels_the_stricter_is_chosen() -> None:
    votes = probabilities(np.array([1.0, 0.9, -3.0, -3.0]))
    assert choose(votes) == Sensitivity.INTERNAL
    assert choose(probabilities(np.array([3.0, 0.0, 0.0, 0.0]))) == Sensitivity.PUBLIC


def test_a_long_document_is_judged_by_a_few_passages() -> None:
    assert representatives(["x"] * 100, 6) == [0, 1, 2, 3, 4, 99]
    assert representatives(["x"] * 3, 6) == [0, 1, 2]


def test_exemplars_and_answers_cover_every_label() -> None:
    rows = [json.loads(line) for line in EXEMPLARS.read_text(encoding="utf-8").splitlines()]
    assert {row["sensitivity"] for row in rows} == set(Sensitivity.names)
    assert len(READERS) == len(LABELS)
