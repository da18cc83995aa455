"""PowerPoint's binary format (97 to 2003): titles, text and notes of each slide, by [MS-PPT].

xberg reads the format too, and loses the first text of slides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct

from ingestion.parse import clean
from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from kb.errors import Unreadable

STREAM, CURRENT_USER = "PowerPoint Document", "Current User"
HEADER = Struct("<HHI")
"""Version with instance, type, length of what follows: [MS-PPT] 2.3.1."""
CURRENT = Struct("<12xII")
"""Token and offset of the last edit: 2.3.2."""
EDIT = Struct("<16xIIII")
"""Offsets of the edit before and of the directory, and the document's id, of a UserEditAtom: 2.3.3."""
ENCRYPTED = 0xF3D1C4DF
CONTAINER = 0xF
"""The version of records that hold records."""

LIST, LISTED = 0x0FF0, 0x03F3
TEXT_KIND, CHARACTERS, BYTES, OUTLINE_TEXT = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
SHOW_INFO, NOTES_ATOM = 0x03F9, 0x03F1
"""Types of records: 2.13.24."""
SLIDES, NOTES = 0, 2
"""Instances of lists: 2.4.14."""
TITLES, NOTES_TEXT = frozenset({0, 6}), 2
"""Kinds of text: 2.13.33."""
IS_HIDDEN = 0x04
FIELD = "*"
"""Stands for a page number, a date or a footer that a layout fills."""


@dataclass(frozen=True, slots=True)
class Record:
    type: int
    instance: int
    holds_records: bool
    data: bytes

    @property
    def number(self) -> int:
        return int.from_bytes(self.data[:4], "little")

    def within(self) -> "Iterator[Record]":
        """All records inside, each before what it holds."""
        for record in _records(self.data):
            yield record
            if record.holds_records:
                yield from record.within()


@dataclass(frozen=True, slots=True)
class Text:
    kind: int
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A slide or its notes in a list of the document, with the texts that the list keeps for it."""

    place: int
    id: int
    texts: list[Text] = field(default_factory=list)


class OldSlides:
    fingerprint = "ppt-1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from olefile import OleFileIO

        with OleFileIO(path) as file:
            stream = file.openstream(STREAM).read()
            token, last_edit = CURRENT.unpack_from(file.openstream(CURRENT_USER).read())
            title = file.get_metadata().title or b""
        if token == ENCRYPTED:
            raise Unreadable("It is protected by a password. Save it without one and upload it again.")
        slides = list(_slides(stream, last_edit))
        elements = [element for slide in slides for element in slide.elements]
        hidden = {slide.number for slide in slides if slide.is_hidden}
        return Parsed(
            elements=tuple(each for each in elements if each.page not in hidden),
            parser=self.fingerprint,
            title=title.decode("utf-8", "replace"),
            pages=len(slides),
            warnings=tuple(f"Slide {number} is hidden and was left out." for number in sorted(hidden)),
            hidden=tuple(
                Hidden(Hiding.SLIDE, each.text, each.page) for each in elements if each.page in hidden
            ),
        )


@dataclass(frozen=True, slots=True)
class OldSlide:
    number: int
    elements: tuple[Element, ...]
    is_hidden: bool


def _slides(stream: bytes, last_edit: int) -> Iterator[OldSlide]:
    places, document = _directory(stream, last_edit)
    lists = {
        record.instance: list(_listed(record))
        for record in _at(stream, document).within()
        if record.type == LIST
    }
    notes = dict(_notes(_at(stream, places[each.place])) for each in lists.get(NOTES, ()))
    for number, each in enumerate(lists.get(SLIDES, ()), start=1):
        slide = _at(stream, places[each.place])
        elements = [element for text in _texts(slide, each.texts) for element in _elements(text, number)]
        if said := notes.get(each.id):
            elements.append(Element(Kind.PARAGRAPH, f"Notes: {said}", number))
        # Titles first, wherever they were drawn.
        elements.sort(key=lambda element: element.kind is not Kind.HEADING)
        is_hidden = any(record.type == SHOW_INFO and record.data[10] & IS_HIDDEN for record in slide.within())
        yield OldSlide(number, tuple(elements), is_hidden)


def _directory(stream: bytes, offset: int) -> tuple[dict[int, int], int]:
    """Where each part of the document stands, the newest first, and where the document itself does."""
    places: dict[int, int] = {}
    document = None
    while offset:
        before, directory, document_id, _ = EDIT.unpack_from(stream, offset)
        document = document_id if document is None else document
        data = _at(stream, directory).data
        position = 0
        while position < len(data):
            head = int.from_bytes(data[position : position + 4], "little")
            first, count = head & 0xFFFFF, head >> 20
            for number in range(count):
                position += 4
                places.setdefault(first + number, int.from_bytes(data[position : position + 4], "little"))
            position += 4
        # An edit follows what it changes, so that this ends.
        offset = before if before < offset else 0
    return places, places[document or 0]


def _at(stream: bytes, offset: int) -> Record:
    return next(_records(stream[offset:]))


def _records(data: bytes) -> Iterator[Record]:
    position = 0
    while position + HEADER.size <= len(data):
        head, kind, length = HEADER.unpack_from(data, position)
        start = position + HEADER.size
        yield Record(kind, head >> 4, head & 0xF == CONTAINER, data[start : start + length])
        position = start + length


def _listed(records: Record) -> Iterator[Listed]:
    current: Listed | None = None
    kind = 0
    for record in _records(records.data):
        if record.type == LISTED:
            if current:
                yield current
            current = Listed(record.number, int.from_bytes(record.data[12:16], "little"))
        elif current and record.type == TEXT_KIND:
            kind = record.number
        elif current and record.type in {CHARACTERS, BYTES}:
            current.texts.append(Text(kind, _decoded(record)))
    if current:
        yield current


def _texts(slide: Record, outline: list[Text]) -> Iterator[Text]:
    """The texts of a slide as they were drawn; some stand in the list and are only referred to."""
    kind = 0
    for record in slide.within():
        if record.type == TEXT_KIND:
            kind = record.number
        elif record.type in {CHARACTERS, BYTES}:
            yield Text(kind, _decoded(record))
        elif record.type == OUTLINE_TEXT and record.number < len(outline):
            yield outline[record.number]


def _notes(record: Record) -> tuple[int, str]:
    """The id of the slide that they belong to, and what they say."""
    slide = next(each.number for each in record.within() if each.type == NOTES_ATOM)
    said = [text.text for text in _texts(record, []) if text.kind == NOTES_TEXT]
    return slide, clean.tidy("\n".join(said))


def _elements(text: Text, number: int) -> Iterator[Element]:
    if text.text == FIELD:
        return
    if text.kind in TITLES:
        yield Element(Kind.HEADING, clean.flow(text.text), number, level=1)
        return
    for line in text.text.splitlines():
        if said := clean.tidy(line):
            yield Element(Kind.PARAGRAPH, said, number)


def _decoded(record: Record) -> str:
    """Paragraphs end with a carriage return, lines with a vertical tab."""
    encoding = "utf-16-le" if record.type == CHARACTERS else "latin-1"
    return record.data.decode(encoding, errors="replace").replace("\r", "\n").replace("\v", "\n")
