"""Notes in the audit log what django-allauth changes about somebody's ways in. It tells by signals only."""

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.conf import settings
from django.dispatch import receiver

from kb.models import Event, Person
from kb.people.notes import noted


@receiver(password_changed)
def note_password(user: Person, **signal: Any) -> None:
    noted(user, Event.Verb.PERSON, f"“{user.username}” changed the password.")


@receiver(authenticator_added)
@receiver(authenticator_reset)
def note_added(user: Person, authenticator: Authenticator, **signal: Any) -> None:
    noted(user, Event.Verb.PERSON, f"“{user.username}” added: {authenticator.get_type_display()}.")


@receiver(authenticator_removed)
def note_removed(user: Person, authenticator: Authenticator, **signal: Any) -> None:
    noted(user, Event.Verb.PERSON, f"“{user.username}” removed: {authenticator.get_type_display()}.")


@receiver(social_account_added)
def note_connected(sociallogin: SocialLogin, **signal: Any) -> None:
    person, company = sociallogin.user, settings.COMPANIES[sociallogin.account.provider]
    noted(person, Event.Verb.PERSON, f"Connected “{person.username}” with {company.name}.")
