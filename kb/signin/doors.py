"""The ways from a page to the providers of a company."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from kb.signin.company import SAML, SAML_CLIENT

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Door:
    """A form that is sent to `address` leads to the provider. `kind` names it in addresses here."""

    kind: str
    name: str
    address: str


def doors() -> list[Door]:
    return [Door(kind, company.name, _address(kind)) for kind, company in settings.COMPANIES.items()]


def towards_companies(view: View) -> View:
    """Browsers hold `form-action` against the redirect that answers a form, too (CSP Level 3, 6.3.1)."""

    @wraps(view)
    def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        origins = [company.origin for company in settings.COMPANIES.values()]
        widened = csp_update({"form-action": origins})(view) if origins else view
        response: HttpResponseBase = widened(request, *args, **kwargs)
        return response

    return led


def _address(kind: str) -> str:
    return (
        reverse("saml_login", args=[SAML_CLIENT])
        if kind == SAML
        else reverse("openid_connect_login", args=[kind])
    )
