"""/metrics: for monitoring on this machine, or for whoever has the token."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

from kb.metrics.library import Library

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Via")
"""Headers by which a proxy on this machine gives itself away: through it anybody may come."""


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        raise Http404
    library = CollectorRegistry()
    library.register(Library())
    return HttpResponse(
        generate_latest(REGISTRY) + generate_latest(library), content_type=CONTENT_TYPE_LATEST
    )


def may_read(request: HttpRequest) -> bool:
    """With a token in the settings only whoever sends it; without one only programs of this machine.

    Where the settings speak of a proxy there is no telling these from others.
    """
    if settings.METRICS_TOKEN:
        sent = request.headers.get("Authorization", "")
        return constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}")
    told_of = settings.HTTPS or settings.CSRF_TRUSTED_ORIGINS
    proxied = told_of or any(name in request.headers for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not proxied
