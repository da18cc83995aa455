"""Every failure of the API in one shape, with a sentence that a person can act on."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from kb import errors

log = logging.getLogger("strongroom.api")

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Problem:
    code: Annotated[str, Field(description="A word for programs.", examples=["not_found"])]
    message: Annotated[str, Field(description="A sentence for people.", examples=["There is nothing here."])]


@dataclass(frozen=True, slots=True)
class ErrorReply:
    error: Problem


@dataclass(frozen=True, slots=True)
class Meaning:
    """How an error of ours is told over HTTP."""

    status: HTTPStatus
    code: str


MEANINGS: Mapping[type, Meaning] = {
    errors.TooLarge: Meaning(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"),
    errors.Unreadable: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable"),
    errors.Rejected: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "rejected"),
    errors.ScopeMissing: Meaning(HTTPStatus.FORBIDDEN, "scope"),
    errors.Denied: Meaning(HTTPStatus.FORBIDDEN, "denied"),
    errors.RouteRefused: Meaning(HTTPStatus.FORBIDDEN, "route_refused"),
    errors.BudgetSpent: Meaning(HTTPStatus.TOO_MANY_REQUESTS, "budget_spent"),
    errors.TooManyRequests: Meaning(HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"),
    errors.Gone: Meaning(HTTPStatus.GONE, "gone"),
    errors.Unavailable: Meaning(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    errors.StrongroomError: Meaning(HTTPStatus.INTERNAL_SERVER_ERROR, "failed"),
}

HTTP_PROBLEMS = {
    400: Problem(
        "bad_request", "The body could not be read. Send valid JSON, or a form where a file goes along."
    ),
    401: Problem("signed_out", "Sign in, or send a valid API key as “Authorization: Bearer srm_…”."),
    403: Problem("csrf", "The CSRF token is missing or wrong. Send it as X-CSRFToken, or use an API key."),
    405: Problem("method_not_allowed", "This address does not take that method."),
    429: Problem(
        "too_many_requests", "You sent too many requests. Wait as many seconds as Retry-After says."
    ),
}
NOTHING_HERE = Problem("not_found", "There is nothing here, or nothing that you may see.")
TOO_LARGE = Problem("too_large", "The request is too large. Send less text, or upload it as a document.")
OUR_FAULT = Problem(
    "failed", "Something went wrong on our side. Try again; if it stays, tell an administrator."
)

UNREADABLE_REQUESTS: tuple[type[Exception], ...] = (
    SuspiciousOperation,
    MultiPartParserError,
    UnreadablePostError,
)
"""What Django raises when a body breaks its limits or off."""


def error_replies(*statuses: int) -> dict[int, type[ErrorReply]]:
    """For a route's declaration: that these statuses, and those that any route may have, are errors."""
    return dict.fromkeys(sorted({401, 403, 429, 500, *statuses}), ErrorReply)


def problem_of(error: errors.StrongroomError) -> Problem:
    return Problem(_meaning(error).code, str(error))


def tell_errors(api: NinjaAPI) -> None:
    """Makes the API tell every error in our shape."""
    api.add_exception_handler(errors.StrongroomError, _strongroom_error)
    api.add_exception_handler(ValidationError, _validation_error)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Http404, _not_found)
    for kind in UNREADABLE_REQUESTS:
        api.add_exception_handler(kind, _unreadable_request)
    api.add_exception_handler(Exception, _our_fault)


def told_in_json(view: View) -> View:
    """The view, with what the framework would answer as plain text told in our shape."""

    @wraps(view)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as error:
            return _not_found(request, error)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        told = _tell(405, HTTP_PROBLEMS[405])
        told["Allow"] = response["Allow"]
        return told

    return telling


def unknown_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    return _tell(404, NOTHING_HERE)


def _meaning(error: errors.StrongroomError) -> Meaning:
    return next(MEANINGS[kind] for kind in type(error).__mro__ if kind in MEANINGS)


def _tell(status: int, problem: Problem) -> HttpResponse:
    return JsonResponse(asdict(ErrorReply(problem)), status=status)


def _strongroom_error(request: HttpRequest, error: Any) -> HttpResponse:
    response = _tell(_meaning(error).status, problem_of(error))
    if isinstance(error, errors.TooMuch):
        response["Retry-After"] = str(error.seconds)
    return response


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    status = HTTPStatus(error.status_code)
    response = _tell(status, HTTP_PROBLEMS.get(status, Problem(status.name.lower(), str(error))))
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return _tell(404, NOTHING_HERE)


def _unreadable_request(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return _tell(413, TOO_LARGE)
    return _tell(400, HTTP_PROBLEMS[400])


def _validation_error(request: HttpRequest, error: Any) -> HttpResponse:
    sentences = dict.fromkeys(_sentence(fault) for fault in error.errors)
    return _tell(422, Problem("invalid", " ".join(sentences)))


def _our_fault(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _tell(500, OUR_FAULT)


def _sentence(fault: Mapping[str, Any]) -> str:
    """pydantic's “Input should be less than or equal to 100” → “limit” should be less than or equal to 100."""
    name, message = fault["loc"][-1], str(fault["msg"])
    match fault["type"]:
        case "missing":
            return f"“{name}” is missing."
        case "value_error":
            return message.removeprefix("Value error, ")
    named = re.sub(r"^(Input|String|Value|File)\b", f"“{name}”", message)
    return f"{named}." if named != message else f"“{name}”: {message}."
