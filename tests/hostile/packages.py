"""Office files."""

import os
import zipfile
from copy import copy
from pathlib import Path

from ingestion.parse.bounds import MEGABYTE
from tests import files
from tests.hostile.kind import Ends, Kind, Read, Refused

DOCUMENT = "word/document.xml"
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, (b"&l%d;" % (level - 1)) * 10 if level else b"lol") for level in range(10)
)


def changed(path: Path, whole: Path, parts: dict[str, bytes]) -> None:
    """A sound file with parts put in the place of its own, or added."""
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            if name not in parts:
                made.writestr(name, source.read(name))
        for name, data in parts.items():
            made.writestr(name, data)


def docx(path: Path, parts: dict[str, bytes]) -> None:
    changed(path, files.docx(path.with_name("whole.docx")), parts)


def with_declaration(path: Path, declaration: bytes, reference: bytes) -> None:
    """A Word file whose text begins with a document type declaration and refers to it."""
    whole = files.docx(path.with_name("whole.docx"))
    with zipfile.ZipFile(whole) as source:
        text = source.read(DOCUMENT)
    start = text.index(b"?>") + 2
    text = text[:start] + b"<!DOCTYPE w:document [" + declaration + b"]>" + text[start:]
    changed(path, whole, {DOCUMENT: text.replace(b"The committee", reference, 1)})


def docx_bomb(path: Path) -> None:
    files.zip_bomb(path, megabytes=5)


def picture_bomb(path: Path) -> None:
    docx(path, {"word/media/image1.png": bytes(12 * MEGABYTE)})


def many_megabytes(path: Path) -> None:
    docx(path, {f"word/media/{number}.png": os.urandom(6 * MEGABYTE) for number in range(3)})


def part_that_lies_about_its_size(path: Path) -> None:
    files.zip_bomb(path, megabytes=5)
    data = bytearray(path.read_bytes())
    entry = data.rindex(DOCUMENT.encode()) - 46
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(data)


def overlapping_parts(path: Path) -> None:
    docx(path, {"word/media/image1.png": bytes(MEGABYTE)})
    with zipfile.ZipFile(path, "a") as package:
        part = package.getinfo("word/media/image1.png")
        package.filelist += [copy(part) for _ in range(40)]
        package.comment = b"The directory is written anew."


def many_parts(path: Path) -> None:
    docx(path, {f"word/media/{number}.png": b"x" for number in range(600)})


def billion_laughs(path: Path) -> None:
    with_declaration(path, LAUGHS, b"&l9;")


def entity_of_a_file(path: Path) -> None:
    with_declaration(path, b'<!ENTITY x SYSTEM "file:///etc/passwd">', b"&x;")


def entity_of_an_address(path: Path) -> None:
    with_declaration(path, b'<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', b"&x;")


def parameter_entity(path: Path) -> None:
    with_declaration(path, b'<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd">', b"The committee")


def outer_declaration(path: Path) -> None:
    whole = files.docx(path.with_name("whole.docx"))
    with zipfile.ZipFile(whole) as source:
        text = source.read(DOCUMENT)
    start = text.index(b"?>") + 2
    declaration = b'<!DOCTYPE w:document SYSTEM "http://127.0.0.1:9/x.dtd">'
    changed(path, whole, {DOCUMENT: text[:start] + declaration + text[start:]})


def deep_xml(path: Path) -> None:
    namespace = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    docx(
        path,
        {DOCUMENT: b"<w:document " + namespace + b"><w:p>" * 5_000 + b"</w:p>" * 5_000 + b"</w:document>"},
    )


def broken_part_before_a_bomb(path: Path) -> None:
    docx(path, {"word/a.xml": b"text", "word/b.xml": b"A" * 5 * MEGABYTE})
    data = path.read_bytes().replace(b"word/a.xml", b"word/\xff.xml", 1)
    path.write_bytes(data)


def macros(path: Path) -> None:
    docx(path, {"word/vbaProject.bin": b"Attribute VB_Name"})


def embedded_files(path: Path) -> None:
    docx(path, {"word/embeddings/oleObject1.bin": b"MZ"})


def names_that_leave_the_folder(path: Path) -> None:
    docx(path, {"../../../../tmp/strongroom-was-here": b"x", "/tmp/strongroom-was-here": b"x"})  # noqa: S108


def template_of_an_address(path: Path) -> None:
    docx(path, {"word/_rels/settings.xml.rels": relation("attachedTemplate", "http://127.0.0.1:9/x.dotm")})


def relation(kind: str, target: str) -> bytes:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}" '
        f'TargetMode="{"External" if "//" in target else "Internal"}"/></Relationships>'
    ).encode()


def truncated_docx(path: Path) -> None:
    path.write_bytes(files.docx(path).read_bytes()[:9_000])


def truncated_pptx(path: Path) -> None:
    path.write_bytes(files.pptx(path).read_bytes()[:9_000])


def truncated_xlsx(path: Path) -> None:
    path.write_bytes(files.xlsx(path, {"Data": files.TABLE}).read_bytes()[:3_000])


def far_cell(path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in files.TABLE:
        book.active.append(row)
    book.active["XFD1048576"] = "far away"
    book.save(path)


def many_cells(path: Path) -> None:
    files.xlsx(path, {"Data": [["1"] * 120] * 100})


def many_sheets_of_formulas(path: Path) -> None:
    files.xlsx(
        path, {"Data": [["=1+1", '=HYPERLINK("http://127.0.0.1:9/","x")'], ["=cmd|'/C calc'!A0", "North"]]}
    )


def sheet_that_refers_to_strings_which_are_not_there(path: Path) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="s"><v>4000000000</v></c></row></sheetData></worksheet>'
    )
    whole = files.xlsx(path.with_name("whole.xlsx"), {"Data": files.TABLE})
    changed(path, whole, {"xl/worksheets/sheet1.xml": sheet})


def slides_in_a_circle(path: Path) -> None:
    whole = files.pptx(path.with_name("whole.pptx"))
    changed(
        path, whole, {"ppt/slides/_rels/slide1.xml.rels": relation("slideLayout", "../slides/slide1.xml")}
    )


def sheet(path: Path, rows: str) -> None:
    files.opendocument(path, f"<table:table>{rows}</table:table>", kind="spreadsheet")


def row_that_is_repeated_a_million_times(path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'
    sheet(path, f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')


def sheet_that_is_filled_with_empty_cells(path: Path) -> None:
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    row = f"<table:table-row><table:table-cell><text:p>North</text:p></table:table-cell>{empty}</table:table-row>"
    sheet(path, row + f'<table:table-row table:number-rows-repeated="1048575">{empty}</table:table-row>')


def slides_of_opendocument_with_entities(path: Path) -> None:
    whole = files.odp(path.with_name("whole.odp"))
    with zipfile.ZipFile(whole) as source:
        text = source.read("content.xml")
    changed(path, whole, {"content.xml": b"<!DOCTYPE x [" + LAUGHS + b"]>" + text})


def truncated_text_of_opendocument(path: Path) -> None:
    path.write_bytes(files.odt(path).read_bytes()[:-200])


def truncated_sheet_of_opendocument(path: Path) -> None:
    path.write_bytes(files.ods(path).read_bytes()[:-200])


def truncated_book(path: Path) -> None:
    path.write_bytes(files.epub(path).read_bytes()[:-100])


def truncated_old_word(path: Path) -> None:
    path.write_bytes(files.doc(path).read_bytes()[:3_000])


def truncated_old_excel(path: Path) -> None:
    path.write_bytes(files.xls(path).read_bytes()[:3_000])


def truncated_old_powerpoint(path: Path) -> None:
    path.write_bytes(files.ppt(path).read_bytes()[:1_000])


def encrypted_office(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(5_000))


def picture_named_word(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2_000))


def program_named_excel(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(2_000))


DAMAGED = "it seems to be damaged"

KINDS = (
    Kind("a.docx", docx_bomb, Refused("unpacks to more than 4 MB of text")),
    Kind("a.docx", picture_bomb, Refused("unpacks to more than 200 times its size")),
    Kind("a.docx", many_megabytes, Refused("unpacks to more than 16 MB in all")),
    Kind("a.docx", part_that_lies_about_its_size, Refused("unpacks to more than 4 MB of text")),
    Kind("a.docx", overlapping_parts, Refused("unpacks to more than 16 MB in all")),
    Kind("a.docx", many_parts, Refused("files inside, and one file may hold 500")),
    Kind("a.docx", billion_laughs, Refused("declares XML entities")),
    Kind("a.docx", entity_of_a_file, Refused("declares XML entities")),
    Kind("a.docx", entity_of_an_address, Refused("declares XML entities")),
    Kind("a.docx", parameter_entity, Refused("declares XML entities")),
    Kind("a.docx", outer_declaration, Read(says="The committee")),
    Kind("a.docx", deep_xml, Refused("nested more than 256 levels deep")),
    Kind("a.docx", broken_part_before_a_bomb, Refused("unpacks to more than 4 MB of text")),
    Kind("a.docm", macros, Read(says="The committee", warns="It holds macros. They were not run")),
    Kind("a.docx", embedded_files, Read(says="The committee", warns="1 embedded files, which were not read")),
    Kind("a.docx", names_that_leave_the_folder, Read(says="The committee")),
    Kind("a.docx", template_of_an_address, Read(says="The committee")),
    Kind("a.docx", truncated_docx, Refused(DAMAGED)),
    Kind("a.pptx", truncated_pptx, Refused(DAMAGED)),
    Kind("a.xlsx", truncated_xlsx, Refused(DAMAGED)),
    Kind("a.xlsx", far_cell, Read(says="far away")),
    Kind("a.xlsx", many_cells, Refused("more than 10,000 cells")),
    Kind("a.xlsx", many_sheets_of_formulas, Read(says="North")),
    Kind("a.xlsx", sheet_that_refers_to_strings_which_are_not_there, Ends()),
    Kind("a.pptx", slides_in_a_circle, Ends()),
    Kind(
        "a.ods",
        row_that_is_repeated_a_million_times,
        Refused("more than 10,000 cells with those that it repeats"),
    ),
    Kind("a.ods", sheet_that_is_filled_with_empty_cells, Read(says="North")),
    Kind("a.odp", slides_of_opendocument_with_entities, Refused("declares XML entities")),
    Kind("a.odt", truncated_text_of_opendocument, Ends()),
    Kind("a.ods", truncated_sheet_of_opendocument, Ends()),
    Kind("a.epub", truncated_book, Ends()),
    Kind("a.doc", truncated_old_word, Ends()),
    Kind("a.xls", truncated_old_excel, Ends()),
    Kind("a.ppt", truncated_old_powerpoint, Ends()),
    Kind("a.docx", encrypted_office, Refused("password-protected Office file")),
    Kind("a.docx", picture_named_word, Refused("is named as Word, but its content is")),
    Kind("a.xlsx", program_named_excel, Refused("is named as Excel, but its content is")),
)
