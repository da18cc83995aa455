"""A source text, read from Markdown into the few kinds of block that every writer can set."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list; `number` is None in a list of bullets."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """All rows have the header's length."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """Written as a thematic break, `---`."""


Block = Heading | Paragraph | Item | Table | PageBreak


@dataclass(frozen=True, slots=True)
class Manuscript:
    """What a writer gets. `text` is the source as it stands; `blocks` is the same, read as Markdown."""

    title: str
    author: str
    written: date
    language: str
    text: str

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(_blocks(SyntaxTreeNode(MARKDOWN.parse(self.text))))


def _blocks(root: SyntaxTreeNode) -> Iterator[Block]:
    for node in root.children:
        match node.type:
            case "heading":
                yield Heading(int(node.tag[1]), _plain(node))
            case "paragraph":
                yield Paragraph(_plain(node))
            case "bullet_list":
                yield from (Item(_plain(item)) for item in node.children)
            case "ordered_list":
                yield from (Item(_plain(item), number) for number, item in enumerate(node.children, start=1))
            case "table":
                yield _table(node)
            case "hr":
                yield PageBreak()
            case other:
                raise ValueError(
                    f"A sample text uses Markdown that no writer can set: {other}. Use a simpler form."
                )


def _table(node: SyntaxTreeNode) -> Table:
    head, body = node.children
    header, *_ = _cells(head)
    return Table(header, tuple(_cells(body)))


def _cells(part: SyntaxTreeNode) -> Iterator[tuple[str, ...]]:
    for row in part.children:
        yield tuple(_plain(cell) for cell in row.children)


def _plain(node: SyntaxTreeNode) -> str:
    """The text without emphasis; a line that was broken in the source runs on."""
    parts = (part for part in node.walk() if part.type in {"text", "code_inline", "softbreak"})
    return "".join(" " if part.type == "softbreak" else part.content for part in parts)
