"""Measuring on a library made of a set: `manage.py evaluate` runs this in a data folder made for it.

One process a set, because an index of two sets would count how rare a word is in both.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from inference import registry
from kb.management.scratch import measure_here, measured_apart

Item = TypeVar("Item")


def evaluate_apart(path: Path, module: str = "kb.management.evaluation") -> str:
    """The JSON that a module prints about a set or a file, in a process and a data folder of its own.

    A model in the cloud is not asked.

    Raises:
        Rejected: there is no judged set, none that can be read, or a model is missing.
        Unavailable: the measuring broke off.
    """
    return measured_apart(module, str(path.resolve()), llm=not registry.is_outside("llm"))


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
    measure_here(lambda: measured(path))


def _measured(folder: Path) -> str:
    # They need the applications that were set up by now.
    from ingestion.evaluate.readers import read_set
    from ingestion.evaluate.report import as_row
    from ingestion.evaluate.retrieval import evaluate_set

    return json.dumps(as_row(evaluate_set(read_set(folder), tracked=tracked)), ensure_ascii=False)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    measure_alone(_measured)
