"""JSON and XML: what is the same in every record becomes a table, the rest lines of “name: value” under headings."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.parse import clean
from ingestion.parse.decode import decoded
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.sniff import XML
from ingestion.parse.tables import pipe_table
from kb.errors import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Xml

DEEPEST_HEADING = 6


@dataclass(frozen=True, slots=True)
class Node:
    """A named value: a text, or other values in their order. In a list, all have the list's name."""

    name: str
    text: str = ""
    children: tuple["Node", ...] = ()

    @property
    def is_record(self) -> bool:
        return bool(self.children) and not any(child.children for child in self.children)


class Records:
    fingerprint = "records-1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        data = path.read_bytes()
        root = _from_xml(data) if media_type == XML.media_type else _from_json(decoded(data))
        return Parsed(elements=tuple(_elements(root.children or (root,), 1)), parser=self.fingerprint)


def _from_json(text: str) -> Node:
    """Also one value a line, as in JSON Lines."""
    try:
        return _node("", json.loads(text))
    except ValueError:
        return _node(
            "", [_line(line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        )


def _line(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise Unreadable(
            f"It is not JSON: line {number} cannot be read. Mend it and upload it again."
        ) from error


def _node(name: str, value: Any) -> Node:
    match value:
        case dict():
            return Node(
                name, children=tuple(child for key, each in value.items() for child in _named(key, each))
            )
        case list():
            return Node(name, children=tuple(_node(name, each) for each in value))
        case str():
            return Node(name, value)
    return Node(name, "" if value is None else json.dumps(value))


def _named(name: str, value: Any) -> tuple[Node, ...]:
    """A list is its values, each with the list's name; a list of plain values is one of them."""
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return tuple(_node(name, each) for each in value)
    if isinstance(value, list):
        return (Node(name, ", ".join(_node("", each).text for each in value)),)
    return (_node(name, value),)


def _from_xml(data: bytes) -> Node:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities="internal", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return _element(etree.fromstring(data, parser))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"It is not well-formed XML ({error}). Mend it and upload it again.") from error


def _element(element: "Xml") -> Node:
    """An element whose text runs between its children, as in prose, is one text."""
    from lxml.etree import QName

    name = QName(element).localname
    attributes = tuple(Node(QName(key).localname, value) for key, value in element.items())
    is_prose = any((text or "").strip() for text in (element.text, *(child.tail for child in element)))
    if is_prose or not (len(element) or attributes):
        text = Node(name, "".join(element.itertext()))
        return Node(name, children=(*attributes, text)) if attributes else text
    return Node(name, children=(*attributes, *(_element(child) for child in element)))


def _elements(nodes: Sequence[Node], level: int) -> Iterator[Element]:
    """Runs of plain values are one paragraph, runs of records with one name a table; all else has a heading."""
    for (name, is_plain, is_record), group in groupby(nodes, key=_likeness):
        run = list(group)
        if is_plain:
            lines = [_said(node) for node in run if node.text.strip()]
            yield from _filled(Kind.PARAGRAPH, clean.tidy("\n".join(lines)))
        elif is_record and len(run) > 1:
            yield from _filled(Kind.HEADING, clean.flow(name), level)
            yield from _filled(Kind.TABLE, pipe_table(_rows(run)))
        else:
            for node in run:
                yield from _filled(Kind.HEADING, clean.flow(name), level)
                yield from _elements(node.children, min(level + 1, DEEPEST_HEADING))


def _likeness(node: Node) -> tuple[str, bool, bool]:
    return ("", True, False) if not node.children else (node.name, False, node.is_record)


def _filled(kind: Kind, text: str, level: int | None = None) -> Iterator[Element]:
    if text:
        yield Element(kind, text, level=level)


def _said(node: Node) -> str:
    return f"{node.name}: {node.text}" if node.name else node.text


def _rows(records: Sequence[Node]) -> list[list[str]]:
    """A column for each name, in the order in which they come up; what comes twice in a record shares its cell."""
    columns = list(dict.fromkeys(child.name for record in records for child in record.children))
    return [columns, *([_cell(record, column) for column in columns] for record in records)]


def _cell(record: Node, column: str) -> str:
    return ", ".join(child.text for child in record.children if child.name == column)
