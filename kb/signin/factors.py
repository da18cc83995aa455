"""Somebody's own second factors, listed and removed. Adding one takes a browser, and is for pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.flows import deactivate_totp
from allauth.mfa.webauthn.internal.flows import remove_authenticator
from django.http import HttpRequest
from django.urls import reverse

from kb.errors import Denied
from kb.models import Person
from kb.people.second_factor import FACTORS


class Kind(StrEnum):
    APP = "app"
    PASSKEY = "passkey"
    RECOVERY_CODES = "recovery-codes"


KINDS = {
    Authenticator.Type.TOTP: Kind.APP,
    Authenticator.Type.WEBAUTHN: Kind.PASSKEY,
    Authenticator.Type.RECOVERY_CODES: Kind.RECOVERY_CODES,
}


@dataclass(frozen=True, slots=True)
class Factor:
    """`codes_left` is of recovery codes only."""

    id: int
    kind: Kind
    name: str
    added_at: datetime
    used_at: datetime | None
    codes_left: int | None


def factors_of(person: Person) -> Sequence[Factor]:
    """In the order in which they were added."""
    return [_factor(each) for each in Authenticator.objects.filter(user=person).order_by("created_at")]


def remove_factor(request: HttpRequest, person: Person, pk: int) -> bool:
    """Removes an app or a passkey of the person who is signed in, and says whether there is one.

    Recovery codes go with the last of them.

    Raises:
        Denied: this session has not shown lately whose it is.
    """
    factor = Authenticator.objects.filter(user=person, pk=pk, type__in=FACTORS).first()
    if factor is None:
        return False
    remove = deactivate_totp if factor.type == Authenticator.Type.TOTP else remove_authenticator
    try:
        remove(request, factor)
    except ReauthenticationRequired as error:
        again = request.build_absolute_uri(reverse("account_reauthenticate"))
        raise Denied(f"Show once more that it is you at {again}, then repeat this.") from error
    return True


def _factor(found: Authenticator) -> Factor:
    kind, device = KINDS[found.type], found.wrap()
    codes = len(device.get_unused_codes()) if kind is Kind.RECOVERY_CODES else None
    return Factor(found.pk, kind, str(found), found.created_at, found.last_used_at, codes)
