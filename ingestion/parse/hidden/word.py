"""Word: runs that are formatted as hidden, tiny, or white where nothing is behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ingestion.parse import clean
from ingestion.parse.elements import Hidden, Hiding
from ingestion.parse.hidden import Shown
from ingestion.parse.hidden.package import beside_the_text, part, rewritten

if TYPE_CHECKING:
    from lxml.etree import _Element as Xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLES = "word/styles.xml"
TEXTS = ("word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes")
SMALLEST = 4
"""Half points, as Word counts."""
OFF = ("0", "false", "off", "none")
BLANK = ("auto", "ffffff", "")
BACKED = (f"{W}txbxContent", "{urn:schemas-microsoft-com:vml}textbox")
"""Boxes, whose own colour may be anything."""


@dataclass(frozen=True, slots=True)
class _Styles:
    """By their id: how text of the style is hidden, and the table styles that colour cells."""

    hiding: dict[str, Hiding]
    shaded: frozenset[str]


def separate(path: Path) -> Shown:
    found, changed = list(beside_the_text(path)), dict[str, "Xml"]()
    with ZipFile(path) as archive:
        names = archive.namelist()
        styles = _styles(part(archive, STYLES)) if STYLES in names else _Styles({}, frozenset())
        for name in names:
            if name.startswith(TEXTS) and name.endswith(".xml"):
                root = part(archive, name)
                if taken := list(_hidden(root, styles)):
                    found += _told(taken)
                    changed[name] = _without(root, taken)
    return Shown(rewritten(path, changed) if changed else path, tuple(found))


def _styles(root: "Xml") -> _Styles:
    styles = {style.get(f"{W}styleId"): style for style in root.iter(f"{W}style")}
    shaded = frozenset(
        name for name, style in styles.items() if any(map(_is_coloured, style.iter(f"{W}shd")))
    )
    hiding = {
        name: how
        for name, style in styles.items()
        if (
            how := next(
                filter(None, (_formatted(each.find(f"{W}rPr")) for each in _lineage(style, styles))), None
            )
        )
    }
    return _Styles(hiding, shaded)


def _lineage(style: "Xml", styles: "dict[str, Xml]") -> "Iterator[Xml]":
    """The style and those that it is based on; a circle ends."""
    seen: set[int] = set()
    current: Xml | None = style
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        based = current.find(f"{W}basedOn")
        current = None if based is None else styles.get(based.get(f"{W}val", ""))


@dataclass(frozen=True, slots=True)
class _Run:
    element: "Xml"
    paragraph: "Xml | None"
    how: Hiding


def _hidden(root: "Xml", styles: _Styles) -> Iterator[_Run]:
    for run in root.iter(f"{W}r"):
        how = _how(run, styles)
        if how and (how is not Hiding.UNSEEN or not _is_backed(run, styles)) and _says(run):
            yield _Run(run, next(run.iterancestors(f"{W}p"), None), how)


def _how(run: "Xml", styles: _Styles) -> Hiding | None:
    """By its own format, or else by its style's, or its paragraph's."""
    own = run.find(f"{W}rPr")
    if own is not None and (how := _formatted(own)):
        return how
    if own is not None and own.find(f"{W}vanish") is not None:
        return None  # It says that it is shown, whatever its style says.
    paragraph = next(run.iterancestors(f"{W}p"), None)
    names = [
        _style(own, "rStyle"),
        _style(None if paragraph is None else paragraph.find(f"{W}pPr"), "pStyle"),
    ]
    return next((styles.hiding[name] for name in names if name in styles.hiding), None)


def _style(properties: "Xml | None", kind: str) -> str:
    named = None if properties is None else properties.find(f"{W}{kind}")
    return "" if named is None else str(named.get(f"{W}val", ""))


def _formatted(properties: "Xml | None") -> Hiding | None:
    if properties is None:
        return None
    vanish, size, colour = (properties.find(f"{W}{name}") for name in ("vanish", "sz", "color"))
    if vanish is not None and vanish.get(f"{W}val", "1") not in OFF:
        return Hiding.FORMAT
    if size is not None and _number(size) < SMALLEST:
        return Hiding.TINY
    if colour is not None and colour.get(f"{W}val", "").lower() == "ffffff":
        return Hiding.UNSEEN
    return None


def _number(element: "Xml") -> float:
    try:
        return float(element.get(f"{W}val", ""))
    except ValueError:
        return float(SMALLEST)


def _is_backed(run: "Xml", styles: _Styles) -> bool:
    """Whether a colour may be behind the run: its own, or of its paragraph, cell, table, box or page."""
    if any(map(_is_coloured, run.iterfind(f"{W}rPr/{W}shd"))) or run.find(f"{W}rPr/{W}highlight") is not None:
        return True
    for outer in run.iterancestors():
        if outer.tag in BACKED or any(map(_is_coloured, outer.iterfind(f"{W}pPr/{W}shd"))):
            return True
        if any(map(_is_coloured, outer.iterfind(f"{W}tcPr/{W}shd"))):
            return True
        if outer.tag == f"{W}tbl" and _style(outer.find(f"{W}tblPr"), "tblStyle") in styles.shaded:
            return True
    return run.getroottree().find(f"{W}background") is not None


def _is_coloured(shading: "Xml") -> bool:
    return shading.get(f"{W}fill", "").lower() not in BLANK or shading.get(f"{W}themeFill") is not None


def _says(run: "Xml") -> str:
    return "".join(text.text or "" for text in run.iter(f"{W}t")).strip()


def _told(runs: Sequence[_Run]) -> Iterator[Hidden]:
    """Runs of one paragraph as one."""
    for (how, _), together in groupby(runs, key=lambda run: (run.how, run.paragraph)):
        text = " ".join("".join(each.text or "" for each in run.element.iter(f"{W}t")) for run in together)
        yield Hidden(how, clean.flow(text))


def _without(root: "Xml", runs: Sequence[_Run]) -> "Xml":
    for run in runs:
        for text in list(run.element.iter(f"{W}t")):
            text.text = ""
    return root
