"""A request as the signed-in pages see it."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

from kb.models import Person

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class PersonRequest(HttpRequest):
    """A request behind `login_required`: for type checkers only, nothing makes one."""

    user: Person
    htmx: "HtmxDetails"
