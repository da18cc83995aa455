"""Signing in, and how the pages look to this browser."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from kb.models import Person
from kb.people.sessions import end_sessions
from kb.signin.accounts import enter
from kb.signin.doors import doors, towards_companies
from kb.signin.permission import may_sign_in

THEMES = ("light", "dark")
YEAR = 365 * 24 * 60 * 60  # seconds


@method_decorator(towards_companies, name="dispatch")
class SignIn(LoginView):
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A fragment whose session ran out must not put this page into the middle of another one.
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        return enter(self.request, form.get_user(), self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(doors=doors(), **kwargs)


class ChoosePassword(PasswordResetConfirmView):
    """Where the link of an administrator leads. It works once, for a few days, and not for a suspended account or a
    service."""

    template_name = "registration/choose_password.html"
    success_url = reverse_lazy("sign-in")

    def get_user(self, uidb64: str) -> Person | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, Person) and may_sign_in(user) else None

    def form_valid(self, form: "SetPasswordForm[Person]") -> HttpResponse:
        messages.success(self.request, _("Your password is set. Sign in with it."))
        end_sessions(form.user)
        return super().form_valid(form)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice between light and dark in a cookie; any other word leaves it to the system."""
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    response = redirect(back if safe else "ask")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme")
    return response
