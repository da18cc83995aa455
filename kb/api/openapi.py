"""What holds for every route, written into its description: examples, problems, ETags, fields and idempotency keys."""

from collections.abc import Iterator, Mapping
from typing import Any

from ninja.openapi.schema import OpenAPISchema
from pydantic import TypeAdapter

from kb.api.examples import example_of
from kb.api.idempotency import CHARACTERS, HEADER
from kb.api.problems import MEDIA_TYPE, Problem
from kb.api.sparse import FIELDS, ITEMS
from kb.models.idempotency import LONGEST_KEY
from kb.resumable import PART

JSON = "application/json"
SCHEMAS = "#/components/schemas/"
PROBLEM = {"$ref": f"{SCHEMAS}Problem"}
WITHOUT_BODY = 416
"""What the server of files answers to a range that a file does not have."""
TAGS: Mapping[str, str] = {
    "Documents": "Bring documents in, list them, follow them, and change what is said of them.",
    "Versions": "The files of a document, and what may be a new version of what.",
    "Chunks": "The passages that are searched and shown to models, and mending them.",
    "Bulk jobs": "One thing done with many documents, in the background.",
    "Uploads": "Many files, or large ones, sent in parts that go on after a lost connection (tus 1.0.0).",
    "Search": "Passages nearest to a query, without a language model.",
    "Answers": "Questions answered from the documents, with citations.",
    "Collections": "The shelves that documents stand on, and who may read and add there.",
    "Conversations": "One's questions and answers, and those that others share.",
    "Feedback": "What people think of answers, and complaints about documents.",
    "Keys": "The keys that programs come with, and services, which have nothing else.",
    "Account": "Where one is signed in, and with which second factors.",
    "Limits": "What people, groups and keys may use, and have used.",
    "Webhooks": "Addresses that are told of events.",
    "People": "Who one is; and, for administrators, accounts, groups and what each sees.",
    "Review": "Labels that wait for a person, and texts that speak to language models.",
    "Tags and categories": "What documents are sorted by.",
    "Jobs": "What is being read, and steering it.",
    "Ledger": "What was sent to which model, with proof that no row was changed.",
    "Boundary": "What may leave, and by which rule.",
    "Reveals": "Opening a document that one may not read, for a reason that its owner is told.",
    "Quality": "Golden questions, their runs, and questions without a good answer.",
    "Health and numbers": "Whether each part works, and what was done from day to day.",
}

Description = dict[str, Any]


class UniqueNames(OpenAPISchema):
    """The framework's description, which would let one schema overwrite another of the same name."""

    def add_schema_definitions(self, definitions: Description) -> None:
        for name, schema in definitions.items():
            if self.schemas.setdefault(name, schema) != schema:
                raise RuntimeError(
                    f"Two schemas are called {name}. Rename one, or write an enum out with one_of."
                )


def described(schema: OpenAPISchema) -> OpenAPISchema:
    """The framework's description, in place, with what it does not know."""
    schemas = schema["components"]["schemas"]
    schemas |= _schemas_of_problems()
    for method, operation in _operations(schema):
        for parameter in operation["parameters"]:
            _mend_examples(parameter)
        _tell_problems(operation)
        if "requestBody" in operation:
            operation["responses"].setdefault(400, _problem("Bad Request"))
        if method == "get" and JSON in _content(operation, 200):
            _tell_get(operation, schemas)
        if method == "post" and PART not in operation.get("requestBody", {}).get("content", {}):
            _tell_idempotency(operation)
        if 412 in operation["responses"] and method in ("put", "patch", "delete"):
            _tell_if_match(operation)
        _give_examples(operation, schemas)
    return schema


def _operations(schema: OpenAPISchema) -> Iterator[tuple[str, Description]]:
    for path in schema["paths"].values():
        yield from path.items()


def _content(operation: Description, status: int) -> Description:
    found: Description = operation["responses"].get(status, {}).get("content", {})
    return found


def _mend_examples(parameter: Description) -> None:
    """The framework gives a parameter the list of its schema, where OpenAPI wants a mapping."""
    if isinstance(examples := parameter.pop("examples", None), list):
        parameter["example"] = examples[0]


def _tell_problems(operation: Description) -> None:
    for status, response in operation["responses"].items():
        if status >= 400 and status != WITHOUT_BODY:
            response["content"] = {MEDIA_TYPE: {"schema": PROBLEM}}
    if 429 in operation["responses"]:
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        operation["responses"][429]["headers"] = {"Retry-After": seconds}


def _tell_get(operation: Description, schemas: Description) -> None:
    names = _fields(_content(operation, 200)[JSON]["schema"], schemas)
    if names:
        operation["parameters"].append(
            {
                "in": "query",
                "name": FIELDS,
                "required": False,
                "explode": False,
                "schema": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": names}},
                "description": "Less than all: the names of these fields, parted by commas.",
            }
        )
    operation["parameters"].append(_header("If-None-Match", "An ETag; 304 if it has not changed."))
    tag = {"description": "Of this very reply, for this person.", "schema": {"type": "string"}}
    operation["responses"][200]["headers"] = {"ETag": tag}
    operation["responses"][304] = {"description": "Not Modified"}
    operation["responses"].setdefault(412, _problem("Precondition Failed"))
    operation["responses"].setdefault(422, _problem("Unprocessable Entity"))


def _tell_idempotency(operation: Description) -> None:
    parameter = _header(
        HEADER, "A random UUID for each write: sent again with the same, it is not done again."
    )
    parameter["schema"] = {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_KEY,
        "pattern": f"^{CHARACTERS}+$",
    }
    operation["parameters"].append(parameter)
    for status, words in ((409, "Conflict"), (410, "Gone"), (422, "Unprocessable Entity")):
        operation["responses"].setdefault(status, _problem(words))


def _tell_if_match(operation: Description) -> None:
    operation["parameters"].append(
        _header("If-Match", "The ETag of what you looked at; 412 if somebody has changed it since.")
    )


def _give_examples(operation: Description, schemas: Description) -> None:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for body in bodies:
        for media in body.get("content", {}).values():
            if "example" not in media and media["schema"].get("format") != "binary":
                media["example"] = example_of(media["schema"], schemas)


def _fields(schema: Description, schemas: Description) -> list[str]:
    """Of a reply, or of the rows of a list."""
    properties: Description = _resolved(schema, schemas).get("properties", {})
    if ITEMS not in properties:
        return list(properties)
    return _fields(properties[ITEMS].get("items", {}), schemas)


def _resolved(schema: Description, schemas: Description) -> Description:
    found: Description = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _header(name: str, description: str) -> Description:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "schema": {"type": "string"},
        "description": description,
    }


def _schemas_of_problems() -> Description:
    """A problem's own, and those that it refers to."""
    problem = TypeAdapter(Problem).json_schema(ref_template=f"{SCHEMAS}{{model}}", mode="serialization")
    return {**problem.pop("$defs"), "Problem": problem}


def _problem(words: str) -> Description:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
