"""XML: no entities of its own, and not deeper than a person writes."""

from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from ingestion.parse.bounds import Bounds
from kb.errors import Unreadable

BLOCK = 256 * 1024
"""Bytes."""
MARKUP = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx", ".vml")


def is_markup(name: str) -> bool:
    """Whether a part of a package is read as XML."""
    return name.lower().endswith(MARKUP)


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    examiner = Examiner(bounds)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            examiner.feed(block)
    return ()


class Examiner:
    """Reads XML block by block and keeps nothing. What is not well-formed is left to its parser.

    Whatever an entity is for (a bomb that grows, a file of this machine, an address), it has to be declared first.
    """

    def __init__(self, bounds: Bounds, *, deep: bool = True) -> None:
        """`deep` is whether depth counts: it takes a second for each million elements."""
        self._most = bounds.depth
        self._depth = 0
        self._broken = False
        self._parser = ParserCreate()
        self._parser.EntityDeclHandler = _refuse_entity
        if deep:
            self._parser.StartElementHandler = self._start
            self._parser.EndElementHandler = self._end

    def feed(self, block: bytes) -> None:
        """
        Raises:
            Unreadable: it declares an entity, or is too deep.
        """
        if self._broken:
            return
        try:
            self._parser.Parse(block)
        except ExpatError:
            self._broken = True

    def _start(self, _name: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth > self._most:
            raise Unreadable(
                f"Its parts are nested more than {self._most} levels deep, which no editor does. "
                "Save it anew in the program that made it."
            )

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _refuse_entity(*_declared: object) -> None:
    raise Unreadable(
        "It declares XML entities of its own, which can read other files or grow without end. "
        "Save it anew without them."
    )
