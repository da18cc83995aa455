"""The API's own description, arranged for a page: sections of routes, each with its examples."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Description = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """`place` is path, query or header."""

    name: str
    place: str
    required: bool
    description: SafeString


@dataclass(frozen=True, slots=True)
class Example:
    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    words: str
    example: Example | None


@dataclass(frozen=True, slots=True)
class Route:
    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: Sequence[Parameter]
    body: Example | None
    replies: Sequence[Reply]
    problems: Sequence[int]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    description: str
    routes: Sequence[Route]


def prose(text: str) -> SafeString:
    """A description's paragraphs as HTML: of Markdown it has nothing but `code`."""
    return format_html_join("", "<p>{}</p>", ((_inline(each),) for each in text.split("\n\n")))


def sections(schema: Description) -> list[Section]:
    """In the order of the schema's tags; those that it does not describe come last."""
    routes: dict[str, list[Route]] = {}
    described = {tag["name"]: tag["description"] for tag in schema["tags"]}
    for path, method, operation in _operations(schema):
        routes.setdefault(operation.get("tags", [""])[0], []).append(_route(path, method, operation))
    names = [
        *(name for name in described if name in routes),
        *(name for name in routes if name not in described),
    ]
    return [Section(name, described.get(name, ""), routes[name]) for name in names]


def _inline(paragraph: str) -> SafeString:
    pieces = enumerate(paragraph.split("`"))
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", piece) if place % 2 else piece,) for place, piece in pieces),
    )


def _operations(schema: Description) -> Iterator[tuple[str, str, Description]]:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _route(path: str, method: str, operation: Description) -> Route:
    replies = operation["responses"].items()
    return Route(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=prose(operation.get("description", "")),
        parameters=[
            Parameter(each["name"], each["in"], each["required"], _inline(each.get("description", "")))
            for each in operation["parameters"]
        ],
        body=_example(operation.get("requestBody", {})),
        replies=[
            Reply(status, reply["description"], _example(reply)) for status, reply in replies if status < 400
        ],
        problems=sorted(status for status, _ in replies if status >= 400),
    )


def _example(body: Description) -> Example | None:
    """The first one that there is."""
    for media_type, media in body.get("content", {}).items():
        if "example" in media:
            return Example(media_type, _written(media["example"]))
    return None


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
