"""Web pages and Markdown: what a reader would not see is taken out, and the rest is read block by block.

Nothing is fetched: links and images are text to us, and lxml is given bytes, never an address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.parse import clean
from ingestion.parse.blocks import blocks
from ingestion.parse.decode import decoded
from ingestion.parse.elements import Hidden, Hiding, Parsed
from ingestion.parse.hidden.characters import in_text
from ingestion.parse.sniff import HTML, MARKDOWN
from ingestion.parse.unstructured_engine import Unstructured
from kb.errors import Unreadable

if TYPE_CHECKING:
    from lxml.html import HtmlElement

UNSEEN_TAGS = frozenset(
    {"script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "head"}
)
SWITCHED_OFF = re.compile(r"display:none|visibility:hidden")
UNSEEN_STYLE = re.compile(
    r"opacity:0(?![.\d])|opacity:0?\.0|font-size:(?:0(?![.\d])|0?\.\d|1(?:px|pt)?(?![.\d\w]))"
)
AWAY = re.compile(r"(?:left|top|right|text-indent|margin-left):-\d{4,}|clip:rect\(0(?:px)?,?0")
WHITE = re.compile(r"(?<![-\w])color:(?:white|#fff(?:fff)?|rgb\(255,255,255\)|transparent)(?=[;!]|$)")
"""All are looked for in an inline style without its white space."""

MARKUP = re.compile(r"\[(?:end)?if\b|/?[\w-]+$|[<{#]")
"""A comment with which programs mark places, or in which code was switched off."""
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.S)
FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.M)
DEEPEST = 200
"""Levels of nesting; no page that a person wrote comes near, and what reads trees recurses."""


class Web:
    """HTML and Markdown by their own tree: nothing to load, and nothing lost."""

    fingerprint = "web-1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        page = seen(path, media_type)
        return Parsed(
            elements=tuple(blocks(page.root)), parser=self.fingerprint, title=page.title, hidden=page.hidden
        )


class UnstructuredWeb:
    """The second engine for both."""

    def __init__(self) -> None:
        self._engine = Unstructured()
        self.fingerprint = self._engine.fingerprint

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from lxml.html import tostring

        page = seen(path, media_type)
        copy = path.with_name(f"{path.stem}-seen.html")
        copy.write_bytes(b"<!doctype html>" + tostring(page.root, encoding="utf-8"))
        found = self._engine.parse(copy, media_type=HTML.media_type)
        return Parsed(elements=found.elements, parser=self.fingerprint, title=page.title, hidden=page.hidden)


@dataclass(frozen=True, slots=True)
class Seen:
    """A page with only what a reader sees, the title that its head or front matter gives, and what was taken out."""

    root: "HtmlElement"
    title: str | None
    hidden: tuple[Hidden, ...]


def seen(path: Path, media_type: str) -> Seen:
    text = decoded(path.read_bytes())
    title = None
    if media_type == MARKDOWN.media_type:
        text, title = _rendered(text)
    root, head_title = _pruned(text)
    hidden = tuple(_taken_out(root))
    return Seen(root, title or head_title, (*in_text(text), *hidden))


def _rendered(markdown: str) -> tuple[str, str | None]:
    """Markdown as HTML, and the title of its front matter."""
    from markdown_it import MarkdownIt

    front = FRONT_MATTER.match(markdown)
    title = FRONT_TITLE.search(front[1]) if front else None
    body = markdown[front.end() :] if front else markdown
    html = str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(body))
    return f"<html><body>{html}</body></html>", title and title[1]


def _pruned(text: str) -> "tuple[HtmlElement, str | None]":
    root = tree_of(text)
    title = root.findtext(".//title")
    for element in _too_deep(root):
        element.drop_tag()
    for element in [each for each in root.iter() if each.tag in UNSEEN_TAGS]:
        if element.getparent() is not None:
            element.drop_tree()
    return root, title


def tree_of(text: str) -> "HtmlElement":
    """HTML as a tree.

    Raises:
        Unreadable: it is nested too deeply.
    """
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(remove_pis=True, encoding="utf-8", huge_tree=True)
    root = document_fromstring(text.encode() if text.strip() else b"<p></p>", parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise Unreadable(
            "Its parts are nested too deeply to be read, which no editor does. Save the page as PDF."
        )
    return root


def _taken_out(root: "HtmlElement") -> Iterator[Hidden]:
    """Drops what a browser would not show, and says what it was."""
    for element in list(root.iter()):
        how = _how(element)
        if how is None or element.getroottree().getroot() is not root:
            continue
        said = clean.flow(element.text or "" if how is Hiding.COMMENT else element.text_content())
        if element.getparent() is not None:
            element.drop_tree()
        if said and not MARKUP.match(said):
            yield Hidden(how, said)


def _too_deep(root: "HtmlElement") -> "list[HtmlElement]":
    from lxml.etree import iterwalk

    depth, found = 0, []
    for event, element in iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and depth > DEEPEST:
            found.append(element)
    return found


def _how(element: "HtmlElement") -> Hiding | None:
    if not isinstance(element.tag, str):
        return Hiding.COMMENT
    style = _style(element)
    if UNSEEN_STYLE.search(style) or (WHITE.search(style) and not _on_a_colour(element)):
        return Hiding.UNSEEN
    if AWAY.search(style):
        return Hiding.OFF_PAGE
    return Hiding.FORMAT if "hidden" in element.attrib or SWITCHED_OFF.search(style) else None


def _on_a_colour(element: "HtmlElement") -> bool:
    return any(
        "background" in _style(each) or "bgcolor" in each.attrib
        for each in (element, *element.iterancestors())
    )


def _style(element: "HtmlElement") -> str:
    return re.sub(r"\s", "", element.get("style", "")).lower()
