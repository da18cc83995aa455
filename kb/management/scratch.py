"""A data folder for one measurement, and the processes that work on it. The user's own is never touched."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from kb import embedder
from kb.errors import Rejected, StrongroomError, Unavailable

MARK = "made-to-be-measured"
"""The file in a data folder that says that it may be filled and thrown away."""
ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "QDRANT_URL")
"""What would lead out of the folder."""
LLMS = ("STRONGROOM_LLM_MODEL", "STRONGROOM_LLM_GGUF", "STRONGROOM_LLM2_MODEL", "STRONGROOM_DEMO_CLOUD")
"""What would let a language model write, and may send the sample's text somewhere."""
NOT_TO_MEASURE = 2
"""Exit status of a measuring process when what it was given is at fault or a model is missing; the sentence is on
standard output."""


@contextmanager
def scratch_environment(models: Path, *, llm: bool = False) -> Iterator[dict[str, str]]:
    """The environment of processes that see only a fresh data folder; it borrows the prepared models,
    and embeds with the embedder that is chosen here. With `llm` it may call the configured ones."""
    with tempfile.TemporaryDirectory(prefix="strongroom-measuring-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / MARK).touch()
        if models.is_dir():
            (folder / "models").symlink_to(models)
        if (chosen := models.parent / embedder.FILE).is_file():
            shutil.copy(chosen, folder)
        elsewhere = ELSEWHERE if llm else (*ELSEWHERE, *LLMS)
        kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
        yield kept | {"STRONGROOM_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "kb.settings"}


def measured_apart(module: str, *arguments: str, llm: bool = False) -> str:
    """What the module prints, run in a process and a data folder of its own (see `measure_here`).

    Raises:
        Rejected: what it was given is at fault, or a model is missing.
        Unavailable: the measuring broke off.
    """
    with scratch_environment(settings.VAR / "models", llm=llm) as environment:
        measured = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", module, *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
    if measured.returncode == NOT_TO_MEASURE:
        raise Rejected(measured.stdout.strip())
    if measured.returncode:
        raise Unavailable("The measuring broke off; what it wrote above says where.")
    return measured.stdout


def measure_here(measure: Callable[[], str]) -> None:
    """In such a process: makes the tables, measures, and prints what was found, or why not."""
    if not (settings.VAR / MARK).exists():
        sys.exit("This fills its data folder. Run `manage.py evaluate`, which makes one.")
    django.setup()
    try:
        call_command("migrate", verbosity=0)
        sys.stdout.write(measure())
    except StrongroomError as error:
        sys.stdout.write(str(error))
        sys.exit(NOT_TO_MEASURE)


@contextmanager
def running(*command: str) -> Iterator[None]:
    """A Python process in this one's environment, for as long as the block runs."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
