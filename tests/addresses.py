"""Every address of the site, as Django's resolver and the API's schema know it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from kb.api.urls import api
from kb.openai_api.urls import api as openai_api
from tests.smallest import smallest

PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
GROUP = re.compile(r"\(\?P(?P<name><\w+>)[^)]*\)")
"""A parameter, in an address that is written as a regular expression."""
UNLIKE: Mapping[str, Callable[[], object]] = {
    "uuid": uuid4,
    "uuidstr": uuid4,
    "int": lambda: 987_654_321,
    "slug": lambda: "person",
    "str": lambda: "nothing",
    "path": lambda: "nothing",
}
"""By the kind of a parameter: what nothing is called."""
APIS = (api, openai_api)
ROOTS = ("api/v1/", "v1/")
"""Where they answer nobody: they are for whatever is not there, and for Ninja to make addresses from."""


@dataclass(frozen=True)
class Address:
    """`path` is as in urls.py: “documents/<uuid:pk>/”."""

    name: str
    path: str

    @property
    def template(self) -> str:
        """As the API's schema has it: “/documents/{pk}/”."""
        return "/" + PARAMETER.sub(r"{\g<name>}", self.path)

    @property
    def places(self) -> list[str]:
        """What stands before each parameter, with stars for the others: “documents/*/file”."""
        found = PARAMETER.finditer(self.path)
        return [PARAMETER.sub("*", self.path[: each.start()]).strip("/") for each in found]

    def of(self, values: Sequence[object]) -> str:
        rest = iter(values)
        return "/" + PARAMETER.sub(lambda _: str(next(rest)), self.path)

    def of_nothing(self) -> str:
        return self.of([UNLIKE[each["kind"] or "str"]() for each in PARAMETER.finditer(self.path)])


@dataclass(frozen=True)
class Operation:
    """One of the API's. `query` and `body` are the smallest that its schema takes; a body of None is none."""

    name: str
    method: str
    address: Address
    query: Mapping[str, object] = field(hash=False)
    body: Mapping[str, object] | None = field(hash=False)
    media_type: str


def pages() -> list[Address]:
    """All addresses with a name, but for the operations of the APIs."""
    described = {path for each in APIS for path in each.get_openapi_schema()["paths"]}
    named = (each for each in _addresses() if each.name and each.path not in ROOTS)
    return [each for each in named if each.template not in described]


def nameless() -> list[str]:
    """Paths without a name, which no verb can be given to."""
    return [each.path for each in _addresses() if not each.name and each.path not in ROOTS]


def operations() -> list[Operation]:
    known = {each.template: each for each in _addresses()}
    return [
        _operation(known[path], method, described, schema)
        for schema in (each.get_openapi_schema() for each in APIS)
        for path, methods in schema["paths"].items()
        for method, described in methods.items()
    ]


def hidden_operations() -> list[str]:
    """Those that their schemas conceal."""
    routers = (router for each in APIS for _prefix, router in each._routers)
    views = (view for router in routers for view in router.path_operations.values())
    return [
        each.view_func.__name__ for view in views for each in view.operations if not each.include_in_schema
    ]


def _addresses() -> Iterator[Address]:
    yield from _below(get_resolver(), "", "")


def _below(resolver: URLResolver, path: str, namespace: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        below = path + _route(each)
        if isinstance(each, URLPattern):
            yield Address(f"{namespace}{each.name}" if each.name else "", below)
        else:
            yield from _below(each, below, f"{namespace}{each.namespace}:" if each.namespace else namespace)


def _route(part: URLPattern | URLResolver) -> str:
    if not isinstance(part.pattern, RegexPattern):
        return str(part.pattern)
    return GROUP.sub(r"\g<name>", str(part.pattern)).strip("^$")


def _operation(address: Address, method: str, described: Mapping[str, Any], schema: Any) -> Operation:
    body, media_type = None, ""
    if content := described.get("requestBody", {}).get("content"):
        media_type, taken = next(iter(content.items()))
        body = smallest(taken["schema"], schema)
    query = {
        each["name"]: smallest(each["schema"], schema)
        for each in described["parameters"]
        if each["in"] == "query" and each.get("required")
    }
    return Operation(described["operationId"], method.upper(), address, query, body, media_type)
