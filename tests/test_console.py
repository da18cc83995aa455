"""The ledger page."""

from django.urls import reverse

from kb.models import ModelCall, Person
from tests.guards import lift
from tests.visiting import page_of, signed_in, text_of


def test_the_ledger_can_be_narrowed(dana: Person) -> None:
    make_call()
    make_call(location="cloud", decision="refuse", outcome="refused")
    reply = page_of(dana, f"{reverse('ledger')}?location=cloud&decision=refuse&purpose=made-up")
    assert [call.location for call in reply.context["page"]] == ["cloud"]


def test_the_ledger_counts_what_left(dana: Person) -> None:
    make_call()
    make_call(location="cloud")
    make_call(location="cloud", decision="refuse", outcome="refused")
    totals = page_of(dana, reverse("ledger")).context["totals"]
    assert (totals.calls, totals.left, totals.bytes_left, totals.refused) == (3, 1, 2048, 1)


def test_verifying_says_whether_the_ledger_stands(dana: Person) -> None:
    make_call()
    assert "The one row of the ledger stands as it was written." in text_of(
        signed_in(dana).post(reverse("ledger"))
    )
    lift()
    ModelCall.objects.update(reason="Changed by hand.")
    fragment = signed_in(dana).post(reverse("ledger"), headers={"HX-Request": "true"})
    assert "Row 1 was changed after it was written." in text_of(fragment)
    assert "<html" not in text_of(fragment)
