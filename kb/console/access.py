"""Who comes in here: administrators. To anybody else these pages do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase

from kb.visitor import PersonRequest

Address = ParamSpec("Address")
View = Callable[Concatenate[PersonRequest, Address], HttpResponseBase]


def administrators_only(view: View[Address]) -> View[Address]:
    @login_required
    @wraps(view)
    def guarded(request: PersonRequest, /, *args: Address.args, **kwargs: Address.kwargs) -> HttpResponseBase:
        if not request.user.administers:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
