"""Landlock: a process gives up all files but those it names, for itself and all that it starts, for good.

Linux 5.13 and later; https://docs.kernel.org/userspace-api/landlock.html has the structures and numbers.
"""

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System calls, the same on every architecture."""
CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1

EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
ALL_OF_ABI_1 = (1 << 13) - 1
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
"""Rights on files that ABI 2, 3 and 5 added."""
BIND_TCP_AND_CONNECT_TCP = 0b11
"""Since ABI 4."""
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
"""Since ABI 6."""
OF_FILES = EXECUTE | 1 << 1 | READ_FILE | TRUNCATE | IOCTL_DEV
"""Rights that a rule for a file, not a folder, may name."""


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def keep_only(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Whether it holds now. Paths that do not exist are left out, and no program can be started.

    The process must have set PR_SET_NO_NEW_PRIVS.
    """
    abi = _call(CREATE_RULESET, None, ctypes.c_size_t(0), CREATE_RULESET_VERSION)
    if abi < 1:
        return False
    rights = _rights(abi)
    wanted = _Ruleset(
        rights,
        BIND_TCP_AND_CONNECT_TCP if abi >= 4 else 0,
        ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0,
    )
    # Older kernels take no fields that they do not know.
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _call(CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for paths, allowed in ((readable, READ_FILE | READ_DIR), (writable, rights & ~EXECUTE)):
            for path in paths:
                _allow(ruleset, path, allowed)
        return _call(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _rights(abi: int) -> int:
    newer = ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV))
    return ALL_OF_ABI_1 | sum(right for since, right in newer if abi >= since)


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    with suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            beneath = _PathBeneath(allowed if path.is_dir() else allowed & OF_FILES, place)
            _call(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(beneath), 0)
        finally:
            os.close(place)


def _call(number: int, *arguments: object) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(number, *arguments))
