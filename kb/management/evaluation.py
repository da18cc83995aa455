"""Measuring on a library made of a set: `manage.py evaluate` runs this in a data folder made for it.

One process a set, because an index of two sets would count how rare a word is in both.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from inference import registry
from kb.errors import Rejected, StrongroomError, Unavailable
from kb.management.scratch import MARK, scratch_environment

Item = TypeVar("Item")
MODEL = "STRONGROOM_LLM_MODEL"
NOT_TO_MEASURE = 2
"""Exit status when the set is at fault or a model is missing; the sentence is on standard output."""


def evaluate_apart(path: Path, module: str = "kb.management.evaluation") -> str:
    """The JSON that a module prints about a set or a file, in a process and a data folder of its own.

    A model in the cloud is not asked.

    Raises:
        Rejected: there is no judged set, none that can be read, or a model is missing.
        Unavailable: the measuring broke off.
    """
    with scratch_environment(settings.VAR / "models") as environment:
        measured = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", module, str(path.resolve())],
            cwd=settings.BASE_DIR,
            env=environment | _model_here(),
            stdout=subprocess.PIPE,
            text=True,
        )
    if measured.returncode == NOT_TO_MEASURE:
        raise Rejected(measured.stdout.strip())
    if measured.returncode:
        raise Unavailable(f"The measuring of {path} broke off; what it wrote above says where.")
    return measured.stdout


def tracked(items: Sequence[Item], what: str) -> Iterable[Item]:
    """A progress bar on standard error, where somebody looks at it."""
    # A third of a second of imports, which the other commands do without.
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, what, console=console, transient=True, disable=not console.is_terminal)


def measure_alone(measured: Callable[[Path], str]) -> None:
    """The main part of such a module: prints the JSON for the path on its command line, or why there is none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    path = parser.parse_args().path
    if not (settings.VAR / MARK).exists():
        sys.exit("This fills its data folder. Run `manage.py evaluate`, which makes one.")
    try:
        sys.stdout.write(measured(path))
    except StrongroomError as error:
        sys.stdout.write(str(error))
        sys.exit(NOT_TO_MEASURE)


def _model_here() -> dict[str, str]:
    """The language model of this installation, if it runs on the premises."""
    return {MODEL: settings.LLM_MODEL} if settings.LLM_MODEL and not registry.is_outside("llm") else {}


def _measured(folder: Path) -> str:
    import django
    from django.core.management import call_command

    django.setup()
    # They need the applications that were just set up.
    from ingestion.evaluate.readers import read_set
    from ingestion.evaluate.report import as_row
    from ingestion.evaluate.retrieval import evaluate_set

    call_command("migrate", verbosity=0)
    return json.dumps(as_row(evaluate_set(read_set(folder), tracked=tracked)), ensure_ascii=False)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    measure_alone(_measured)
