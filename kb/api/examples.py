"""A JSON schema → a value that fits it, made of the examples that its fields give."""

from collections.abc import Mapping
from typing import Any

BY_FORMAT: Mapping[str, str] = {
    "uuid": "0d6a4d2e-0c0f-4a3e-9d55-6a1a4f1f7c11",
    "date-time": "2026-01-31T09:30:00Z",
    "date": "2026-01-31",
    "binary": "",
}
BY_TYPE: Mapping[str, Any] = {"string": "", "integer": 1, "number": 1.0, "boolean": False, "null": None}

Schema = Mapping[str, Any]


def example_of(schema: Schema, schemas: Schema) -> Any:
    """`schemas` are those that a `$ref` names."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    for key in ("example", "const", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example_of(schema[key][0], schemas)
    return _by_type(schema, schemas)


def _by_type(schema: Schema, schemas: Schema) -> Any:
    match schema.get("type"):
        case "object":
            properties: Schema = schema.get("properties", {})
            return {name: example_of(each, schemas) for name, each in properties.items()}
        case "array":
            return [example_of(schema["items"], schemas)] if "items" in schema else []
        case kind:
            return BY_FORMAT.get(schema.get("format", "")) or BY_TYPE.get(str(kind), "")
