"""Installs the programs that tests need and PyPI does not have: `python -m tests.debian`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ingestion.parse import tessdata
from kb.errors import StrongroomError, Unavailable

POSTGRESQL_FOLDERS = Path("/usr/lib/postgresql")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    try:
        install(missing_packages())
    except StrongroomError as error:
        sys.exit(str(error))


def missing_packages() -> list[str]:
    found = {
        "postgresql": postgresql_folder(),
        "chromium": chromium(),
        "tesseract-ocr-eng": tessdata.folder_with("eng"),
        "tesseract-ocr-osd": tessdata.folder_with(tessdata.ORIENTATION),
    }
    return [package for package, place in found.items() if place is None]


def postgresql_folder() -> Path | None:
    """Where the newest PostgreSQL keeps its programs. Debian leaves the server's out of PATH."""
    numbered = sorted(POSTGRESQL_FOLDERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if numbered:
        return numbered[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def chromium() -> Path | None:
    on_path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return Path(on_path) if on_path else None


def install(packages: Sequence[str]) -> None:
    """
    Raises:
        Unavailable: they cannot be installed from here; the message says what to type.
    """
    if not packages:
        return
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Unavailable(f"The tests need {names}. Install them with this system's package manager.")
    root = as_root()
    if root is None:
        raise Unavailable(
            "The tests need programs that only an administrator can install. Run: "
            f"sudo apt-get update && sudo apt-get install --yes --no-install-recommends {names}"
        )
    sys.stdout.write(f"Installing {names} from the system's packages…\n")
    sys.stdout.flush()
    _apt(root, "update")
    _apt(root, "install", "--yes", "--no-install-recommends", *packages)


def as_root() -> list[str] | None:
    """What to put before a command to run it as root unasked; None when that cannot be done."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def _apt(root: list[str], *arguments: str) -> None:
    command = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise Unavailable(f"“{' '.join(command)}” failed: {result.stderr.strip()[-800:]}")


if __name__ == "__main__":
    main()
