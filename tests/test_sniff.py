"""What a file is: by its content, then by its name, with a sentence when they disagree."""

import re
from pathlib import Path

import pytest

from ingestion.parse import registry
from ingestion.parse.sniff import (
    CSV,
    DOCX,
    HTML,
    MAIL,
    MARKDOWN,
    PDF,
    PPTX,
    SUPPORTED,
    TEXT,
    XLSX,
    sniff,
    supported_names,
)
from kb.errors import Unreadable
from tests import files


@pytest.fixture
def samples(tmp_path: Path) -> dict[str, Path]:
    return {
        "pdf": files.pdf(tmp_path / "1"),
        "docx": files.docx(tmp_path / "2"),
        "pptx": files.pptx(tmp_path / "3"),
        "xlsx": files.xlsx(tmp_path / "4", {"Data": files.TABLE}),
        "csv": files.written(tmp_path, "5", "a,b\n1,2\n"),
        "html": files.written(tmp_path, "6", "<!doctype html><html><body><p>Hello</p></body></html>"),
        "md": files.written(tmp_path, "7", "# Title\n\nSome *text*.\n"),
        "txt": files.written(tmp_path, "8", "Just a few words."),
        "eml": files.eml(tmp_path / "9"),
        "doc": files.doc(tmp_path / "10"),
        "ppt": files.ppt(tmp_path / "11"),
        "xls": files.xls(tmp_path / "12"),
        "odt": files.odt(tmp_path / "13"),
        "odp": files.odp(tmp_path / "14"),
        "ods": files.ods(tmp_path / "15"),
        "rtf": files.written(tmp_path, "16", "{\\rtf1\\ansi\\deff0 {\\b Leave}\\par Some text.\\par}"),
        "epub": files.epub(tmp_path / "17"),
        "msg": files.msg(tmp_path / "18"),
        **{
            extension: files.written(tmp_path, extension, "Some words.")
            for extension in ("rst", "adoc", "json", "xml", "ipynb", "vtt", "py")
        },
        **{
            extension: files.saved(files.picture(), tmp_path / f"page.{extension}")
            for extension in ("png", "jpg", "tif", "webp", "gif", "bmp")
        },
    }


def test_each_supported_format_is_known(samples: dict[str, Path]) -> None:
    found = {extension: sniff(path, f"file.{extension}") for extension, path in samples.items()}
    assert {extension: each.media_type for extension, each in found.items()} == {
        each.extensions[0]: each.media_type for each in SUPPORTED
    }
    assert {each.warning for each in found.values()} == {None}
    assert set(registry.PARSERS) == {each.media_type for each in SUPPORTED}


@pytest.mark.parametrize(
    ("extension", "media_type"), [("docx", DOCX), ("pptx", PPTX), ("xlsx", XLSX), ("pdf", PDF)]
)
def test_a_file_with_the_wrong_extension_is_read_as_what_it_is(
    samples: dict[str, Path], extension: str, media_type: object
) -> None:
    wrong = "pdf" if extension != "pdf" else "txt"
    found = sniff(samples[extension], f"report.{wrong}")
    assert found.media_type == media_type.media_type  # type: ignore[attr-defined]
    assert found.warning is not None
    assert found.warning.startswith(f"“report.{wrong}” is not ")


@pytest.mark.parametrize(
    ("extension", "wanted"), [("md", MARKDOWN), ("txt", TEXT), ("csv", CSV), ("html", HTML), ("eml", MAIL)]
)
def test_text_is_what_its_extension_says(tmp_path: Path, extension: str, wanted: object) -> None:
    path = files.written(tmp_path, "stored", "import os\n\n\ndef main() -> None:\n    os.getcwd()\n")
    assert sniff(path, f"note.{extension}").media_type == wanted.media_type  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"", "“a.pdf” is empty (0 bytes)."),
        ("a.pdf", b"\x7fELF\x02\x01\x01" + bytes(2000), "“a.pdf” is named as PDF, but its content is"),
        ("a.docx", b"\x89PNG\r\n\x1a\n" + bytes(2000), "“a.docx” is named as Word, but its content is"),
        (
            "a.docx",
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(5000),
            "old or a password-protected Office file",
        ),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(2000), "Strongroom reads pdf, docx,"),
        ("a.pages", b"PK\x03\x04" + bytes(2000), "is an Apple iWork file. Export it as PDF"),
        ("a.pdf", b"Just a few words, and no PDF at all.", "“a.pdf” is named as PDF, but its content is"),
    ],
)
def test_a_file_that_is_not_supported_is_refused_with_a_reason(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / "stored"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=re.escape(sentence)):
        sniff(path, name)


def test_people_are_told_every_format() -> None:
    assert supported_names() == (
        "pdf, docx, pptx, xlsx, csv, html, md, txt, eml, doc, ppt, xls, odt, odp, ods, rtf, epub, msg, rst, adoc, "
        "json, xml, ipynb, vtt, png, jpg, tif, webp, gif and bmp files, and source code"
    )


def test_a_text_in_an_encoding_that_magika_does_not_know_is_text(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes("この契約は二者の間で締結されました。".encode("shift_jis"))
    assert sniff(path, "a.txt").media_type == TEXT.media_type


def test_a_web_page_that_was_exported_as_xls_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = files.written(tmp_path, "stored", "<html><body><table><tr><td>1</td></tr></table></body></html>")
    found = sniff(path, "report.xls")
    assert (found.media_type, found.warning) == (
        HTML.media_type,
        "“report.xls” is not old Excel: its content is HTML and was read as that.",
    )
