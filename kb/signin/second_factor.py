"""Second factors: how their secrets are kept, and who cannot do without one."""

from base64 import b64decode, b64encode
from functools import cache

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from kb.environment import secret
from kb.models import Person
from kb.people.second_factor import has_second_factor
from kb.sealing import Sealer

REQUIRED_OF = ("nobody", "administrators", "everybody")
PLACE = "second factor"
ALWAYS_OPEN = frozenset(
    {
        "sign-in", "sign-out", "choose-password", "theme", "security",
        "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
        "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes",
    }
)  # fmt: skip
"""Pages that lead to a second factor, or away."""


@cache
def _sealer() -> Sealer:
    return Sealer(secret("mfa_key", settings.VAR / "secrets"), name="mfa_key")


class SecondFactors(DefaultMFAAdapter):
    """A copy of the database alone makes no codes."""

    def encrypt(self, text: str) -> str:
        return b64encode(_sealer().seal(text, PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _sealer().open(b64decode(encrypted_text), PLACE)

    def build_totp_svg(self, url: str) -> str:
        """Without the XML declaration: the picture stands in a page, because the policy lets no data: address in."""
        svg: str = super().build_totp_svg(url)
        return svg.partition("?>")[2]

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}


class SecondFactorMiddleware(MiddlewareMixin):
    """Until the second factor that a setting requires is there, a session opens the pages that set one up, no other."""

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponseBase | None:
        match = request.resolver_match
        if (match and match.view_name in ALWAYS_OPEN) or not lacks_second_factor(request):
            return None
        if request.path_info.startswith("/api/"):
            request.user = AnonymousUser()
            return None
        if request.headers.get("HX-Request"):
            return HttpResponseClientRedirect(reverse("security"))
        return redirect("security")


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether this session's person still needs one. A company's provider asks for its own."""
    person = request.user
    if not isinstance(person, Person) or not is_required_of(person):
        return False
    if any(each["method"] == "socialaccount" for each in get_authentication_records(request, person)):
        return False
    return not has_second_factor(person)


def is_required_of(person: Person) -> bool:
    if settings.REQUIRE_MFA == "nobody":
        return False
    return person.administers or settings.REQUIRE_MFA != "administrators"
