"""ClamAV, where a daemon is named: what it takes for malware is not kept, and while it is away nothing comes in.

The file is sent over the daemon's own Unix socket, so that it needs no right to read ours. The protocol is INSTREAM of
clamd(8).
"""

import re
import socket
import struct
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from kb.errors import TooLarge, Unavailable, Unreadable

BLOCK = 256 * 1024
"""Bytes; below the daemon's StreamMaxLength, whatever it is set to."""
TIMEOUT = 120.0
"""Seconds that it may be silent."""
LONGEST_REPLY = 4096
"""Bytes."""
FOUND = re.compile(r"stream: (.+) FOUND")


def refuse_infected(path: Path) -> None:
    """Asks the daemon, if one is named.

    Raises:
        Unreadable: it finds something in the file.
        TooLarge: the file is larger than it takes.
        Unavailable: it is away, or answers something else.
    """
    if not settings.CLAMD_SOCKET:
        return
    reply = _ask(path)
    if reply == "stream: OK":
        return
    if found := FOUND.fullmatch(reply):
        raise Unreadable(f"ClamAV finds “{found[1]}” in this file. It was not kept.")
    if "size limit exceeded" in reply:
        raise TooLarge(
            "The file is larger than ClamAV takes. Split it, or ask the administrator to raise StreamMaxLength."
        )
    raise Unavailable(f"ClamAV could not look at the file ({reply or 'no answer'}). Try again later.")


def is_there() -> bool:
    """Whether the daemon answers."""
    with suppress(OSError), _connected() as daemon:
        daemon.sendall(b"zPING\0")
        return _reply(daemon) == "PONG"
    return False


def _ask(path: Path) -> str:
    try:
        with _connected() as daemon, path.open("rb") as file:
            # One that has seen too much answers before all is sent, and hangs up.
            with suppress(BrokenPipeError, ConnectionResetError):
                daemon.sendall(b"zINSTREAM\0")
                while block := file.read(BLOCK):
                    daemon.sendall(struct.pack("!L", len(block)) + block)
                daemon.sendall(struct.pack("!L", 0))
            return _reply(daemon)
    except OSError as error:
        raise Unavailable(
            f"ClamAV, which looks at every file, is away ({error.strerror or error}). Try again later."
        ) from error


def _connected() -> socket.socket:
    daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    daemon.settimeout(TIMEOUT)
    try:
        daemon.connect(settings.CLAMD_SOCKET)
    except OSError:
        daemon.close()
        raise
    return daemon


def _reply(daemon: socket.socket) -> str:
    """Up to its end mark: what comes behind that may be an error, because the daemon has hung up."""
    reply = b""
    while not reply.endswith(b"\0") and (more := daemon.recv(LONGEST_REPLY)):
        reply += more
    return reply.decode(errors="replace").rstrip("\0\n")
