"""Somebody comes from the provider of his company: who he is here, and what he may do.

An account that is made for him has no group, is cleared for what is public only, and opens what the claims are
mapped to.
"""

from typing import Any, NoReturn

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kb.models import Event, Person, Sensitivity
from kb.people.notes import noted
from kb.signin import claims
from kb.signin.accounts import refuse
from kb.signin.company import OIDC, Company
from kb.signin.oidc import check_nonce
from kb.signin.permission import may_sign_in


class Arrivals(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """
        Raises:
            PermissionDenied: the token was not made for this sign-in.
            ImmediateHttpResponse: the way back to the sign-in, with the reason.
        """
        if sociallogin.account.provider == OIDC:
            check_nonce(sociallogin)
        if sociallogin.is_existing:
            if may_sign_in(sociallogin.user):
                claims.apply(sociallogin.user, sociallogin.account.extra_data, _company(sociallogin))
        elif sociallogin.state["process"] != AuthProcess.CONNECT and _same_address(sociallogin):
            refuse(
                request,
                _(
                    "An account with your e-mail address is here already. Sign in with its password, "
                    "and connect the two under Security."
                ),
            )

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[Person, str] | None:
        """Only where a setting allows it, for one account that may sign in and administers nothing."""
        if not _company(sociallogin).link_by_email:
            return None
        for address in (each.email for each in sociallogin.email_addresses if each.verified):
            people = list(Person.objects.filter(email__iexact=address)[:2])
            if len(people) == 1 and may_sign_in(people[0]) and not people[0].is_staff:
                return people[0], address
        return None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> Person:
        return Person(clearance=Sensitivity.PUBLIC)

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Person:
        person: Person = super().save_user(request, sociallogin, form)
        company = _company(sociallogin)
        noted(None, Event.Verb.PERSON, f"Added “{person.username}”, who came from {company.name}.")
        claims.apply(person, sociallogin.account.extra_data, company)
        return person

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: object) -> str:
        return reverse("security")

    def on_authentication_error(self, request: HttpRequest, provider: Any, **error: object) -> NoReturn:
        refuse(
            request,
            _("Signing in at %(name)s did not work. Try again, or ask an administrator.")
            % {"name": provider.name},
        )


def _company(login: SocialLogin) -> Company:
    company: Company = settings.COMPANIES[login.account.provider]
    return company


def _same_address(login: SocialLogin) -> bool:
    addresses = [each.email for each in login.email_addresses]
    return any(Person.objects.filter(email__iexact=address).exists() for address in addresses)
