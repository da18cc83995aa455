"""Signing in: refusals that tell nothing, second factors, and sessions that end."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as site
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from kb.models import Event, Person
from kb.people import accounts
from kb.people.second_factor import has_second_factor
from kb.signin.checks import check_second_factor
from kb.signin.devices import device_of
from tests.conftest import PASSWORD
from tests.visiting import signed_in, text_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(username: str, password: str = PASSWORD, client: Client | None = None, **headers: str) -> Client:
    """With the last reply as `last`, redirects followed."""
    client = client or Client()
    form = {"username": username, "password": password}
    client.last = client.post(reverse("sign-in"), form, follow=True, headers=headers)  # type: ignore[attr-defined]
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("library")).status_code == 200


def without_tokens(page: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value|name="username".*?value)="[^"]*"', "", page, flags=re.DOTALL)


# --- Refusals tell nothing ---------------------------------------------------------------------------------


@pytest.fixture
def refused(alice: Person, bob: Person, charlie: Person) -> dict[str, str]:
    """Why somebody may not come in, and with which password he tries."""
    bob.is_active = False
    bob.save()
    charlie.set_unusable_password()
    charlie.save()
    return {"nobody": PASSWORD, "alice": "wrong", "bob": PASSWORD, "charlie": PASSWORD}


def test_every_refusal_reads_the_same(refused: dict[str, str]) -> None:
    replies = [sign_in(*each).last for each in refused.items()]
    assert {reply.status_code for reply in replies} == {200}
    assert len({without_tokens(text_of(reply)) for reply in replies}) == 1


def test_every_refusal_costs_one_hash(refused: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *a: hashed.append(a[0]) or encode(self, *a))
    counts = []
    for username, password in refused.items():
        hashed.clear()
        sign_in(username, password)
        counts.append(len(hashed))
    assert counts == [1, 1, 1, 1]


def test_a_name_is_locked_whether_there_is_such_an_account_or_not(alice: Person) -> None:
    pages = []
    for username in ("alice", "nobody"):
        for _ in range(site.AXES_FAILURE_LIMIT):
            sign_in(username, "wrong")
        client = sign_in(username)  # With the right password.
        assert client.last.status_code == 429
        pages.append(without_tokens(text_of(client.last)))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "path", ["/account/signup/", "/signup/", "/account/password/reset/", "/account/email/"]
)
def test_nobody_signs_up_or_asks_for_a_password_by_himself(path: str, db: None) -> None:
    assert Client().get(path).status_code == 404


# --- The second factor -------------------------------------------------------------------------------------


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes, as the pages show them."""
    again = client.get(reverse("mfa_activate_totp"), follow=True)
    form = client.post(
        again.request["PATH_INFO"] + "?" + again.request["QUERY_STRING"], {"password": PASSWORD}, follow=True
    )
    secret = form.context["form"].secret
    codes = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
    return secret, re.findall(r"<code>(\d{8})</code>", text_of(codes))


def test_a_password_alone_opens_nothing_once_there_is_an_app(alice: Person) -> None:
    client = sign_in("alice")
    secret, codes = set_up_app(client)
    assert len(codes) == 10
    client = sign_in("alice")
    assert not is_in(client) and "One more step" in text_of(client.last)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_in(client)
    # The same code again, in another browser.
    other = sign_in("alice")
    other.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert not is_in(other)


def test_a_recovery_code_opens_once_and_is_shown_once(alice: Person) -> None:
    client = sign_in("alice")
    _secret, codes = set_up_app(client)
    assert codes[0] not in text_of(client.get(reverse("mfa_view_recovery_codes")))
    for expected in (True, False):
        other = sign_in("alice")
        other.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_in(other) is expected


def test_the_secrets_in_the_database_are_sealed(alice: Person) -> None:
    secret, codes = set_up_app(sign_in("alice"))
    rows = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in rows and codes[0] not in rows and len(codes) == 10


def test_a_second_factor_is_added_only_after_the_password_again(alice: Person) -> None:
    client = signed_in(alice)
    client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    reply = client.get(reverse("mfa_add_webauthn"))
    assert reply["Location"].startswith(reverse("account_reauthenticate"))
    assert not Authenticator.objects.exists()


def test_an_administrator_can_be_made_to_have_one(alice: Person, dana: Person, settings: Settings) -> None:
    settings.REQUIRE_MFA = "administrators"
    assert is_in(sign_in("alice"))
    client = sign_in("dana")
    assert "needs a second factor" in text_of(client.last)
    assert client.get(reverse("people"))["Location"] == reverse("security")
    assert client.get("/api/v1/collections").status_code == 401
    assert client.get(reverse("uploads"), headers={"HX-Request": "true"})["HX-Redirect"] == reverse(
        "security"
    )
    set_up_app(client)
    assert client.get(reverse("people")).status_code == 200


def test_who_needs_one_is_said_in_words_that_are_known(settings: Settings) -> None:
    assert check_second_factor(None) == []
    settings.REQUIRE_MFA = "admins"
    assert [found.id for found in check_second_factor(None)] == ["strongroom.E023"]


def test_an_administrator_helps_who_lost_his_telephone(alice: Person, dana: Person) -> None:
    set_up_app(sign_in("alice"))
    signed_in(dana).post(reverse("person-second-factor-drop", args=[alice.pk]))
    assert not has_second_factor(alice) and is_in(sign_in("alice"))
    assert Event.objects.filter(person=dana, note="Removed the second factor of “alice”.").exists()


# --- Sessions ----------------------------------------------------------------------------------------------


def test_somebody_sees_his_sessions_and_ends_one(alice: Person, bob: Person) -> None:
    here = sign_in("alice", **{"User-Agent": FIREFOX})
    there, of_bob = sign_in("alice"), sign_in("bob")
    page = text_of(here.get(reverse("security")))
    assert "Firefox, Linux" in page and page.count("127.0.0.1") >= 2
    ends = re.findall(r"/account/sessions/\d+/end/", page)
    assert len(ends) == 1
    of_bob.post(ends[0])
    assert is_in(there)
    here.post(ends[0])
    assert is_in(here) and not is_in(there) and is_in(of_bob)


def test_all_others_end_at_once_and_so_they_do_with_the_password(alice: Person) -> None:
    here, there = sign_in("alice"), sign_in("alice")
    here.post(reverse("sessions-end"))
    assert is_in(here) and not is_in(there)
    there = sign_in("alice")
    new = "another correct horse battery"
    here.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert is_in(here) and not is_in(there)
    assert not is_in(sign_in("alice")) and is_in(sign_in("alice", new))


def test_an_administrator_ends_all_sessions_of_somebody(alice: Person, dana: Person) -> None:
    session = sign_in("alice")
    assert signed_in(alice).post(reverse("person-sessions-end", args=[dana.pk])).status_code == 404
    signed_in(dana).post(reverse("person-sessions-end", args=[alice.pk]))
    assert not is_in(session) and is_in(sign_in("alice"))


def test_a_suspended_person_keeps_no_session_and_no_second_factor(alice: Person, dana: Person) -> None:
    session = sign_in("alice")
    set_up_app(session)
    accounts.suspend(alice, dana)
    assert not is_in(session) and not has_second_factor(alice)
    assert not session.session.exists(session.session.session_key)


def test_a_session_of_an_account_that_was_closed_some_other_way_ends_too(alice: Person) -> None:
    session = sign_in("alice")
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert not is_in(session)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.9", ""),
    ],
)  # fmt: skip
def test_devices_are_named(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
