"""The table of routes that administrators edit: what it takes, what it refuses, and what it writes down."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kb.console.route_form import RoutesForm
from kb.models import Collection, Event, Leaving, Person, RouteRule, Sensitivity
from tests.builders import make_collection
from tests.visiting import page_of, signed_in, text_of

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = Sensitivity.values


def sent(form: RoutesForm, **changed: str) -> dict[str, object]:
    """What a browser sends of the form, with some choices changed: `everywhere_30="0"`."""
    fields = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    seen = {form[name].html_initial_name: value for name, value in fields.items()}
    return seen | fields | {name.replace("_", "-"): value for name, value in changed.items()}


def post(person: Person, *collections: Collection, **changed: str):
    query = "&".join(f"collection={each.pk}" for each in collections)
    address = f"{reverse('routes')}?{query}"
    return signed_in(person).post(address, sent(page_of(person, address).context["form"], **changed))


def test_only_administrators_get_the_routes(alice: Person, charlie: Person, dana: Person) -> None:
    assert [page_of(each, reverse("routes")).status_code for each in (alice, charlie, dana)] == [
        404,
        404,
        200,
    ]
    assert signed_in(alice).post(reverse("routes"), {"everywhere-10": "0"}).status_code == 404
    assert not RouteRule.objects.exists()


def test_a_change_holds_at_once_and_is_written_down(dana: Person) -> None:
    reply = post(dana, everywhere_20="0")
    assert reply["Location"] == reverse("routes")
    assert RouteRule.objects.table().leaving(INTERNAL) == Leaving.NEVER
    event = Event.objects.get()
    assert (event.person, event.verb, event.subject) == (dana, Event.Verb.ROUTE, None)
    assert event.note == "Internal, everywhere: no rule of its own → never leaves"


def test_a_collection_gets_a_rule_and_loses_it(dana: Person) -> None:
    shelf = make_collection("Legal")
    post(dana, shelf, **{f"{shelf.pk}_10": "0"})
    table = RouteRule.objects.table()
    assert [table.leaving(PUBLIC), table.leaving(PUBLIC, shelf.pk)] == [Leaving.FREELY, Leaving.NEVER]
    post(dana, **{f"{shelf.pk}_10": ""})
    assert not RouteRule.objects.exists()
    assert [event.note for event in Event.objects.order_by("pk")] == [
        "Public, “Legal”: no rule of its own → never leaves",
        "Public, “Legal”: never leaves → no rule of its own",
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"everywhere_30": "2"}, "Confidential leaves pseudonymised at most."),
        ({"everywhere_10": "0"}, "Internal cannot leave more freely than Public, which never leaves here."),
        ({"everywhere_10": "7"}, "Public leaves at most."),
    ],
)
def test_what_reaches_too_far_is_refused_in_a_sentence(
    changed: dict[str, str], sentence: str, dana: Person
) -> None:
    reply = post(dana, **changed)
    assert (reply.status_code, sentence in text_of(reply)) == (422, True)
    assert not RouteRule.objects.exists()
    assert not Event.objects.exists()


def test_restricted_text_cannot_be_decided_about(dana: Person) -> None:
    post(dana, everywhere_40="2", everywhere_20="0")
    assert [rule.sensitivity for rule in RouteRule.objects.all()] == [INTERNAL]


def test_a_label_that_a_laxer_one_holds_back_shows_what_is_in_effect(dana: Person) -> None:
    shelf = make_collection("Legal")
    post(dana, shelf, **{f"{shelf.pk}_10": "0"})
    rows = {row.collection: row.cells for row in page_of(dana, reverse("routes")).context["form"].rows()}
    internal = rows[shelf][1]
    assert (internal.effective, internal.inherited, internal.cut) == (Leaving.NEVER, True, True)
    assert "In effect never leaves, like a laxer label here." in text_of(page_of(dana, reverse("routes")))


def test_what_somebody_else_decided_meanwhile_stays(dana: Person) -> None:
    seen = page_of(dana, reverse("routes")).context["form"]
    RouteRule.decide(dana, INTERNAL, Leaving.NEVER)
    signed_in(dana).post(reverse("routes"), sent(seen, everywhere_10="1"))
    table = RouteRule.objects.table()
    assert [table.leaving(PUBLIC), table.leaving(INTERNAL)] == [Leaving.PSEUDONYMISED, Leaving.NEVER]


def test_a_row_that_does_not_exist_adds_none(dana: Person) -> None:
    address = f"{reverse('routes')}?collection=999999&collection=x&collection=%F0%9D%9F%99"
    assert [row.collection for row in page_of(dana, address).context["form"].rows()] == [None]


def test_the_page_takes_the_same_number_of_queries_however_many_collections(dana: Person) -> None:
    client = signed_in(dana)

    def queries(collections: int) -> int:
        for _ in range(collections):
            RouteRule.decide(dana, PUBLIC, Leaving.NEVER, collection=make_collection())
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(reverse("routes"))
        return len(seen)

    queries(1)  # The first request of a session notes it.
    assert queries(1) == queries(5)
