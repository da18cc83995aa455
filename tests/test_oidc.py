"""Signing in at a company's provider, against a real OpenID provider on loopback."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from kb.models import Collection, Event, Person, Sensitivity
from kb.people import accounts
from kb.signin.checks import check_companies
from kb.signin.company import Company
from tests.conftest import PASSWORD
from tests.provider import Provider, provider_on_loopback
from tests.visiting import signed_in, text_of

# Of the provider, whose own libraries moved on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
START = "/sign-in/at/oidc/"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider_on_loopback() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, settings: Settings, db: None) -> Provider:
    running.forged, running.token_requests = {}, []
    settings.COMPANIES = {"oidc": Company(name="Acme", address=running.issuer)}
    app = {
        "provider_id": "oidc",
        "name": "Acme",
        "client_id": "strongroom",
        "secret": "s3cret",
        "settings": {
            "server_url": running.issuer,
            "scope": ["openid", "profile", "email"],
            "oauth_pkce_enabled": True,
        },
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    running.knows("erin", preferred_username="erin", given_name="Erin", email="erin@acme.example")
    return running


@pytest.fixture
def mapped(settings: Settings, provider: Provider) -> Callable[..., None]:
    """Sets what the claims of the company decide."""

    def configure(**facts: Any) -> None:
        settings.COMPANIES = {"oidc": replace(settings.COMPANIES["oidc"], **facts)}

    return configure


def come(provider: Provider, subject: str = "erin", client: Client | None = None, **form: str) -> Client:
    """The whole way, to the page that the browser is sent to at last."""
    client = client or Client()
    asked = client.post(START, form)["Location"]
    client.last = client.get(provider.lets_in(subject, asked), follow=True)  # type: ignore[attr-defined]
    return client


def person_in(client: Client) -> Person | None:
    pk = client.session.get("_auth_user_id")
    return Person.objects.get(pk=pk) if pk else None


def test_somebody_new_gets_an_account_that_opens_nothing(provider: Provider, shelf: Collection) -> None:
    client = come(provider)
    erin = person_in(client)
    assert erin and (erin.username, erin.first_name, erin.email) == ("erin", "Erin", "erin@acme.example")
    assert (erin.clearance, erin.is_staff, erin.has_usable_password()) == (Sensitivity.PUBLIC, False, False)
    assert not erin.groups.exists() and not Collection.objects.readable_by(erin).exists()
    assert Event.objects.filter(person=None, note="Added “erin”, who came from Acme.").exists()
    assert client.get(reverse("library")).status_code == 200


def test_he_is_the_same_person_the_next_time(provider: Provider) -> None:
    first, second = person_in(come(provider)), person_in(come(provider))
    assert first == second and Person.objects.count() == 1


def test_the_code_is_bound_to_the_browser_that_asked(provider: Provider) -> None:
    """PKCE, with SHA-256 (RFC 7636), and a nonce."""
    client = Client()
    asked = client.post(START)["Location"]
    sent = parse_qs(urlsplit(asked).query)
    client.get(provider.lets_in("erin", asked))
    verifier = provider.token_requests[0]["code_verifier"]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert sent["code_challenge_method"] == ["S256"] and sent["code_challenge"] == [digest]
    assert len(sent["nonce"][0]) >= 32 and set(sent["scope"][0].split()) == {"openid", "profile", "email"}


@pytest.mark.parametrize(
    "forged",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-house"},
        {"nonce": "of another sign-in"},
        {"sub": "alice"},
        {"exp": 1},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_a_token_that_was_made_for_something_else_lets_nobody_in(
    provider: Provider, forged: dict[str, Any]
) -> None:
    provider.forged = forged
    client = come(provider)
    assert person_in(client) is None and not Person.objects.exists()
    assert "Signing in at Acme did not work." in text_of(client.last)


def test_the_issuer_is_the_one_that_is_configured(provider: Provider, settings: Settings) -> None:
    """Not only the one that the provider's own configuration names."""
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["openid_configuration_overrides"] = {"issuer": "http://other.example"}
    provider.forged = {"iss": "http://other.example"}
    assert person_in(come(provider)) is None


def test_what_another_browser_began_is_not_finished_here(provider: Provider) -> None:
    """`state`: nobody is signed in to somebody else's account by a link."""
    asked = Client().post(START)["Location"]
    victim = Client()
    victim.get(provider.lets_in("erin", asked))
    assert person_in(victim) is None


def test_only_a_form_of_this_site_begins_a_sign_in(provider: Provider) -> None:
    assert Client().get(START).status_code == 405
    assert Client(enforce_csrf_checks=True).post(START).status_code == 403


def test_a_provider_that_is_away_is_told_in_a_sentence(provider: Provider, settings: Settings) -> None:
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = "http://localhost:9"
    assert "Signing in at Acme did not work." in text_of(Client().post(START, follow=True))


# --- Accounts that are here already ------------------------------------------------------------------------


def test_an_address_alone_opens_no_account(provider: Provider, alice: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(email="alice@acme.example")
    for verified in (True, False):
        provider.knows("x", email="alice@acme.example", email_verified=verified)
        client = come(provider, "x")
        assert person_in(client) is None
        assert "An account with your e-mail address is here already." in text_of(client.last)
    assert Person.objects.count() == 1


def test_a_setting_lets_a_verified_address_take_over(
    provider: Provider, mapped: Callable[..., None], alice: Person, dana: Person
) -> None:
    mapped(link_by_email=True)
    Person.objects.filter(pk=alice.pk).update(email="alice@acme.example")
    Person.objects.filter(pk=dana.pk).update(email="dana@acme.example")
    provider.knows("a", email="alice@acme.example", email_verified=False)
    assert person_in(come(provider, "a")) is None
    provider.knows("a", email="Alice@acme.example", email_verified=True)
    assert person_in(come(provider, "a")) == alice
    provider.knows("d", email="dana@acme.example", email_verified=True)
    assert person_in(come(provider, "d")) is None  # He administers.


def test_somebody_connects_his_account_himself_after_his_password(provider: Provider, alice: Person) -> None:
    client = come(provider, client=signed_in(alice), process="connect")
    assert not SocialAccount.objects.exists()
    client.post(client.last.request["PATH_INFO"], {"password": PASSWORD})
    assert SocialAccount.objects.get().user == alice
    assert person_in(come(provider)) == alice


# --- What the claims decide --------------------------------------------------------------------------------


def test_groups_follow_the_claims_at_each_sign_in(
    provider: Provider, mapped: Callable[..., None], staff: Group
) -> None:
    mapped(groups={"cn=staff,dc=acme": "staff", "eng": "engineers"})
    provider.knows("erin", preferred_username="erin", groups=["cn=staff,dc=acme", "unknown"])
    erin = person_in(come(provider))
    by_hand = Group.objects.create(name="by hand")
    erin.groups.add(by_hand)
    assert set(erin.groups.values_list("name", flat=True)) == {"staff", "by hand"}
    provider.knows("erin", preferred_username="erin", groups="eng")
    come(provider)
    assert set(erin.groups.values_list("name", flat=True)) == {"engineers", "by hand"}
    assert Event.objects.filter(note="“erin” left “staff”, as Acme says.").exists()


def test_clearance_and_administering_follow_claims_only_where_they_are_mapped(
    provider: Provider, mapped: Callable[..., None]
) -> None:
    provider.knows("erin", preferred_username="erin", groups=["admins", "secret", "plain"])
    erin = person_in(come(provider))
    assert (erin.clearance, erin.is_staff) == (Sensitivity.PUBLIC, False)
    mapped(administrators=frozenset({"admins"}), clearances={"secret": "CONFIDENTIAL", "plain": "INTERNAL"})
    erin = person_in(come(provider))
    assert (erin.clearance, erin.is_staff) == (Sensitivity.CONFIDENTIAL, True)
    provider.knows("erin", preferred_username="erin")
    erin = person_in(come(provider))
    assert (erin.clearance, erin.is_staff) == (Sensitivity.PUBLIC, False)


def test_a_suspended_person_stays_out(provider: Provider, dana: Person) -> None:
    client = come(provider)
    accounts.suspend(person_in(client), dana)
    assert client.get(reverse("library")).status_code == 302
    client = come(provider)
    assert person_in(client) is None and "This account is closed." in text_of(client.last)


# --- Settings ----------------------------------------------------------------------------------------------


def test_the_shipped_settings_name_no_provider() -> None:
    assert check_companies(None) == []


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"address": "http://id.acme.example"}, "strongroom.E020"),
        ({"address": "nonsense"}, "strongroom.E020"),
        ({"clearances": {"a": "TOP SECRET"}}, "strongroom.E021"),
    ],
)
def test_nonsense_does_not_start(mapped: Callable[..., None], facts: dict[str, Any], problem: str) -> None:
    assert check_companies(None) == []
    mapped(**facts)
    assert [found.id for found in check_companies(None)] == [problem]


def test_an_issuer_without_a_client_does_not_start(provider: Provider, settings: Settings) -> None:
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["client_id"] = ""
    [found] = check_companies(None)
    assert found.id == "strongroom.E022" and "STRONGROOM_OIDC_CLIENT_ID is not set." in found.msg
