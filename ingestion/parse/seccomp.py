"""seccomp: the kernel refuses system calls that no parser needs, to native code as to Python's.

Linux; https://docs.kernel.org/userspace-api/seccomp_filter.html, and the tables of each architecture for the numbers.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Iterator
from dataclasses import dataclass

PR_SET_SECCOMP = 22
MODE_FILTER = 2
KILL, REFUSE, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
"""What a filter returns: SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW."""
LOAD, JUMP_EQUAL, JUMP_FROM, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of classic BPF."""
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`, little-endian."""
CLONE_THREAD = 0x00010000
FOREIGN = 0x40000000
"""From here on x86-64 has the calls of another interface (x32)."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """An architecture's AUDIT_ARCH and the numbers of its system calls."""

    architecture: int
    clone: int
    clone3: int
    refused: tuple[int, ...]
    """fork and vfork (x86-64 alone), execve, execveat, socket, kill, tkill, ptrace, process_vm_readv and _writev,
    pidfd_open, _getfd and _send_signal, mount, umount2, pivot_root, chroot, unshare, setns, bpf, perf_event_open,
    keyctl, add_key, request_key, userfaultfd, io_uring_setup, open_by_handle_at, init_module, finit_module,
    kexec_load
    """


MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 56, 435,
        (57, 58, 59, 322, 41, 62, 200, 101, 310, 311, 434, 438, 424, 165, 166, 155, 161, 272, 308, 321, 298, 250,
         248, 249, 323, 425, 304, 175, 313, 246),
    ),
    "aarch64": _Machine(
        0xC00000B7, 220, 435,
        (221, 281, 198, 129, 130, 117, 270, 271, 434, 438, 424, 40, 39, 41, 51, 97, 268, 280, 241, 219,
         217, 218, 282, 425, 265, 105, 273, 104),
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def refuse_calls() -> bool:
    """Whether the filter holds now. Threads may be started, processes may not.

    The process must have set PR_SET_NO_NEW_PRIVS.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    code = b"".join(_filter(machine))
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0)) == 0


def _filter(machine: _Machine) -> Iterator[bytes]:
    yield _instruction(LOAD, ARCHITECTURE)
    yield _instruction(JUMP_EQUAL, machine.architecture, skip_if=1)
    yield _instruction(RETURN, KILL)
    yield _instruction(LOAD, NUMBER)
    yield _instruction(JUMP_FROM, FOREIGN, skip_unless=1)
    yield _instruction(RETURN, REFUSE | errno.EPERM)
    for call in machine.refused:
        yield _instruction(JUMP_EQUAL, call, skip_unless=1)
        yield _instruction(RETURN, REFUSE | errno.EPERM)
    # Its flags lie in memory, where a filter cannot look; without it the C library takes `clone`.
    yield _instruction(JUMP_EQUAL, machine.clone3, skip_unless=1)
    yield _instruction(RETURN, REFUSE | errno.ENOSYS)
    yield _instruction(JUMP_EQUAL, machine.clone, skip_unless=3)
    yield _instruction(LOAD, FIRST_ARGUMENT)
    yield _instruction(JUMP_ANY_BIT, CLONE_THREAD, skip_if=1)
    yield _instruction(RETURN, REFUSE | errno.EPERM)
    yield _instruction(RETURN, ALLOW)


def _instruction(code: int, value: int, *, skip_if: int = 0, skip_unless: int = 0) -> bytes:
    """`struct sock_filter`: how many instructions to skip if the comparison holds, and if not."""
    return struct.pack("HBBI", code, skip_if, skip_unless, value)
