"""The addresses of signing in. Names with an underscore are django-allauth's, which goes by them."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST

from kb.signin import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/second/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/at/<slug:provider_id>/", require_POST(oidc.login), name="openid_connect_login"),
    path("sign-in/at/<slug:provider_id>/back/", oidc.callback, name="openid_connect_callback"),
    path("account/", pages.security, name="security"),
    path("account/", pages.security, name="mfa_index"),
    path("account/", pages.security, name="mfa_list_webauthn"),
    path("account/password/", pages.ChangePassword.as_view(), name="account_change_password"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/again/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/authenticator/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/authenticator/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/sessions/<int:pk>/end/", pages.session_end, name="session-end"),
    path("account/sessions/end/", pages.sessions_end, name="sessions-end"),
    path("account/at/<slug:kind>/disconnect/", pages.company_disconnect, name="company-disconnect"),
]
if apps.is_installed("allauth.socialaccount.providers.saml"):
    urlpatterns.append(path("sign-in/", include("allauth.socialaccount.providers.saml.urls")))
