"""How a parsed document crosses from the child process: as JSON, checked field by field, for it may be hostile."""

import json
from dataclasses import asdict
from typing import Any

from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed

LONGEST_TITLE = 300
"""Characters; longer ones are cut."""
MOST_HIDDEN, LONGEST_HIDDEN = 100, 500
"""Pieces of hidden text, and characters of each; what is beyond is left out."""


class Malformed(ValueError):
    """The child sent something that is not a parsed document."""


def pack(parsed: Parsed) -> bytes:
    return json.dumps(asdict(parsed), ensure_ascii=False).encode("utf-8", "replace")


def unpack(data: bytes) -> Parsed:
    """The document.

    Raises:
        Malformed: a field is missing or of another type.
    """
    try:
        return _parsed(json.loads(data))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Malformed("The parser sent something that is not a document.") from error


def _parsed(raw: Any) -> Parsed:
    return Parsed(
        elements=tuple(_element(each) for each in _list(raw["elements"])),
        parser=_text(raw["parser"]),
        title=None if raw["title"] is None else _text(raw["title"])[:LONGEST_TITLE],
        pages=_count(raw["pages"]),
        language=None if raw["language"] is None else _text(raw["language"])[:2],
        warnings=tuple(_text(each) for each in _list(raw["warnings"])),
        hidden=tuple(_hidden(each) for each in _list(raw["hidden"])[:MOST_HIDDEN]),
    )


def _element(raw: Any) -> Element:
    return Element(Kind(raw["kind"]), _text(raw["text"]), _count(raw["page"]), _count(raw["level"]))


def _hidden(raw: Any) -> Hidden:
    return Hidden(Hiding(raw["how"]), _text(raw["text"])[:LONGEST_HIDDEN], _count(raw["page"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {type(value).__name__}")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, not {type(value).__name__}")
    return value


def _count(value: Any) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise TypeError("expected a count")
    return value
