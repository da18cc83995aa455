"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

from kb.api import api, pages
from kb.metrics.page import metrics
from kb.openai_api import api as openai_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kb.portal.urls")),
    path("", include("kb.signin.urls")),
    path("console/", include("kb.console.urls")),
    path("api/v1/", api.urls),
    path("v1/", openai_api.urls),
    path("api/docs", pages.docs, name="api-docs"),
    path("api/problems/", pages.problems, name="api-problems"),
    path("api/problems/<slug:code>", pages.problem, name="api-problem"),
    path("metrics", metrics, name="metrics"),
]
