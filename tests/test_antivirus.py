"""With ClamAV named, what it finds is not kept, and nothing comes in while it is away."""

import re
import socketserver
import struct
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from ingestion.antivirus import is_there
from ingestion.store import store
from kb.checks import check_antivirus
from kb.errors import TooLarge, Unavailable, Unreadable
from tests.hostile.texts import EICAR

STREAM_MAX_LENGTH = 1_000_000


class Clamd(socketserver.StreamRequestHandler):
    """Speaks the daemon's protocol, and knows one signature."""

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        self.wfile.write(b"PONG\0" if command == b"zPING\0" else self.scanned())

    def scanned(self) -> bytes:
        data = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
            if len(data) > STREAM_MAX_LENGTH:
                return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR.encode() in data else b"stream: OK\0"


@pytest.fixture
def clamd(tmp_path: Path, settings: Settings) -> Iterator[None]:
    settings.CLAMD_SOCKET = str(tmp_path / "clamd.ctl")
    with socketserver.ThreadingUnixStreamServer(settings.CLAMD_SOCKET, Clamd) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield
        server.shutdown()
        thread.join()


def kept(settings: Settings) -> set[Path]:
    return {
        path for folder in (settings.FILES, settings.INCOMING) for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.usefixtures("clamd")
def test_what_it_finds_is_refused_by_its_name_and_not_kept(settings: Settings) -> None:
    before = kept(settings)
    with pytest.raises(Unreadable, match=re.escape("ClamAV finds “Eicar-Test-Signature” in this file.")):
        store(BytesIO(EICAR.encode()))
    assert kept(settings) == before


@pytest.mark.usefixtures("clamd")
def test_what_it_lets_pass_is_kept_whole() -> None:
    data = bytes(range(256)) * 2_500
    assert store(BytesIO(data)).path.read_bytes() == data


@pytest.mark.usefixtures("clamd")
def test_what_is_larger_than_it_takes_is_refused() -> None:
    with pytest.raises(TooLarge, match="larger than ClamAV takes"):
        store(BytesIO(b"x" * 3_000_000))


def test_nothing_is_kept_while_it_is_away(tmp_path: Path, settings: Settings) -> None:
    settings.CLAMD_SOCKET = str(tmp_path / "gone.ctl")
    before = kept(settings)
    with pytest.raises(Unavailable, match="ClamAV, which looks at every file, is away"):
        store(BytesIO(b"harmless, and not looked at"))
    assert (is_there(), kept(settings)) == (False, before)


@pytest.mark.usefixtures("clamd")
def test_it_is_there_when_it_answers() -> None:
    assert is_there()


def test_the_check_of_a_deployment_says_that_nothing_can_come_in(tmp_path: Path, settings: Settings) -> None:
    assert check_antivirus(None) == []
    settings.CLAMD_SOCKET = str(tmp_path / "gone.ctl")
    assert [each.id for each in check_antivirus(None)] == ["strongroom.W010"]
