"""Small real files of each format, made when a test runs."""

import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

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
