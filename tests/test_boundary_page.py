"""“What leaves the building”: the figures that a data-protection officer reads."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from kb.models import Leaving, ModelCall, Person, RouteRule, Sensitivity
from kb.numbers.outgoing import DAYS, FULL, _masked, outgoing
from tests.builders import make_collection
from tests.ledger_rows import append
from tests.visiting import page_of, text_of

LEFT = {"location": "cloud"}
REFUSED = {"location": "cloud", "decision": "refuse", "outcome": "refused"}


def make_call(**fields: object) -> ModelCall:
    known = {"location": "on-premises", "sensitivity": Sensitivity.INTERNAL, "sent_bytes": 2048}
    return append(**(known | fields))


def glance(person: Person) -> str:
    page = text_of(page_of(person, reverse("boundary")))
    return " ".join(page.split('<p class="glance">')[1].split("</p>")[0].split())


def test_only_administrators_get_the_page(alice: Person, charlie: Person, dana: Person) -> None:
    replies = [page_of(each, reverse("boundary")).status_code for each in (alice, charlie, dana)]
    assert replies == [404, 404, 200]


def test_it_says_at_a_glance_what_left(dana: Person, set_llm: Callable[..., None]) -> None:
    set_llm()
    for _ in range(2):
        make_call(**LEFT)
    make_call(**LEFT, sensitivity=Sensitivity.PUBLIC)
    make_call(**REFUSED, sensitivity=Sensitivity.RESTRICTED)
    make_call(sensitivity=Sensitivity.RESTRICTED)
    assert glance(dana) == (
        "In the last 30 days 3 calls left, 1 was refused, no personal detail was masked; "
        "nothing Confidential or Restricted left."
    )


def test_it_does_not_hide_that_text_of_the_strictest_label_left(dana: Person) -> None:
    make_call(**LEFT, sensitivity=Sensitivity.RESTRICTED)
    assert "Restricted text was among it." in glance(dana)


def test_without_a_model_outside_it_says_that_nothing_can_leave(dana: Person) -> None:
    assert glance(dana) == (
        "In the last 30 days nothing left the building, and no call was refused. "
        "No model outside is configured, so nothing can leave."
    )


def test_days_are_counted_apart_and_older_ones_are_left_out(db: None) -> None:
    now = timezone.now()
    for back in (0, 3, 3, DAYS - 1, DAYS, 400):
        make_call(**LEFT, at=now - timedelta(days=back))
    days = outgoing().days
    assert len(days) == DAYS
    assert [(DAYS - 1 - place, day.total) for place, day in enumerate(days) if day.total] == [
        (29, 1),
        (3, 2),
        (0, 1),
    ]
    assert sum(day.bytes_left for day in days) == 4 * 2048


def test_the_picture_stacks_a_day_s_labels_to_the_highest_day(db: None) -> None:
    make_call(**LEFT, sensitivity=Sensitivity.PUBLIC)
    for _ in range(3):
        make_call(**LEFT, sensitivity=Sensitivity.INTERNAL)
    public, internal = outgoing().bars()
    assert (public.height, internal.height) == (FULL / 4, FULL * 3 / 4)
    assert (public.y, internal.y) == (FULL * 3 / 4, 0)


def test_masked_details_are_added_up_by_kind() -> None:
    calls = [ModelCall(), ModelCall()]
    calls[0].pseudonyms, calls[1].pseudonyms = {"person": 2}, {"person": 1, "iban": 4}
    assert list(_masked(calls).items()) == [("iban", 4), ("person", 3)]


def test_routes_are_told_in_words(dana: Person) -> None:
    shelf = make_collection("Legal")
    RouteRule.decide(dana, Sensitivity.PUBLIC, Leaving.NEVER, collection=shelf)
    ways = page_of(dana, reverse("boundary")).context["ways"]
    assert [(way.collection, way.leaving, way.labels) for way in ways] == [
        (None, Leaving.FREELY, (Sensitivity.PUBLIC,)),
        (None, Leaving.PSEUDONYMISED, (Sensitivity.INTERNAL,)),
        (None, Leaving.NEVER, (Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED)),
        (shelf, Leaving.NEVER, (Sensitivity.PUBLIC, Sensitivity.INTERNAL)),
    ]


def test_refusals_are_listed_and_lead_to_the_ledger(dana: Person) -> None:
    make_call(**REFUSED, model="openai/some")
    make_call(**LEFT, model="openai/other")
    page = text_of(page_of(dana, reverse("boundary")))
    assert ("openai/some, to answer a question" in page, "openai/other, to" in page) == (True, False)
    assert f"{reverse('ledger')}?location=cloud&amp;decision=refuse" in page


def test_models_are_named_with_the_place_where_they_run(dana: Person, settings: Settings) -> None:
    options = {"model": "openai/some", "base_url": "https://llm.example/v1", "api_key": "sk-very-secret"}
    settings.MODELS = {
        **settings.MODELS,
        "llm": {"BACKEND": "inference.backends.litellm.Chat", "LOCATION": "cloud", "OPTIONS": options},
    }
    reply = page_of(dana, reverse("boundary"))
    llm = reply.context["models"][-1]
    assert (llm.name, llm.location, llm.address) == ("openai/some", "cloud", "https://llm.example/v1")
    assert "sk-very-secret" not in text_of(reply)


def test_the_figures_take_two_queries_however_many_calls_there_are(db: None) -> None:
    for back in range(20):
        make_call(**LEFT, at=timezone.now() - timedelta(days=back))
    with CaptureQueriesContext(connection) as seen:
        outgoing()
    assert len(seen) == 2
