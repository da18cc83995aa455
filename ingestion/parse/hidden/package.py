"""The archive of XML parts that an Office file is: reading a part, writing the file anew, comments and properties."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from ingestion.parse import clean
from ingestion.parse.elements import Hidden, Hiding
from ingestion.parse.hidden.characters import in_text

if TYPE_CHECKING:
    from lxml.etree import _Element as Xml

PROPERTIES = ("subject", "description", "keywords", "category", "comments")
COMMENTS = ("word/comments.xml", "ppt/comments/", "xl/comments", "xl/threadedComments/")
COMMENT = ("comment", "cm", "threadedComment")
CORE = "docProps/core.xml"


def part(archive: ZipFile, name: str) -> "Xml":
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(archive.read(name), parser)


def beside_the_text(path: Path) -> Iterator[Hidden]:
    """Comments and properties of any Office file, and what its text is written in that has no shape."""
    with ZipFile(path) as archive:
        for name in archive.namelist():
            if name == CORE:
                yield from _properties(part(archive, name))
            elif name.startswith(COMMENTS) and name.endswith(".xml"):
                yield from _comments(part(archive, name))
            elif name.endswith(".xml") and name.startswith(("word/document", "ppt/slides/", "xl/shared")):
                yield from in_text("".join(part(archive, name).itertext()))


def _properties(core: "Xml") -> Iterator[Hidden]:
    for each in core:
        said = clean.flow(each.text or "")
        if said and _local(each) in PROPERTIES:
            yield Hidden(Hiding.PROPERTY, said)


def _comments(comments: "Xml") -> Iterator[Hidden]:
    """Each by itself, whatever the format calls it."""
    for each in comments.iter():
        said = clean.flow(" ".join(each.itertext())) if _local(each) in COMMENT else ""
        if said:
            yield Hidden(Hiding.COMMENT, said)


def _local(element: "Xml") -> str:
    return str(element.tag).rpartition("}")[2]


def rewritten(path: Path, parts: Mapping[str, "Xml"]) -> Path:
    """The file with these parts in place of its own, beside it."""
    from lxml import etree

    shown = path.with_name(f"{path.stem}-shown{path.suffix}")
    with ZipFile(path) as before, ZipFile(shown, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            changed = parts.get(name)
            after.writestr(name, before.read(name) if changed is None else etree.tostring(changed))
    return shown
