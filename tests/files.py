"""Small real files of each format, made when a test runs."""

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from struct import pack
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.compound import Tree, compound

if TYPE_CHECKING:
    from PIL.Image import Image

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


def sideways(path: Path) -> Path:
    """The first page of the file, written from below to above and turned for the screen."""
    from pypdfium2 import PdfDocument, PdfMatrix

    document = PdfDocument(path)
    page = document[0]
    width, height = page.get_size()
    for drawn in page.get_objects(max_depth=1):
        drawn.transform(PdfMatrix().rotate(90).translate(0, width))
    page.set_mediabox(0, 0, height, width)
    page.gen_content()
    page.set_rotation(90)
    turned = path.with_stem("sideways")
    document.save(turned)
    return turned


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


def picture(text: str = PROSE, *, turned: float = 0) -> "Image":
    """A page with a sentence a line, as a scanner would see it."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (1240, 1754), 255)
    lines = text.replace(". ", ".\n")
    ImageDraw.Draw(page).multiline_text((120, 200), lines, 0, ImageFont.load_default(34), spacing=24)
    return page.rotate(turned, expand=True, fillcolor=255)


def saved(image: "Image", path: Path) -> Path:
    image.save(path)
    return path


def scan_pdf(path: Path, *, pages: int = 1, written: Sequence[int] = (), turned: float = 0) -> Path:
    """Pages that are pictures, but for those that are written."""
    from fpdf import FPDF

    document = FPDF()
    for number in range(1, pages + 1):
        document.add_page()
        if number in written:
            _line(document, f"Page {number} is written and needs no recognition.", 12)
        else:
            document.image(picture(turned=turned), 0, 0, w=document.w, h=document.h)
    document.output(str(path))
    return path


def columns_pdf(path: Path) -> Path:
    """Two columns whose lines stand beside each other, written line by line across the page."""
    left = [f"Left {n} goes on about apples" for n in range(1, 13)]
    right = [f"Right {n} goes on about pears" for n in range(1, 13)]
    drawn = "".join(
        f"BT /F 11 Tf 1 0 0 1 {x} {720 - 14 * n} Tm ({line}) Tj ET\n"
        for n, pair in enumerate(zip(left, right, strict=True))
        for x, line in zip((60, 330), pair, strict=True)
    )
    return _page_pdf(path, drawn.encode())


def spaced_pdf(path: Path) -> Path:
    """Text, and a text that is only a space."""
    return _page_pdf(
        path, b"BT /F 11 Tf 60 700 Td (Seen by all) Tj ET BT 1 1 1 rg /F 11 Tf 60 600 Td ( ) Tj ET"
    )


def _page_pdf(path: Path, drawn: bytes) -> Path:
    return _raw_pdf(
        path,
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R "
        b"/Resources << /Font << /F 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(drawn), drawn),
    )


def form_pdf(path: Path) -> Path:
    """A page with a filled field, a ticked box, an empty field, a note written on it and a comment."""
    annotations = [
        "/Subtype /Widget /FT /Tx /T (name) /TU (Name of employee) /V (Ann Lee)",
        "/Subtype /Widget /FT /Btn /T (Full time) /V /Yes /AS /Yes /AP << /N << /Yes 5 0 R /Off 5 0 R >> >>",
        "/Subtype /Widget /FT /Tx /T (remarks)",
        "/Subtype /FreeText /DA (/Helv 12 Tf) /Contents (Approved in May)",
        "/Subtype /Text /Contents (Ask her again)",
    ]
    widgets = " ".join(f"{7 + i} 0 R" for i in range(len(annotations)))
    drawn = b"BT /Helv 12 Tf 72 700 Td (Application for leave, to be filled in by the employee) Tj ET"
    return _raw_pdf(
        path,
        f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{widgets}] >> >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 6 0 R "
        b"/Resources << /Font << /Helv 4 0 R >> >> " + f"/Annots [{widgets}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >> stream\n\nendstream",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(drawn), drawn),
        *(f"<< /Type /Annot /Rect [72 600 300 620] {each} >>".encode() for each in annotations),
    )


def _raw_pdf(path: Path, *objects: bytes) -> Path:
    """A file of these objects, which are numbered from 1, the first being the catalogue."""
    body, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    path.write_bytes(body + head + trailer)
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
