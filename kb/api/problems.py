"""The kinds of problems that the API tells of (RFC 9457), and what each means. Their pages are at /api/problems/."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field

MEDIA_TYPE = "application/problem+json"
PAGES = "/api/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """`meaning` says to developers when it is told, and what to do about it."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "bad_request": Kind(
        HTTPStatus.BAD_REQUEST,
        "The body could not be read",
        "It is no valid JSON, no form, or broke off. Check the body and its Content-Type.",
    ),
    "signed_out": Kind(
        HTTPStatus.UNAUTHORIZED,
        "Nobody is signed in",
        "There is no session and no usable key. A key that was revoked or has expired, and the key of a person who "
        "is suspended, are told the same as one that never was.",
    ),
    "csrf": Kind(
        HTTPStatus.FORBIDDEN,
        "The CSRF token is missing",
        "A call with the portal's session has to send the CSRF token as X-CSRFToken, except with GET. Keys need none.",
    ),
    "denied": Kind(
        HTTPStatus.FORBIDDEN,
        "No right to do this",
        "The person, or the key, may see it but not do this. The detail says what is missing.",
    ),
    "scope": Kind(
        HTTPStatus.FORBIDDEN,
        "The key is not for this",
        "The key lacks the scope that the detail names, or no key at all may do this.",
    ),
    "route_refused": Kind(
        HTTPStatus.FORBIDDEN,
        "No model may read this",
        "The rules on what may leave allow no model for text of this label. Nothing was sent.",
    ),
    "not_found": Kind(
        HTTPStatus.NOT_FOUND,
        "Nothing here",
        "It does not exist, or not for this person: the two are told in the same words.",
    ),
    "method_not_allowed": Kind(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "Not by this method",
        "The address takes the methods that the Allow header names.",
    ),
    "overtaken": Kind(
        HTTPStatus.CONFLICT,
        "Somebody else was quicker",
        "It was changed while this change was made. Get it anew, and send what should stand.",
    ),
    "still_running": Kind(
        HTTPStatus.CONFLICT,
        "The same request is being answered",
        "A request with this Idempotency-Key has not ended yet. Wait a moment, and send it again.",
    ),
    "out_of_step": Kind(
        HTTPStatus.CONFLICT,
        "Another number of bytes has arrived",
        "Ask with HEAD how much of the file has arrived, and go on from there.",
    ),
    "gone": Kind(HTTPStatus.GONE, "No longer here", "It was here, and is no longer."),
    "changed": Kind(
        HTTPStatus.PRECONDITION_FAILED,
        "Changed since",
        "The ETag in If-Match is not that of what is there now. Get it anew, and decide again.",
    ),
    "wrong_protocol": Kind(
        HTTPStatus.PRECONDITION_FAILED,
        "Another protocol",
        "Resumable uploads speak tus 1.0.0. Say so in Tus-Resumable.",
    ),
    "too_large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Over a limit",
        "The file or the request is over a limit that the administrator has set.",
    ),
    "wrong_type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Another type of content",
        "A part of a file is sent as application/offset+octet-stream.",
    ),
    "invalid": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "A field is wrong",
        "`errors` names each field that is wrong, with a sentence on what is wrong with it.",
    ),
    "rejected": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "It cannot be taken",
        "The request was understood and cannot be done as it is. Sending it again unchanged will not help.",
    ),
    "key_reused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The key belongs to another request",
        "This Idempotency-Key came before with another method, address, body or access key. Make a new one for each.",
    ),
    "unreadable": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The file cannot be read",
        "It is broken, encrypted, empty, or not what its name says.",
    ),
    "busy": Kind(
        HTTPStatus.LOCKED,
        "Another request writes to it",
        "Wait a moment, and ask with HEAD how much of the file has arrived.",
    ),
    "too_many_requests": Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests",
        "Wait as many seconds as the Retry-After header says.",
    ),
    "budget_spent": Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "The budget is used up",
        "What the key, its person or a group may spend in tokens or money is spent. The detail says when it renews.",
    ),
    "damaged": Kind(
        460,
        "It arrived damaged",
        "What arrived does not match its checksum, and does not count. Send it again.",
    ),
    "no_room": Kind(
        HTTPStatus.INSUFFICIENT_STORAGE,
        "No room",
        "The disk is full, or cannot be written. Tell an administrator.",
    ),
    "failed": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Our fault",
        "Something went wrong here. `instance` is the number by which an administrator finds it in the log.",
    ),
    "unavailable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Away or busy",
        "A model, the index or the disk is away or busy. The same request may succeed later.",
    ),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    field: Annotated[str, Field(examples=["limit"])]
    message: Annotated[str, Field(examples=["“limit” should be less than or equal to 200."])]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as RFC 9457 has it, with `code` as a word for programs."""

    type: Annotated[str, Field(description="The page of its kind.", examples=["/api/problems/not_found"])]
    title: Annotated[str, Field(description="The kind in words.", examples=["Nothing here"])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[
        str,
        Field(
            description="A sentence for people.",
            examples=["There is nothing here, or nothing that you may see."],
        ),
    ]
    code: Annotated[str, Field(description="The kind for programs.", examples=["not_found"])]
    errors: Annotated[Sequence[FieldError], Field(description="Where `code` is “invalid”.")] = ()
    instance: Annotated[str, Field(description="Where `code` is “failed”: its number in the log.")] = ""

    def body(self) -> dict[str, Any]:
        """Without the members that say nothing."""
        return {name: value for name, value in asdict(self).items() if value not in ("", ())}


def problem(code: str, detail: str, *, errors: Sequence[FieldError] = (), instance: str = "") -> Problem:
    kind = KINDS[code]
    return Problem(PAGES + code, kind.title, int(kind.status), detail, code, tuple(errors), instance)
