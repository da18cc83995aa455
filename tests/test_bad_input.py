"""What a running Strongroom says to bad input: one clear sentence, and nothing lost."""

from pathlib import Path

import pytest

from kb.migrations._ledger_triggers import creating, dropping
from tests import files
from tests.stack import Site

pytestmark = [pytest.mark.services, pytest.mark.models]

BROKEN_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\nstartxref\n99999\n%%EOF\n"
NOTICE = "Renting the rowing boat needs eleven days of notice. The key hangs at the reception."


def test_a_row_of_the_ledger_that_was_changed_by_hand_is_found(empty_site: Site) -> None:
    ready(empty_site, "boat.txt", NOTICE.encode())
    empty_site.ask("dana", "How many days of notice does the rowing boat need?")
    [[sequence, was]] = empty_site.select("SELECT sequence, sent_bytes FROM kb_modelcall ORDER BY 1 LIMIT 1")
    for statement in dropping("sqlite"):
        empty_site.change(statement)
    empty_site.change("UPDATE kb_modelcall SET sent_bytes = 0 WHERE sequence = ?", sequence)
    verified = empty_site.manage("ledger", "--verify")
    empty_site.change("UPDATE kb_modelcall SET sent_bytes = ? WHERE sequence = ?", was, sequence)
    for statement in creating("sqlite"):
        empty_site.change(statement)
    assert verified.returncode == 1
    assert verified.stderr.endswith(
        f"The ledger does not hold. Row {sequence} was changed after it was written.\n"
    )
    assert empty_site.manage("ledger", "--verify").returncode == 0


def ready(site: Site, name: str, content: bytes) -> str:
    document = site.upload(name, content, sensitivity="INTERNAL")
    assert site.settled(document)["stage"] == "ready"
    return document


@pytest.mark.parametrize(
    ("name", "content", "status", "code", "message"),
    [
        ("empty.pdf", b"", 422, "rejected", "The file is empty."),
        ("song.mp3", b"ID3\x03" + b"\xff\xfb\x90\x00" * 400, 422, "unreadable", "Strongroom reads"),
        ("long.txt", b"word " * 500_000, 413, "too_large", "The file is over the limit of 2 MB. Split it"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(
    name: str, content: bytes, status: int, code: str, message: str, empty_site: Site
) -> None:
    before = empty_site.select("SELECT count(*) FROM kb_document")
    response = empty_site.send(name, content)
    told = response.json()
    assert (response.status_code, told["code"]) == (status, code)
    assert message in told["detail"]
    assert empty_site.select("SELECT count(*) FROM kb_document") == before
    assert list((empty_site.folder / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [("broken.pdf", "broken"), ("locked.pdf", "password"), ("empty.pptx", "no slides")],
)
def test_a_file_that_cannot_be_read_fails_with_advice(
    name: str, advice: str, empty_site: Site, tmp_path: Path
) -> None:
    content = bad_file(tmp_path, name)
    document = empty_site.upload(name, content)
    status = empty_site.settled(document)
    assert (status["stage"], status["attempts"]) == ("failed", 1)
    assert advice in status["failure"]
    assert status["failure"].endswith(".")
    assert kept(empty_site, document) == content


def bad_file(folder: Path, name: str) -> bytes:
    match name:
        case "locked.pdf":
            return files.pdf(folder / name, password="sesame").read_bytes()
        case "empty.pptx":
            return files.pptx(folder / name, slides=()).read_bytes()
        case _:
            return BROKEN_PDF


def kept(site: Site, document: str) -> bytes:
    """The stored file, as it was sent."""
    [[sha256]] = site.select("SELECT sha256 FROM kb_version WHERE document_id = ?", document.replace("-", ""))
    return (site.folder / "files" / sha256[:2] / sha256).read_bytes()


def test_a_wrong_extension_is_read_for_what_it_is(empty_site: Site, tmp_path: Path) -> None:
    document = ready(empty_site, "report.docx", files.pdf(tmp_path / "report.pdf").read_bytes())
    sheet = empty_site.as_("dana").get(f"/documents/{document}").json()
    assert sheet["media_type"] == "application/pdf"
    [warning] = sheet["warnings"]
    assert "PDF" in warning


def test_a_question_of_20_000_characters_is_refused(empty_site: Site) -> None:
    response = empty_site.ask("dana", "why " * 5_000)
    assert response.status_code == 422
    assert response.json()["detail"].startswith("The question has 19,999 characters; at most 4,000")


def test_somebody_without_a_valid_token_is_told_to_sign_in(empty_site: Site) -> None:
    response = empty_site.as_("dana").get("/documents", headers={"Authorization": "Bearer srm_made-up"})
    assert (response.status_code, response.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["ask", "Who?", "--as", "eve"],
            "There is no person “eve”. The people are: alice, bob, charlie, dana.",
        ),
        (
            ["ask", "why " * 5_000, "--as", "dana"],
            "The question has 19,999 characters; at most 4,000 are read.",
        ),
        (["ingest", "/nowhere.pdf", "--collection", "Handbook"], "There is no file or folder /nowhere.pdf."),
    ],
)
def test_a_command_that_is_used_wrongly_says_so_in_a_sentence(
    arguments: list[str], message: str, empty_site: Site
) -> None:
    told = empty_site.manage(*arguments)
    assert (told.returncode, told.stdout) == (1, "")
    assert message in told.stderr
    assert "Traceback" not in told.stderr


def test_bad_files_do_not_stop_a_good_one_of_the_same_folder(empty_site: Site, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "broken.pdf").write_bytes(BROKEN_PDF + b"%")
    files.written(tmp_path, "canoe.txt", NOTICE.replace("rowing boat", "canoe"))
    done = empty_site.manage("ingest", str(tmp_path), "--collection", "Handbook", "--wait")
    assert done.returncode == 1
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == ["failed", "failed", "ready"]
    assert "2 of 3 documents failed." in done.stderr
