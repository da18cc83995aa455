"""Every failure in OpenAI's shape, so that its clients raise the errors that they raise for OpenAI."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from kb import errors

log = logging.getLogger("strongroom.api")

View = Callable[..., HttpResponse]

INVALID = "invalid_request_error"
SERVER = "server_error"


@dataclass(frozen=True, slots=True)
class Failure:
    """`param` names the field that is wrong: “messages[0].content”."""

    message: str
    type: str = INVALID
    param: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorReply:
    error: Failure


class WrongField(errors.Rejected):
    """A field has a value that cannot be taken."""

    def __init__(self, message: str, *, param: str) -> None:
        super().__init__(message)
        self.param = param


class UnknownModel(WrongField):
    """There is no such model, or none for this person."""

    def __init__(self, message: str) -> None:
        super().__init__(message, param="model")


@dataclass(frozen=True, slots=True)
class Meaning:
    """How an error of ours is told."""

    status: HTTPStatus
    code: str
    type: str = INVALID


MEANINGS: Mapping[type, Meaning] = {
    UnknownModel: Meaning(HTTPStatus.NOT_FOUND, "model_not_found"),
    errors.TooLarge: Meaning(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request_too_large"),
    errors.Rejected: Meaning(HTTPStatus.BAD_REQUEST, "invalid_value"),
    errors.Denied: Meaning(HTTPStatus.FORBIDDEN, "insufficient_permissions"),
    errors.RouteRefused: Meaning(HTTPStatus.FORBIDDEN, "route_refused"),
    errors.BudgetSpent: Meaning(HTTPStatus.TOO_MANY_REQUESTS, "insufficient_quota", "insufficient_quota"),
    errors.TooMuch: Meaning(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded", "requests"),
    errors.Unavailable: Meaning(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", SERVER),
    errors.StrongroomError: Meaning(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", SERVER),
}

HTTP_FAILURES = {
    400: Failure("The body is no JSON that can be read. Send a JSON object.", code="invalid_json"),
    401: Failure("Send a valid key as “Authorization: Bearer srm_…”.", code="invalid_api_key"),
}
OUR_FAULT = Failure(
    "Something went wrong on our side. Try again; if it stays, tell an administrator.",
    type=SERVER,
    code="failed",
)
TOO_LARGE = Failure("The request is too large. Send fewer or shorter messages.", code="request_too_large")


def failure_of(error: errors.StrongroomError) -> Failure:
    meaning = _meaning(error)
    param = error.param if isinstance(error, WrongField) else None
    return Failure(str(error), meaning.type, param, meaning.code)


def tell_errors(api: NinjaAPI) -> None:
    """Makes the API tell every error in OpenAI's shape."""
    api.add_exception_handler(errors.StrongroomError, _strongroom_error)
    api.add_exception_handler(ValidationError, _validation_error)
    api.add_exception_handler(HttpError, _http_error)
    for kind in (SuspiciousOperation, UnreadablePostError):
        api.add_exception_handler(kind, _unreadable_request)
    api.add_exception_handler(Exception, _our_fault)


def told_in_json(view: View) -> View:
    """The view, with what the framework would answer to a wrong method told in OpenAI's shape."""

    @wraps(view)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        told = _tell(405, _no_such_address(request))
        told["Allow"] = response["Allow"]
        return told

    return telling


def unknown_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    return _tell(404, _no_such_address(request))


def _no_such_address(request: HttpRequest) -> Failure:
    message = (
        f"There is no {request.method} {request.path} here. There are GET /v1/models, "
        "POST /v1/chat/completions and POST /v1/embeddings."
    )
    return Failure(message, code="unknown_url")


def _meaning(error: errors.StrongroomError) -> Meaning:
    return next(MEANINGS[kind] for kind in type(error).__mro__ if kind in MEANINGS)


def _tell(status: int, failure: Failure) -> HttpResponse:
    return JsonResponse(asdict(ErrorReply(failure)), status=status)


def _strongroom_error(request: HttpRequest, error: Any) -> HttpResponse:
    response = _tell(_meaning(error).status, failure_of(error))
    if isinstance(error, errors.TooMuch):
        response["Retry-After"] = str(error.seconds)
    return response


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    response = _tell(error.status_code, HTTP_FAILURES.get(error.status_code, Failure(str(error))))
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _unreadable_request(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return _tell(413, TOO_LARGE)
    return _tell(400, HTTP_FAILURES[400])


def _validation_error(request: HttpRequest, error: Any) -> HttpResponse:
    """The first fault, as OpenAI tells one at a time."""
    fault = error.errors[0]
    param = _param(fault["loc"][2:])  # After “body” and the argument's name.
    match fault["type"]:
        case "missing":
            return _tell(400, Failure(f"“{param}” is missing.", INVALID, param, "missing_required_parameter"))
        case "value_error":
            message = str(fault["msg"]).removeprefix("Value error, ")
        case "unsupported_parameter":
            return _tell(400, Failure(str(fault["msg"]), INVALID, param, "unsupported_parameter"))
        case _:
            message = f"“{param}”: {fault['msg']}."
    return _tell(400, Failure(message, INVALID, param, "invalid_value"))


def _param(place: tuple[str | int, ...]) -> str | None:
    """("messages", 0, "content") → “messages[0].content”."""
    name = ""
    for step in place:
        name += f"[{step}]" if isinstance(step, int) else f".{step}"
    return name.removeprefix(".") or None


def _our_fault(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _tell(500, OUR_FAULT)
