"""Measuring retrieval on a judged set: `manage.py evaluate retrieval` runs this in a data folder made for it.

One process a set, because an index of two sets would count how rare a word is in both.
"""

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from kb.management.scratch import measure_here, measured_apart

Item = TypeVar("Item")


def evaluate_apart(folder: Path) -> str:
    """The JSON of one set, measured in a process and a data folder of its own.

    Raises:
        Rejected: the folder holds no judged set, none that can be read, or a model is missing.
        Unavailable: the measuring broke off.
    """
    return measured_apart("kb.management.evaluation", str(folder.resolve()))


def tracked(items: Sequence[Item], what: str) -> Iterable[Item]:
    """A progress bar on standard error, where somebody looks at it."""
    # A third of a second of imports, which the other commands do without.
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, what, console=console, transient=True, disable=not console.is_terminal)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m kb.management.evaluation")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    measure_here(lambda: _measured(folder))


def _measured(folder: Path) -> str:
    # They need the applications that were just set up.
    from ingestion.evaluate.readers import read_set
    from ingestion.evaluate.report import as_row
    from ingestion.evaluate.retrieval import evaluate_set

    return json.dumps(as_row(evaluate_set(read_set(folder), tracked=tracked)), ensure_ascii=False)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    main()
