"""The site's addresses as they are where a SAML provider is configured."""

from django.urls import include, path

from kb import urls

urlpatterns = [*urls.urlpatterns, path("sign-in/", include("allauth.socialaccount.providers.saml.urls"))]
