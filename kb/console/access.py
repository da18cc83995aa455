"""Who comes in here: administrators. To anybody else these pages do not exist."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse

from kb.visitor import PersonRequest

View = Callable[[PersonRequest], HttpResponse]


def administrators_only(view: View) -> View:
    @login_required
    @wraps(view)
    def guarded(request: PersonRequest) -> HttpResponse:
        if not request.user.administers:
            raise Http404
        return view(request)

    return guarded
