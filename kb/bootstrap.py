"""Checks the machine and fills `.venv`: `python3 -m kb.bootstrap [--dev]`.

It runs before anything is installed and on whatever `python3` there is, so it keeps to the standard
library and to syntax that older Pythons read; otherwise they could not say that they are too old.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from kb.errors import StrongroomError, Unavailable

PYTHON = "3.11"
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TORCH = "requirements-torch.txt"
PRODUCT = (TORCH, "requirements.txt", "requirements-models.txt")
DEVELOPMENT = (*PRODUCT, "requirements-dev.txt")
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
SPACE_TO_INSTALL = 4_000_000_000  # bytes
SPACE_TO_RUN = 500_000_000  # bytes


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python3 -m kb.bootstrap", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="install what the tests need, too")
    parser.add_argument("--python", default="", help=f"the Python {PYTHON} to use")
    parser.add_argument("--torch-index", default=TORCH_INDEX, help="where to get PyTorch without CUDA")
    options = parser.parse_args(arguments)
    try:
        install(dev=options.dev, python=options.python, torch_index=options.torch_index)
    except StrongroomError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped. The next run installs what is missing.")


def install(*, dev: bool = False, python: str = "", torch_index: str = TORCH_INDEX) -> None:
    """Makes `.venv` hold what the requirements files pin; does nothing when it does already."""
    requirements = DEVELOPMENT if dev else PRODUCT
    stamp = VENV / ("installed-dev" if dev else "installed")
    if stamp.exists() and stamp.read_text() == _fingerprint(requirements):
        return
    check_writable(ROOT)
    check_space(ROOT, SPACE_TO_RUN if VENV.exists() else SPACE_TO_INSTALL)
    _make_environment(python)
    stamp.unlink(missing_ok=True)
    _say("Installing packages (about 2.7 GB, 2 minutes the first time)…")
    for name in requirements:
        _install_file(name, torch_index)
    stamp.write_text(_fingerprint(requirements))
    _say("Installed.")


def find_python(named: str = "") -> str:
    """The command of a Python of the right version, `named` or looked for.

    Raises:
        Unavailable: there is none.
    """
    candidates = [named] if named else [f"python{PYTHON}", "python3", sys.executable, *_pyenv_pythons()]
    found = {candidate: _version_of(candidate) for candidate in candidates}
    for candidate, version in found.items():
        if version == PYTHON:
            return candidate
    others = ", ".join(sorted({version for version in found.values() if version})) or "none"
    raise Unavailable(
        f"Strongroom needs Python {PYTHON} (found: {others}). Install python{PYTHON} with its venv module, "
        f"or say where it is: make up PYTHON=/path/to/python{PYTHON}"
    )


def check_space(folder: Path, needed: int) -> None:
    """
    Raises:
        Unavailable: the disk that holds `folder` has less than `needed` bytes left.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise Unavailable(
            f"The disk of {folder} has {free / 1e9:.1f} GB left and {needed / 1e9:.1f} GB are needed. "
            "Free some space, or use a folder on another disk."
        )


def check_writable(folder: Path) -> None:
    """
    Raises:
        Unavailable: no file can be made in `folder`.
    """
    probe = folder / f".writable-{os.getpid()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Unavailable(
            f"The folder {folder} cannot be written ({error.strerror}). Make it writable, or copy it to "
            "one that is."
        ) from error


def check_port(host: str, port: int) -> None:
    """
    Raises:
        Unavailable: nothing can listen at this address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As servers do, so that connections that have just ended do not count as a busy port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable(
            f"The portal cannot listen on {host} port {port} ({reason}). Choose another port: "
            "make up PORT=8123"
        ) from error


def _make_environment(python: str) -> None:
    if _version_of(str(VENV / "bin" / "python")) == PYTHON:
        return
    _say(f"Making {VENV}…")
    command = [find_python(python), "-m", "venv", "--clear", str(VENV)]
    made = _run(command)
    if made.returncode:
        raise Unavailable(
            f"The virtual environment {VENV} could not be made; on Debian and Ubuntu install "
            f"python{PYTHON}-venv. {_tail(made)}"
        )


def _install_file(name: str, torch_index: str) -> None:
    if name == TORCH:
        # pip's own folders come first; its index would bring gigabytes of CUDA.
        if _pip(name, "--no-index").returncode == 0:
            return
        result = _pip(name, "--index-url", torch_index)
    else:
        result = _pip(name)
    if result.returncode:
        raise Unavailable(f"Installing {name} failed; nothing is lost, run it again. {_tail(result)}")


def _pip(name: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs pip on a file that pins everything, so there is nothing to resolve (`--no-deps`)."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-deps", "--require-hashes", *options, "-r", name]
    return _run(command)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603 - no shell


def _tail(result: subprocess.CompletedProcess[str]) -> str:
    """What a failed program said last: its errors rather than its warnings."""
    lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return "It said:\n" + "\n".join((errors or lines)[-8:])


def _fingerprint(requirements: Iterable[str]) -> str:
    """Changes when a requirements file or the environment's Python does."""
    digest = hashlib.sha256()
    for path in (*(ROOT / name for name in requirements), VENV / "pyvenv.cfg"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _version_of(python: str) -> str:
    """“3.11”, or nothing when the command does not run."""
    ask = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
    try:
        return _run([python, "-c", ask]).stdout
    except OSError:
        return ""


def _pyenv_pythons() -> list[str]:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return [str(path) for path in sorted(root.glob(f"versions/{PYTHON}.*/bin/python"))]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
