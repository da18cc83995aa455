"""How often a person, a key or a group may call, and how much of models each may use."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from inference import budget, gateway, registry
from inference.protocols import Prompt
from kb.errors import BudgetSpent, RouteRefused
from kb.models import Allowance, ApiKey, ModelCall, Person, Question, Sensitivity, Spending
from kb.models.keys import Terms
from kb.people import keys
from kb.rights import Scope
from tests.builders import make_key
from tests.ledger_rows import append
from tests.visiting import signed_in, text_of

pytest_plugins = ["tests.fakes"]

ROOT = "/api/v1"
TERMS = Terms("wiki", (Scope.READ, Scope.ASK), days=30)


def bearing(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


def ask(client: Client, question: str):
    return client.post(f"{ROOT}/ask", {"question": question}, content_type="application/json")


def spent(person: Person, key: ApiKey | None, *, tokens: int) -> None:
    Spending.objects.create(call=append(), person=person, key=key, tokens=tokens, usd=0.0)


def a_call(person: Person) -> gateway.Call:
    return gateway.Call(
        purpose=ModelCall.Purpose.ANSWER,
        model="slm",
        prompt=Prompt(version="test-1", system="", user="How many days of leave?"),
        text_sensitivity=Sensitivity.INTERNAL,
        person=person,
    )


def test_every_reply_says_how_much_is_left(alice: Person, settings: Settings) -> None:
    settings.REQUESTS_A_MINUTE = 2
    tool, other = bearing(make_key(alice)), bearing(make_key(alice))
    first, second, third = (each.get(f"{ROOT}/collections") for each in (tool, other, tool))
    assert first["RateLimit-Policy"] == '"person-requests";q=2;w=60'
    assert first["RateLimit"].startswith('"person-requests";r=1;t=')
    assert second["RateLimit"].startswith('"person-requests";r=0;t=')
    assert (third.status_code, third.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(third["Retry-After"]) <= 60


def test_a_key_and_a_group_have_rates_of_their_own(alice: Person, bob: Person, staff: Group) -> None:
    Allowance.objects.create(group=staff, requests_a_minute=3)
    key = keys.make(alice, TERMS, alice)
    Allowance.objects.create(key=key.key, requests_a_minute=1)
    mine, other, bobs = (bearing(text) for text in (key.text, make_key(alice), make_key(bob)))
    replies = [each.get(f"{ROOT}/collections").status_code for each in (mine, mine, other, bobs)]
    assert replies == [200, 429, 200, 429]


@pytest.mark.parametrize("of", ["key", "person", "group"])
def test_a_spent_budget_stops_questions_before_anything_is_written(
    of: str, alice: Person, staff: Group, fakes: None
) -> None:
    key = keys.make(alice, TERMS, alice)
    holder = {"key": key.key, "person": alice, "group": staff}[of]
    Allowance.objects.create(**{of: holder}, tokens_a_day=100)
    spent(alice, key.key, tokens=99)
    tool = bearing(key.text)
    assert ask(tool, "How many days of leave?").status_code == 200
    spent(alice, key.key, tokens=1)
    reply = ask(tool, "How many days of leave?")
    assert (reply.status_code, reply.json()["code"]) == (429, "budget_spent")
    assert "It renews on" in reply.json()["detail"]
    assert 1 <= int(reply["Retry-After"]) <= 24 * 60 * 60
    assert Question.objects.count() == 1


def test_the_portal_says_so_too(alice: Person, fakes: None) -> None:
    Allowance.objects.create(person=alice, tokens_a_day=0)
    reply = signed_in(alice).post(reverse("ask"), {"text": "How many days of leave?"})
    assert "The budget of 0 tokens a day for you is used up" in text_of(reply)
    assert not Question.objects.exists()


def test_yesterday_does_not_count(alice: Person) -> None:
    Allowance.objects.create(person=alice, tokens_a_day=100)
    spent(alice, None, tokens=100)
    with pytest.raises(BudgetSpent):
        budget.check(alice)
    Spending.objects.update(at=timezone.now() - timedelta(days=1))
    budget.check(alice)


def test_a_call_counts_while_it_is_under_way_and_then_as_what_it_took(alice: Person, fakes: None) -> None:
    made = keys.make(alice, TERMS, alice)
    pieces = gateway.generate(a_call(made.key.bind(alice)), max_tokens=20)
    next(pieces)
    under_way = Spending.objects.get()
    assert (under_way.person, under_way.key, under_way.tokens > budget.ANSWER_TOKENS) == (
        alice,
        made.key,
        True,
    )
    list(pieces)
    under_way.refresh_from_db()
    call = ModelCall.objects.get()
    assert under_way.tokens == (call.prompt_tokens or 0) + (call.answer_tokens or 0) < budget.ANSWER_TOKENS


def test_a_call_that_another_one_overtakes_is_not_sent_and_the_ledger_says_why(
    alice: Person, fakes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Allowance.objects.create(person=alice, tokens_a_day=100)
    # Another process takes what is left just after the first check.
    monkeypatch.setattr(budget, "check_call", lambda model, person: spent(person, None, tokens=100))
    with pytest.raises(BudgetSpent):
        list(gateway.generate(a_call(alice), max_tokens=20))
    late = ModelCall.objects.latest("sequence")
    assert (late.outcome, late.model) == (ModelCall.Outcome.FAILED, registry.model_name("slm"))
    assert "is used up" in late.failure
    assert Spending.objects.count() == 1


def test_nothing_is_sent_over_a_budget_or_with_a_key_that_has_ended(alice: Person, fakes: None) -> None:
    made = keys.make(alice, TERMS, alice)
    holder = made.key.bind(alice)
    Allowance.objects.create(person=alice, usd_a_month=0.0)
    with pytest.raises(BudgetSpent):
        list(gateway.generate(a_call(holder), max_tokens=20))
    Allowance.objects.all().delete()
    keys.revoke(made.key, alice)
    with pytest.raises(RouteRefused, match="has ended"):
        list(gateway.generate(a_call(holder), max_tokens=20))
    assert not ModelCall.objects.filter(decision=ModelCall.Decision.SEND).exists()
