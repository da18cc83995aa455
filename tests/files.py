"""Small real files of each format, made when a test runs."""

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from struct import pack
from types import MappingProxyType

from tests.compound import Tree, compound

SAMPLES = Path(__file__).parent / "samples"

Rows = Sequence[Sequence[str]]

TABLE = (("Region", "Revenue"), ("North", "120"), ("South", "95"))
PROSE = "The committee looked at the accounts with great interest. It approved them without a vote."


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def pdf(path: Path, *, pages: int = 2, table: Rows = (), title: str = "", password: str = "") -> Path:
    from fpdf import FPDF

    document = FPDF()
    document.set_title(title)
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    for number in range(1, pages + 1):
        document.add_page()
        _line(document, "Northwind Trading, for the board only", 8)
        _line(document, f"Chapter {number} of the report", 20)
        _line(document, PROSE, 11)
        if table:
            with document.table(table):
                pass
            _line(document, "After the table comes more text.", 11)
        _line(document, f"Page {number} of {pages}", 8)
    document.output(str(path))
    return path


def _line(document: object, text: str, size: int) -> None:
    document.set_font("helvetica", size=size)  # type: ignore[attr-defined]
    document.multi_cell(0, size, text, new_x="LMARGIN", new_y="NEXT")  # type: ignore[attr-defined]


def image_pdf(path: Path) -> Path:
    """One page with a drawing and no text."""
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.rect(20, 20, 100, 100, style="F")
    document.output(str(path))
    return path


def docx(
    path: Path, *, headings: Sequence[tuple[int, str]] = ((1, "Leave policy"),), table: Rows = ()
) -> Path:
    from docx import Document

    document = Document()
    for level, text in headings:
        document.add_heading(text, level)
        document.add_paragraph(PROSE)
    document.add_paragraph("Ask the manager first", style="List Bullet")
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for row, values in zip(made.rows, table, strict=True):
            for cell, value in zip(row.cells, values, strict=True):
                cell.text = value
    document.save(str(path))
    return path


def pptx(
    path: Path, *, slides: Sequence[tuple[str, str]] = (("Plan", "Ship it in May"), ("Risks", "Rain"))
) -> Path:
    from pptx import Presentation

    deck = Presentation()
    for title, body in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
        slide.notes_slide.notes_text_frame.text = f"Say more on {title.lower()}"
    deck.save(str(path))
    return path


def xlsx(path: Path, sheets: dict[str, Rows], *, hidden: Sequence[str] = ()) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return path


def eml(path: Path, *, html: str = "", attachments: Sequence[Path] = ()) -> Path:
    message = EmailMessage()
    message["From"] = "Ann Lee <ann@northwind.example>"
    message["To"] = "board@northwind.example"
    message["Subject"] = "Accounts for May"
    message["Date"] = "Mon, 2 Jun 2025 09:00:00 +0000"
    message.set_content(html or PROSE, subtype="html" if html else "plain")
    for file in attachments:
        message.add_attachment(
            file.read_bytes(), maintype="application", subtype="octet-stream", filename=file.name
        )
    path.write_bytes(message.as_bytes())
    return path


def zip_bomb(path: Path, megabytes: int) -> Path:
    """A Word document whose text unpacks to so many megabytes."""
    whole = docx(path.with_suffix(".whole.docx"))
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                data = data.replace(b"The committee", b"A" * megabytes * 1024 * 1024)
            bomb.writestr(name, data)
    return path


def doc(path: Path) -> Path:
    """What `docx` makes with the table, saved by LibreOffice 7.4 as Word 97."""
    return Path(shutil.copy(SAMPLES / "note.doc", path))


def xls(path: Path) -> Path:
    """A sheet “Sales” with the table, and a hidden one, saved by LibreOffice 7.4 as Excel 97."""
    return Path(shutil.copy(SAMPLES / "book.xls", path))


def ppt(path: Path, *, title: str = "Plan", body: str = "Ship it in May", notes: str = "Say more") -> Path:
    """One slide: its title stands in the document's list, its body on the slide. [MS-PPT] 2.3."""
    listed = _record(0x03F3, pack("<IIIiI", 2, 0, 0, 256, 0)) + _text(0, title)
    notes_list = _list(2, _record(0x03F3, pack("<IIIiI", 3, 0, 0, 1, 0)))
    document = _container(0x03E8, _list(0, listed) + notes_list)
    slide = _container(0x03EE, _record(0x0F9E, pack("<I", 0)) + _text(4, body))
    notes_page = _container(0x03F0, _record(0x03F1, pack("<II", 256, 0)) + _text(2, notes))
    offsets = (0, len(document), len(document) + len(slide))
    parts = document + slide + notes_page
    directory = _record(0x1772, pack("<IIII", 3 << 20 | 1, *offsets))
    edit = _record(0x0FF5, pack("<IIIIIIHH", 0, 0, 0, len(parts), 1, 3, 1, 0))
    user = pack("<IIIII", 0, 20, 0, 0xE391C05F, len(parts) + len(directory))
    return compound(path, {"PowerPoint Document": parts + directory + edit, "Current User": user})


def _record(kind: int, data: bytes, head: int = 0) -> bytes:
    return pack("<HHI", head, kind, len(data)) + data


def _container(kind: int, data: bytes) -> bytes:
    return _record(kind, data, head=0xF)


def _list(instance: int, data: bytes) -> bytes:
    return _record(0x0FF0, data, head=instance << 4 | 0xF)


def _text(kind: int, text: str) -> bytes:
    return _record(0x0F9F, pack("<I", kind)) + _record(0x0FA0, text.encode("utf-16-le"))


def msg(path: Path, *, attachment: str = "") -> Path:
    """From Ann to the board, with “note.txt” attached if there is something in it. [MS-OXMSG] 2.2 and [MS-OXPROPS]."""
    said = {0x0037: "Accounts for May", 0x1000: PROSE, 0x0C1A: "Ann Lee", 0x0C1F: "ann@northwind.example"}
    streams: dict[str, Tree | bytes] = dict(_properties(32, said))
    streams["__recip_version1.0_#00000000"] = _properties(
        8, {0x3001: "Board", 0x39FE: "board@northwind.example"}
    )
    if attachment:
        streams["__attach_version1.0_#00000000"] = _properties(
            8, {0x3707: "note.txt"}, data={0x3701: attachment.encode()}
        )
    return compound(path, streams)


def _properties(
    header: int, texts: Mapping[int, str], data: Mapping[int, bytes] = MappingProxyType({})
) -> Tree:
    """Properties of a message or of what it holds: a list of them, and a stream for each value."""
    values = {(number, 0x001F): text.encode("utf-16-le") for number, text in texts.items()}
    values |= {(number, 0x0102): value for number, value in data.items()}
    listed = (pack("<HHIII", kind, number, 6, len(value), 0) for (number, kind), value in values.items())
    streams = {f"__substg1.0_{number:04X}{kind:04X}": value for (number, kind), value in values.items()}
    return {"__properties_version1.0": bytes(header) + b"".join(listed), **streams}


def opendocument(path: Path, body: str, *, styles: str = "", kind: str = "text") -> Path:
    """`body` and `styles` are XML with the prefixes of OpenDocument."""
    names = ("office", "text", "table", "drawing", "style", "presentation")
    prefixes = {name: name.replace("drawing", "draw") for name in names}
    urns = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name, prefix in prefixes.items()
    )
    content = (
        f"<office:document-content {urns}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def odt(path: Path) -> Path:
    return opendocument(path, f'<text:h text:outline-level="1">Leave</text:h><text:p>{PROSE}</text:p>')


def odp(path: Path) -> Path:
    return opendocument(
        path,
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Plan</text:p></draw:text-box>'
        "</draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>Say more</text:p></draw:text-box>"
        "</draw:frame></presentation:notes></draw:page>",
        kind="presentation",
    )


def ods(path: Path) -> Path:
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in TABLE
    )
    return opendocument(path, f'<table:table table:name="Sales">{rows}</table:table>', kind="spreadsheet")


def epub(path: Path) -> Path:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Handbook</dc:title></metadata><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Leave</h1><p>{PROSE}</p></body></html>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("book.opf", package)
        archive.writestr("a.xhtml", page)
    return path
