"""Plain text, source code and tables of values, by the standard library."""

import csv
import re
from pathlib import Path

from ingestion.parse import clean
from ingestion.parse.decode import decoded
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.headings import level_of
from ingestion.parse.tables import pipe_table

BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
UNDERLINED = re.compile(r"(.+)\n([=\-~])\2{2,}")
BULLET = re.compile(r"\s*(?:[-*•·]|\d{1,3}[.)])\s+")
SAMPLE = 65_536
"""Characters that the dialect of a CSV file is guessed from."""

DELIMITERS = ",;\t|"
LONGEST_CELL = 2**31 - 1
"""Characters, instead of the module's own 128 KiB: the sandbox limits memory."""


class PlainText:
    fingerprint = "plain-1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        return self.read(decoded(path.read_bytes()))

    def read(self, text: str) -> Parsed:
        blocks = BLANK_LINES.split(clean.visible(text))
        elements = tuple(each for block in blocks if block.strip() for each in _elements(block.strip("\n")))
        return Parsed(elements=elements, parser=self.fingerprint)


class SourceCode:
    """A block for each run of lines without a blank one between them, with its indentation."""

    fingerprint = "code-1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        written = BLANK_LINES.split(clean.code(decoded(path.read_bytes())))
        elements = tuple(Element(Kind.CODE, block.rstrip()) for block in written if block.strip())
        return Parsed(elements=elements, parser=self.fingerprint)


class Values:
    fingerprint = "csv-1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        text = decoded(path.read_bytes())
        # It holds for the whole process, so that it must never become smaller for others.
        csv.field_size_limit(LONGEST_CELL)
        table = pipe_table(list(csv.reader(text.splitlines(keepends=True), _dialect(text))))
        elements = (Element(Kind.TABLE, table),) if table else ()
        return Parsed(elements=elements, parser=self.fingerprint)


def _elements(block: str) -> list[Element]:
    if underlined := UNDERLINED.fullmatch(block.strip()):
        return [Element(Kind.HEADING, clean.flow(underlined[1]), level=1 if underlined[2] == "=" else 2)]
    if level := level_of(block.strip()):
        return [Element(Kind.HEADING, clean.flow(block), level=level)]
    lines = block.splitlines()
    if len(lines) > 1 and all(BULLET.match(line) for line in lines):
        return [Element(Kind.LIST_ITEM, clean.tidy(line)) for line in lines]
    text = clean.tidy(block)
    return [Element(Kind.PARAGRAPH, text)] if text else []


def _dialect(text: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(text[:SAMPLE], DELIMITERS)
    except csv.Error:
        return csv.excel
