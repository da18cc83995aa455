"""What a call can fail with: RFC 9457 problems, as exceptions."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx


class Problem(Exception):
    """The call was not done. `code` is a word for programs, `detail` a sentence for people.

    `errors` says of each field what is wrong with it, where fields are.
    """

    def __init__(
        self, status: int, code: str, detail: str, errors: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors


class SignedOut(Problem):
    """401: the key is wrong, or has ended."""


class Forbidden(Problem):
    """403: the person, or the key, may see it but not do this."""


class NotFound(Problem):
    """404: it does not exist, or not for this person."""


class Conflict(Problem):
    """409 and 412: it was changed meanwhile, or the same call is still being answered."""


class Refused(Problem):
    """Any other 4xx: what was sent cannot be taken. The detail says what to change."""


class TooManyRequests(Problem):
    """429, after all retries."""


class Away(Problem):
    """5xx, after all retries: the same call may succeed later."""


class Unreachable(Problem):
    """No reply came at all. Whether it was done is not known, unless the call is made again."""

    def __init__(self, error: httpx.TransportError) -> None:
        super().__init__(0, "unreachable", f"Strongroom cannot be reached: {error!r}. Check the address.")


KINDS: Mapping[int, type[Problem]] = {
    HTTPStatus.UNAUTHORIZED: SignedOut,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.PRECONDITION_FAILED: Conflict,
    HTTPStatus.TOO_MANY_REQUESTS: TooManyRequests,
}


def problem_of(response: httpx.Response) -> Problem:
    """What a reply of 4xx or 5xx, whose body was read, is told as."""
    try:
        said = response.json()
    except ValueError:
        said = {}
    return problem_in(said if isinstance(said, Mapping) else {}, response.status_code)


def problem_in(said: Mapping[str, Any], status: int = HTTPStatus.INTERNAL_SERVER_ERROR) -> Problem:
    """`said` is a problem's JSON; a status in it comes first."""
    status = int(said.get("status", status))
    kind = KINDS.get(status, Away if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused)
    detail = str(said.get("detail") or f"The server answered {status}.")
    return kind(status, str(said.get("code", "unknown")), detail, tuple(said.get("errors") or ()))
