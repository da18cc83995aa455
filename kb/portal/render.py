"""An answer's text → HTML that is safe to show.

A model wrote it, and it may repeat what a hostile document says: no HTML, link or image of its own survives.
"""

import re
from collections.abc import Mapping

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


def render_answer(text: str, addresses: Mapping[int, str]) -> SafeString:
    """The text as HTML. A marker becomes a link to its address; one without an address is left out."""
    clean = nh3.clean(_html(text), tags=TAGS, attributes={}, url_schemes=set())
    # Markers stand in text only: no tag that is left has an attribute.
    return mark_safe(MARKER.sub(lambda match: _link(int(match[1]), addresses), clean))  # noqa: S308


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
