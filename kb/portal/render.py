"""An answer's text → HTML that is safe to show.

A model wrote it, and it may repeat what a hostile document says: no HTML, link or image of its own survives.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

MARKDOWN = (
    MarkdownIt("commonmark", {"html": False})
    .enable("table")
    .disable(["link", "image", "autolink", "reference", "html_inline", "html_block"])
)
TAGS = {
    "p", "br", "strong", "em", "h4", "ul", "ol", "li", "blockquote", "code", "pre", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
HEADING = "h4"
"""Of every level: the page's own headings stand above it."""
MARKER = re.compile(r"\s?\[(\d{1,3})\]")


DOUBT = re.compile("\\s?\ue000(\\d+)\ue001")
"""Private-use characters around the number of a doubt, where it is to stand; a model's own are taken out before."""
OWN = str.maketrans("", "", "\ue000\ue001")


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is said about a sentence that ends at character `end` of the text. `verdict` is a word for a CSS class."""

    end: int
    verdict: str
    words: str


def render_answer(text: str, addresses: Mapping[int, str], doubts: Sequence[Doubt] = ()) -> SafeString:
    """The text as HTML. A marker becomes a link to its address; one without an address is left out.

    `doubts` are in order; each becomes a small mark after its sentence.
    """
    clean = nh3.clean(_html(_with_places(text, doubts)), tags=TAGS, attributes={}, url_schemes=set())
    # Markers and doubts stand in text only: no tag that is left has an attribute.
    linked = MARKER.sub(lambda match: _link(int(match[1]), addresses), clean)
    return mark_safe(DOUBT.sub(lambda match: _mark(doubts[int(match[1])]), linked))  # noqa: S308


def _with_places(text: str, doubts: Sequence[Doubt]) -> str:
    begin, pieces = 0, list[str]()
    for number, doubt in enumerate(doubts):
        end = len(text[: doubt.end].rstrip("| "))  # Inside the last cell of a row.
        # With a space, because Markdown's emphasis ends only before one.
        pieces += [text[begin:end].translate(OWN), f" \ue000{number}\ue001"]
        begin = end
    return "".join([*pieces, text[begin:].translate(OWN)])


def _mark(doubt: Doubt) -> str:
    return format_html(
        '<span class="doubt doubt-{}" tabindex="0"><span aria-hidden="true">?</span>'
        '<span class="doubt-why">{}</span></span>',
        doubt.verdict, doubt.words,
    )  # fmt: skip


def _html(text: str) -> str:
    tokens = MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = HEADING
    return str(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))


def _link(marker: int, addresses: Mapping[int, str]) -> str:
    if marker not in addresses:
        return ""
    return format_html(
        '<a class="cite" href="{}" data-marker="{}"><span class="hidden">{} </span>{}</a>',
        addresses[marker], marker, _("Source"), marker,
    )  # fmt: skip
