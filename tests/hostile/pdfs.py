"""PDFs."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from ingestion.parse.bounds import MEGABYTE
from tests import files
from tests.hostile.kind import Ends, Kind, Read, Refused

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
TEXT = b"BT /F1 24 Tf 72 700 Td (The committee met today in the large hall.) Tj ET"
SAYS = "The committee met"


def written(path: Path, objects: Sequence[bytes], *, trailer: bytes = b"") -> None:
    """The objects, numbered from 1, of which the first is the catalogue; with a true table of where they are."""
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        trailer,
        table,
    )
    path.write_bytes(data)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def page(
    path: Path, content: bytes, *, catalogue: bytes = b"", of_page: bytes = b"", more: Sequence[bytes] = ()
) -> None:
    """One page; `more` are objects from 6 on."""
    written(
        path,
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R "
            b"/Resources << /Font << /F1 4 0 R >> /XObject << /X 6 0 R >> >> %s >>" % of_page,
            FONT,
            content,
            *more,
        ],
    )


def page_tree_in_a_circle(path: Path) -> None:
    written(path, [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"])


def two_hundred_thousand_pages(path: Path) -> None:
    kids = b"[" + b"3 0 R " * 200_000 + b"]"
    written(
        path,
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids %s /Count 200000 >>" % kids,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
        ],
    )


def pages_that_are_only_counted(path: Path) -> None:
    written(
        path,
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
        ],
    )


def javascript(path: Path) -> None:
    page(path, stream(TEXT), catalogue=b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")


def javascript_in_disguise(path: Path) -> None:
    packed = zlib.compress(b"7 0 << /S /J#61vaScript /JS (app.alert\\(1\\)) >>")
    hidden = stream(packed, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
    page(path, stream(TEXT), more=[hidden])


def launch(path: Path) -> None:
    page(path, stream(TEXT), of_page=b"/AA << /O << /S /Launch /F (cmd.exe) >> >>")


def embedded_file(path: Path) -> None:
    names = b"/Names << /EmbeddedFiles << /Names [(a.exe) << /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>] >> >>"
    page(path, stream(TEXT), catalogue=names, more=[stream(b"MZ", b"/Type /EmbeddedFile")])


def deflate_bomb(path: Path) -> None:
    page(path, stream(zlib.compress(b" " * 20 * MEGABYTE, 9), b"/Filter /FlateDecode"))


def deflate_in_deflate(path: Path) -> None:
    packed = zlib.compress(zlib.compress(b"0 0 m " * MEGABYTE, 9), 9)
    page(path, stream(packed, b"/Filter [/FlateDecode /FlateDecode]"))


def drawing_that_draws_itself(path: Path) -> None:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X 6 0 R >> >>"
    page(path, stream(TEXT + b" /X Do"), more=[stream(b"/X Do", form)])


def tables_in_a_circle(path: Path) -> None:
    written(
        path,
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"],
        trailer=b"/Prev 9",
    )
    data = path.read_bytes()
    path.write_bytes(data.replace(b"/Prev 9", b"/Prev %d" % data.index(b"xref\n0")))


def arrays_in_arrays(path: Path) -> None:
    page(path, stream(TEXT), of_page=b"/Group " + b"[" * 100_000 + b"]" * 100_000)


def page_of_a_square_mile(path: Path) -> None:
    content = stream(b"1 1 1 rg " + TEXT)
    page(
        path,
        content,
        of_page=b"/UserUnit 1000 /CropBox [0 0 4500000 4500000] /MediaBox [0 0 4500000 4500000]",
    )


def picture_of_ten_billion_pixels(path: Path) -> None:
    picture = b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /ColorSpace /DeviceGray "
    picture += b"/BitsPerComponent 1 /Filter /FlateDecode"
    page(path, stream(b"612 0 0 792 0 0 cm /X Do"), more=[stream(zlib.compress(bytes(MEGABYTE)), picture)])


def encrypted_pdf(path: Path) -> None:
    files.pdf(path, password="x")


def pdf_that_is_a_zip_too(path: Path) -> None:
    page(path, stream(TEXT))
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<x>other text</x>")


def pdf_that_is_a_web_page_too(path: Path) -> None:
    page(path, stream(TEXT + b"\n% <html><script>alert(1)</script></html>"))


def pdf_named_word(path: Path) -> None:
    page(path, stream(TEXT))


def text_named_pdf(path: Path) -> None:
    path.write_text("Just a few words, and no PDF at all.")


def truncated_pdf(path: Path) -> None:
    path.write_bytes(files.pdf(path).read_bytes()[:1_500])


KINDS = (
    Kind("a.pdf", page_tree_in_a_circle, Ends()),
    Kind("a.pdf", two_hundred_thousand_pages, Refused("has 200,000 pages, and one file may have 10,000")),
    Kind("a.pdf", pages_that_are_only_counted, Ends()),
    Kind(
        "a.pdf",
        javascript,
        Read(says=SAYS, never="app.alert", warns="It holds JavaScript. Nothing of that was run"),
    ),
    Kind("a.pdf", javascript_in_disguise, Read(says=SAYS, warns="It holds JavaScript")),
    Kind("a.pdf", launch, Read(says=SAYS, never="cmd.exe", warns="It holds commands that start programs")),
    Kind("a.pdf", embedded_file, Read(says=SAYS, warns="It holds embedded files")),
    Kind("a.pdf", deflate_bomb, Refused("holds only images")),
    Kind("a.pdf", deflate_in_deflate, Ends()),
    Kind("a.pdf", drawing_that_draws_itself, Read(says=SAYS)),
    Kind("a.pdf", tables_in_a_circle, Ends()),
    Kind("a.pdf", arrays_in_arrays, Ends()),
    Kind("a.pdf", page_of_a_square_mile, Ends()),
    Kind("a.pdf", picture_of_ten_billion_pixels, Ends()),
    Kind("a.pdf", encrypted_pdf, Refused("protected by a password")),
    Kind("a.pdf", pdf_that_is_a_zip_too, Read(says=SAYS, never="other text")),
    Kind("a.pdf", pdf_that_is_a_web_page_too, Read(says=SAYS, never="alert")),
    Kind("a.docx", pdf_named_word, Read(says=SAYS)),
    Kind("a.pdf", text_named_pdf, Refused("is named as PDF, but its content is")),
    Kind("a.pdf", truncated_pdf, Read(says="The committee", warns="damaged and was repaired")),
)
