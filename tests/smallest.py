"""A JSON schema → the smallest value that it takes."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

TEXTS = {"uuid": lambda: str(uuid4()), "date": lambda: "2026-01-01", "date-time": lambda: "2026-01-01T00:00Z"}


def smallest(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """`document` is the OpenAPI document, in which references are looked up. An example is taken where there is one."""
    if "$ref" in schema:
        return smallest(_referred(schema["$ref"], document), document)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return smallest(schema[several][0], document)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, document)


def _of_type(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            properties, required = schema.get("properties", {}), schema.get("required", ())
            return {name: smallest(properties[name], document) for name in required}
        case "array":
            return [smallest(schema["items"], document)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "string" if schema.get("format") == "binary":
            return SimpleUploadedFile("small.txt", b"A file of a test.")
        case "string":
            return TEXTS.get(schema.get("format", ""), lambda: "x" * max(1, schema.get("minLength", 1)))()
    return None


def _referred(reference: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found
