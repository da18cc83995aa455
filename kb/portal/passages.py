"""A chunk's text → HTML: paragraphs, headings, lists and tables, with the cited words marked. Everything is escaped."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from kb.models import Chunk
from kb.portal.places import Place

BLOCK = re.compile(r"[^\n](?:[^\n]|\n(?!\s*\n))*")
"""What stands between blank lines."""
ITEM = re.compile(r"(?:[-*•–]|\(?(?:\d{1,3}|[a-z]{1,4})[.)])\s")
"""How an item of a list begins: “- ”, “3. ”, “(b) ”."""
LINE = re.compile(r"[^\n]+")
CELL = re.compile(r"(?<=\|)(?:\\\||[^|\n])*(?=\|)")
RULE = re.compile(r"[|:\-\s]+")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a chunk's text; an empty one marks nothing."""

    start: int = 0
    end: int = 0


NOTHING = Span()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as it is shown."""

    chunk: Chunk
    html: SafeString
    cited: bool
    marked: bool
    """Whether the quote is marked in it."""


def passages(chunks: Iterable[Chunk], place: Place | None) -> list[Passage]:
    """Neighbouring chunks. What is a heading above one of them is a heading wherever it stands."""
    chunks = list(chunks)
    headings = frozenset(heading for chunk in chunks for heading in chunk.headings)
    return [_passage(chunk, headings, place) for chunk in chunks]


def _passage(chunk: Chunk, headings: frozenset[str], place: Place | None) -> Passage:
    """The chunk, with the quote marked if it is the cited one and holds the quote letter for letter."""
    cited = place is not None and place.chunk == chunk
    span = _span(place) if cited and place else NOTHING
    return Passage(chunk, _led_to(render(chunk.text, headings, span)), cited, span != NOTHING)


def _span(place: Place) -> Span:
    return NOTHING if place.start is None else Span(place.start, place.start + len(place.quote))


def _led_to(html: SafeString) -> SafeString:
    """The first mark as what “#quote” leads to. All else is escaped, so that this tag is ours."""
    return mark_safe(html.replace("<mark>", '<mark id="quote">', 1))  # noqa: S308


def render(text: str, headings: Container[str], marked: Span) -> SafeString:
    """Blocks in a row; neighbours that begin like items are a list, with the marks that the text has."""
    runs = groupby(BLOCK.finditer(text), key=lambda match: _is_item(match[0], headings))
    html = (_list(run, marked) if items else _blocks(run, headings, marked) for items, run in runs)
    return format_html_join("\n", "{}", ((each,) for each in html))


def _is_item(block: str, headings: Container[str]) -> bool:
    return bool(ITEM.match(block)) and block.strip() not in headings


def _list(run: Iterable[re.Match[str]], marked: Span) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((_marked(each[0], each.start(), marked),) for each in run))
    return format_html("<ul>{}</ul>", items)


def _blocks(run: Iterable[re.Match[str]], headings: Container[str], marked: Span) -> SafeString:
    return format_html_join("\n", "{}", ((_block(match, headings, marked),) for match in run))


def _block(match: re.Match[str], headings: Container[str], marked: Span) -> SafeString:
    block, start = match[0], match.start()
    if block.strip() in headings:
        return format_html("<h3>{}</h3>", _marked(block, start, marked))
    if _is_table(block):
        return _table(block, start, marked)
    return format_html("<p>{}</p>", _marked(block, start, marked))


def _marked(text: str, start: int, span: Span) -> SafeString:
    """The text, which begins at `start`, escaped; what of it lies in the span is marked."""
    first = min(max(span.start - start, 0), len(text))
    last = min(max(span.end - start, 0), len(text))
    if first >= last:
        return mark_safe(escape(text))  # noqa: S308
    return format_html("{}<mark>{}</mark>{}", text[:first], text[first:last], text[last:])


def _is_table(block: str) -> bool:
    lines = block.splitlines()
    return len(lines) > 1 and all(line.startswith("|") for line in lines) and bool(RULE.fullmatch(lines[1]))


def _table(block: str, start: int, marked: Span) -> SafeString:
    rows = [list(_cells(line, start, marked)) for line in LINE.finditer(block)]
    head, body = rows[0], rows[2:]
    return format_html(
        '<div class="table-scroll" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        format_html_join("", '<th scope="col">{}</th>', ((cell,) for cell in head)),
        format_html_join("", "<tr>{}</tr>", ((_row(cells),) for cells in body)),
    )


def _row(cells: list[SafeString]) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in cells))


def _cells(line: re.Match[str], start: int, marked: Span) -> Iterator[SafeString]:
    for cell in CELL.finditer(line[0]):
        text = _marked(cell[0], start + line.start() + cell.start(), marked)
        # Both stand in the pipe table's own notation; escaping has left them as they were.
        yield mark_safe(text.replace(r"\|", "|").replace("&lt;br&gt;", "<br>").strip())  # noqa: S308
