"""“Security”: how somebody signs in, and where he is signed in."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import PasswordChangeView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kb.models import Event
from kb.people.notes import noted
from kb.people.sessions import end_session, end_sessions, sessions_of
from kb.signin.devices import device_of
from kb.signin.doors import doors, towards_companies
from kb.signin.second_factor import lacks_second_factor
from kb.visitor import PersonRequest


@never_cache
@login_required
@towards_companies
@require_safe
def security(request: PersonRequest) -> HttpResponse:
    factors = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    codes = next((each for each in factors if each.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "app": next((each for each in factors if each.type == Authenticator.Type.TOTP), None),
        "passkeys": [each for each in factors if each.type == Authenticator.Type.WEBAUTHN],
        "codes": codes and len(codes.wrap().get_unused_codes()),
        "sessions": [(each, device_of(each.user_agent)) for each in sessions_of(request.user)],
        "doors": doors(),
        "connected": set(SocialAccount.objects.filter(user=request.user).values_list("provider", flat=True)),
        "lacks_second_factor": lacks_second_factor(request),
    }
    return render(request, "account/security.html", context)


class ChangePassword(PasswordChangeView):
    """The other sessions end with the old password."""

    success_url = reverse_lazy("security")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Django-allauth would lead to a page that lets him choose a first one, and there is none here.
        if request.user.is_authenticated and not request.user.has_usable_password():
            messages.error(request, _("You have no password here. Ask an administrator for a password link."))
            return redirect("security")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        end_sessions(self.request.user, but=self.request.session.session_key)
        return response


@login_required
@require_POST
def session_end(request: PersonRequest, pk: int) -> HttpResponse:
    if not end_session(request.user, pk):
        raise Http404
    messages.success(request, _("The session has ended."))
    return redirect("security")


@login_required
@require_POST
def sessions_end(request: PersonRequest) -> HttpResponse:
    """Ends all but the one that asks."""
    end_sessions(request.user, but=request.session.session_key or "")
    messages.success(request, _("All other sessions have ended."))
    return redirect("security")


@login_required
@reauthentication_required
@require_POST
def company_disconnect(request: PersonRequest, kind: str) -> HttpResponse:
    """Only a person with a password can come back without it."""
    account = get_object_or_404(SocialAccount, user=request.user, provider=kind)
    if not request.user.has_usable_password():
        messages.error(request, _("It is your only way in. Ask an administrator for a password link first."))
        return redirect("security")
    account.delete()
    noted(request.user, Event.Verb.PERSON, f"Disconnected “{request.user.username}” from {_name(kind)}.")
    messages.success(request, _("Your account is no longer connected."))
    return redirect("security")


def _name(kind: str) -> str:
    company = settings.COMPANIES.get(kind)
    return company.name if company else kind
