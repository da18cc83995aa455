"""The second factors of a person: authenticator app, passkeys and recovery codes."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from kb.errors import Denied
from kb.models import Event, Person
from kb.people.notes import noted
from kb.people.rights import check_administers

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What a sign-in asks for; recovery codes stand in for them."""


def has_second_factor(person: Person) -> bool:
    found: bool = Authenticator.objects.filter(user=person, type__in=FACTORS).exists()
    return found


def drop_second_factors(person: Person) -> None:
    Authenticator.objects.filter(user=person).delete()


def drop_second_factors_as(person: Person, by: Person) -> None:
    """An administrator helps who has lost his telephone: the password alone opens the account again.

    Raises:
        Denied: by who does not administer, and by himself, for whom there is his own page.
    """
    if person.pk == by.pk:
        raise Denied("Change your own second factor under Security.")
    with transaction.atomic():
        check_administers(by)
        drop_second_factors(person)
        noted(by, Event.Verb.PERSON, f"Removed the second factor of “{person.username}”.")
