"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

from kb.api import api
from kb.metrics.page import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kb.portal.urls")),
    path("", include("kb.signin.urls")),
    path("console/", include("kb.console.urls")),
    path("api/v1/", api.urls),
    path("metrics", metrics, name="metrics"),
]
