"""A hostile file hurts only itself: limits, no network, no programs, no secrets, nothing left behind."""

import io
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from ingestion.parse import children, progress, sandbox, wire
from ingestion.parse.bounds import Bounds
from ingestion.parse.child import Job
from ingestion.parse.confine import ROOT, guards
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.pages import page_image
from ingestion.parse.reading import Patient
from ingestion.parse.sandbox import Limits, parse
from ingestion.parse.sniff import HTML, PDF, TEXT, XLSX
from kb.errors import ParserStopped, Unreadable
from tests import files

LIMITS = Limits(seconds=60)
GUARDS = guards()


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("Hello from the child.")
    return path


def confined(
    code: str, limits: Limits = LIMITS, *, folder: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    """Runs hostile code as a parser would run it, in a folder of its own."""
    start = f"from ingestion.parse.confine import Limits, Bounds, confine; guards = confine({limits!r})\n"
    return subprocess.run(
        [sys.executable, "-c", start + code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_returns_what_the_child_read(text: Path) -> None:
    parsed = parse(text, name="a.txt", media_type=TEXT.media_type, limits=LIMITS)
    assert parsed.elements == (Element(Kind.PARAGRAPH, "Hello from the child."),)
    assert parsed.parser == "plain-1"


def test_it_names_the_file_in_the_reason_why_it_cannot_be_read(tmp_path: Path) -> None:
    path = files.pdf(tmp_path / "stored", password="secret")
    with pytest.raises(Unreadable, match=re.escape("“plan.pdf”: This PDF is protected by a password")):
        parse(path, name="plan.pdf", media_type=PDF.media_type, limits=LIMITS)


def test_it_draws_a_page_as_wide_as_asked_for(tmp_path: Path) -> None:
    path = files.pdf(tmp_path / "stored", pages=2)
    image = Image.open(io.BytesIO(page_image(path, 2, 300)))
    assert (image.format, image.width) == ("PNG", 300)
    assert len(image.getcolors()) > 2  # Something is written there.
    with pytest.raises(Unreadable, match="It has 2 pages, so there is no page 3"):
        page_image(path, 3, 300)


def test_a_child_cannot_make_its_parent_wait_by_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "progress")
    assert progress.read(tmp_path) is None


def test_a_quick_format_stays_quick(text: Path) -> None:
    started = time.monotonic()
    parse(text, name="a.txt", media_type=TEXT.media_type, limits=LIMITS)
    assert time.monotonic() - started < 5


def test_it_works_inside_a_daemonic_process_as_celery_has(text: Path) -> None:
    results = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(
        target=_parse_into, args=(results, text), daemon=True
    )
    process.start()
    assert results.get(timeout=60) == "Hello from the child."
    process.join()


def _parse_into(results: "multiprocessing.Queue[str]", path: Path) -> None:
    results.put(parse(path, name="a.txt", media_type=TEXT.media_type, limits=LIMITS).text)


def test_it_stops_a_parser_that_takes_too_long(tmp_path: Path) -> None:
    path = tmp_path / "slow.html"
    path.write_text("<p>word</p>" * 400_000)
    with pytest.raises(ParserStopped, match=re.escape("“slow.html” took longer than the 1 seconds")):
        parse(path, name="slow.html", media_type=HTML.media_type, limits=Limits(seconds=1))


def test_it_stops_a_parser_that_takes_too_much_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_text("word " * 3_000_000)
    limits = Limits(memory=32 * 1024**2, bounds=Bounds(line=16 * 1024**2))
    with pytest.raises(ParserStopped, match=re.escape("“big.txt” needed more than the 32 MB of memory")):
        parse(path, name="big.txt", media_type=TEXT.media_type, limits=limits)


def test_it_stops_a_parser_that_says_too_much(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 500_000)
    with pytest.raises(ParserStopped, match=re.escape("“long.txt” holds more than 1 MB of text")):
        parse(path, name="long.txt", media_type=TEXT.media_type, limits=Limits(output=1024**2))


def test_nothing_is_left_in_the_temporary_folder(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    parse(text, name="a.txt", media_type=TEXT.media_type, limits=LIMITS)
    with pytest.raises(Unreadable):
        parse(text, name="a.pdf", media_type=PDF.media_type, limits=LIMITS)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_stored_file_is_not_the_one_that_the_child_holds(tmp_path: Path) -> None:
    path = files.xlsx(tmp_path / "stored", {"Data": files.TABLE})
    before = path.read_bytes()
    parse(path, name="a.xlsx", media_type=XLSX.media_type, limits=LIMITS)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["stored"]


def test_the_child_has_no_secrets_in_its_environment(monkeypatch: pytest.MonkeyPatch, text: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://hunter2")
    monkeypatch.setenv("STRONGROOM_LLM_API_KEY", "hunter2")
    assert "hunter2" not in "".join(sandbox.environment(text.parent).values())


def test_the_child_loads_neither_django_nor_torch(tmp_path: Path) -> None:
    path = tmp_path / "document.html"
    path.write_text("<h1>Leave</h1><p>Twenty-five days a year.</p>")
    code = (
        "import os, sys; from ingestion.parse import child, preload, registry, wire; "
        f"os.chdir({str(tmp_path)!r}); preload.load(['text/html']); "
        "child._parse(child.Bounds(), 'text/html', '', 'eng', '1', '60'); "
        "print([name for name in ('django', 'torch', 'transformers') if sys.modules.get(name)])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.parametrize(
    "hostile",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.fork()",
    ],
)
def test_a_parser_reaches_no_network_and_starts_no_program(hostile: str) -> None:
    ran = confined(hostile)
    assert ran.returncode == 1
    assert re.search("A parser may not do this|Operation not permitted", ran.stderr)


@pytest.mark.skipif(not GUARDS.files, reason="this system has no Landlock")
@pytest.mark.parametrize(
    "hostile",
    [
        "open('/etc/passwd')",
        "open(f'{ROOT}/manage.py')",
        "os.listdir(f'{ROOT}/tests')",
        "open(f'/proc/{os.getppid()}/environ')",
        "open('/tmp/strongroom-was-here', 'w')",
        "os.truncate('/usr/bin/env', 0)",
        "os.symlink('/etc/passwd', 'link'); open('link')",
        "import signal; os.kill(os.getppid(), signal.SIGTERM)",
    ],
)
def test_a_parser_opens_no_file_but_its_own_and_signals_nobody(tmp_path: Path, hostile: str) -> None:
    ran = confined(f"import os; ROOT = {str(ROOT)!r}\n{hostile}", folder=tmp_path)
    assert ran.returncode == 1
    assert "PermissionError" in ran.stderr


def test_a_parser_writes_into_its_own_folder(tmp_path: Path) -> None:
    ran = confined("open('mine', 'w').write('x'); print(open('mine').read())", folder=tmp_path)
    assert (ran.stdout, ran.stderr) == ("x\n", "")


@pytest.mark.skipif(not GUARDS.calls, reason="this system has no seccomp for its architecture")
@pytest.mark.parametrize(
    "call",
    [
        "fork()",
        "vfork()",
        "socket(1, 1, 0)",
        "execv(b'/bin/true', None)",
        "unshare(0x10000000)",
    ],
)
def test_native_code_starts_nothing_and_makes_no_socket(call: str) -> None:
    ran = confined(f"import ctypes; print(ctypes.CDLL(None).{call})")
    assert ran.stdout == "-1\n"


def test_threads_are_allowed_because_engines_need_them() -> None:
    ran = confined(
        "from threading import Thread; t = Thread(target=print, args=['ran']); t.start(); t.join()"
    )
    assert ran.stdout == "ran\n"


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_native_code_has_no_network_either_where_the_system_allows_it() -> None:
    allowed = (
        subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode
        == 0
    )
    if not allowed:
        pytest.skip("this system lets nobody make a network namespace")
    ran = confined(
        "print([line.split(':')[0].strip() for line in open('/proc/self/net/dev') if ':' in line])"
    )
    assert ran.stdout.strip() == "['lo']"


def test_a_parser_that_burns_its_seconds_is_killed_by_the_system() -> None:
    ran = confined("while True: pass", Limits(seconds=1))
    assert ran.returncode < 0


def test_a_parser_dies_with_its_parent() -> None:
    confine = "from ingestion.parse.confine import Limits, confine; confine(Limits()); "
    child = f"{confine}import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    parent = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
        process.wait()
        assert _ends(pid)


def test_one_server_serves_file_after_file_and_no_engine_runs_in_it(text: Path) -> None:
    page = text.with_name("a.html")
    page.write_text("<h1>Leave</h1><p>Twenty-five days a year.</p>")
    for path, wanted in ((text, TEXT), (page, HTML), (text, TEXT)):
        parse(path, name=path.name, media_type=wanted.media_type, limits=LIMITS)
    (server,) = _servers()
    # A thread would be missing in what is forked off, and whatever waits for it would hang.
    assert server.num_threads() == 1


def test_a_server_that_died_is_replaced(text: Path) -> None:
    parse(text, name="a.txt", media_type=TEXT.media_type, limits=LIMITS)
    (server,) = _servers()
    server.kill()
    server.wait()
    assert (
        parse(text, name="a.txt", media_type=TEXT.media_type, limits=LIMITS).text == "Hello from the child."
    )


def test_the_child_ends_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    path = tmp_path / "slow.html"
    path.write_text("<p>word</p>" * 400_000)

    def stop() -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "document.html").write_bytes(path.read_bytes())
    with pytest.raises(KeyboardInterrupt):
        children.run(Job(str(folder), ("parse", HTML.media_type, "", "eng", "1", "60"), LIMITS), stop)
    assert _servers() == []


def _servers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "ingestion.parse.forkserver" in each.cmdline()]


def _ends(pid: int) -> bool:
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    os.kill(pid, 9)
    return False


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x80\x04pickle",
        b"[]",
        b'{"elements": "all"}',
        b'{"elements": [{"kind": "script", "text": "x", "page": null, "level": null}], "parser": "x", "title": null, '
        b'"pages": null, "language": null, "warnings": []}',
        b'{"elements": [], "parser": "x", "title": 5, "pages": true, "language": null, "warnings": []}',
        b"[" * 100_000,
    ],
)
def test_a_result_that_is_not_a_document_is_refused(sent: bytes) -> None:
    with pytest.raises(wire.Malformed):
        wire.unpack(sent)


def test_a_document_crosses_unchanged() -> None:
    elements = (Element(Kind.HEADING, "Naïve › “quotes”", 1, 2), Element(Kind.TABLE, "| a |\n| --- |", 3))
    parsed = Parsed(elements, parser="x-1", title="T", pages=3, language="en", warnings=("Look.",))
    assert wire.unpack(wire.pack(parsed)) == parsed


class TakenAwayError(Exception):
    pass


def test_a_document_that_is_taken_away_ends_its_reader(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Patient):
        def check(self) -> None:
            raise TakenAwayError

    monkeypatch.setattr(children, "GLANCE", 0.001)  # Before the child can have read anything.
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(TakenAwayError):
        parse(text, name="a.txt", media_type=TEXT.media_type, limits=LIMITS, watch=Gone())
    assert set(psutil.Process().children(recursive=True)) <= before
