"""A data folder for one measurement, and the processes that work on it. The user's own is never touched."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb import embedder

MARK = "made-to-be-measured"
"""The file in a data folder that says that it may be filled and thrown away."""
ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "QDRANT_URL", "STRONGROOM_LLM_MODEL")
"""What would lead out of the folder, or send the sample's text somewhere."""


@contextmanager
def scratch_environment(models: Path) -> Iterator[dict[str, str]]:
    """The environment of processes that see only a fresh data folder; it borrows the prepared models,
    and embeds with the embedder that is chosen here."""
    with tempfile.TemporaryDirectory(prefix="strongroom-measuring-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / MARK).touch()
        if models.is_dir():
            (folder / "models").symlink_to(models)
        if (chosen := models.parent / embedder.FILE).is_file():
            shutil.copy(chosen, folder)
        kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
        yield kept | {"STRONGROOM_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "kb.settings"}


@contextmanager
def running(*command: str) -> Iterator[None]:
    """A Python process in this one's environment, for as long as the block runs."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
