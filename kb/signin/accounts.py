"""What django-allauth may do with accounts here."""

from typing import NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kb.models import Person
from kb.signin.permission import may_sign_in


class Accounts(DefaultAccountAdapter):
    """Nobody makes himself an account, and none that is closed opens, whichever way somebody comes."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Person, **login: object) -> HttpResponse | None:
        if not may_sign_in(user):
            refuse(request, _("This account is closed. Ask an administrator."))
        response: HttpResponse | None = super().pre_login(request, user, **login)
        return response


def enter(request: HttpRequest, person: Person, after: str) -> HttpResponse:
    """Somebody has shown his password: asks for his second factor, if he has one, and opens a session."""
    response: HttpResponse = perform_login(request, person, redirect_url=after)
    return response


def refuse(request: HttpRequest, reason: str) -> NoReturn:
    """Ends a sign-in that django-allauth runs: back to the beginning, with the reason."""
    messages.error(request, reason)
    raise ImmediateHttpResponse(redirect("sign-in"))
