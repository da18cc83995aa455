"""When and from where a session was last seen, for the list of one's own sessions."""

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

EVERY = 5 * 60
"""Seconds: a row is written no oftener, because SQLite has one writer."""


class SeenMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> None:
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"seen:{key}", True, timeout=EVERY):
            UserSession.objects.create_from_request(request)
