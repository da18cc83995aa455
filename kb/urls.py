"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

from kb.api import api, pages
from kb.metrics.page import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kb.portal.urls")),
    path("console/", include("kb.console.urls")),
    path("api/v1/", api.urls),
    path("api/docs", pages.docs, name="api-docs"),
    path("api/problems/", pages.problems, name="api-problems"),
    path("api/problems/<slug:code>", pages.problem, name="api-problem"),
    path("metrics", metrics, name="metrics"),
]
