"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

from kb.api import pages
from kb.metrics.page import metrics


class Later(URLResolver):
    """Like `include`, for addresses that take a second to load: that waits until somebody asks for one of them."""

    def __init__(self, route: str, module: str, *, namespace: str) -> None:
        super().__init__(RoutePattern(route), module, app_name=namespace, namespace=namespace)

    def _populate(self) -> None:
        """Django asks for all names as soon as one is looked up; for those of a namespace it asks once more."""


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kb.portal.urls")),
    path("", include("kb.signin.urls")),
    path("console/", include("kb.console.urls")),
    Later("api/v1/", "kb.api.urls", namespace="api"),
    Later("v1/", "kb.openai_api.urls", namespace="openai"),
    path("api/docs", pages.docs, name="api-docs"),
    path("api/problems/", pages.problems, name="api-problems"),
    path("api/problems/<slug:code>", pages.problem, name="api-problem"),
    path("metrics", metrics, name="metrics"),
]
