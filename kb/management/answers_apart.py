"""Measuring answers: `manage.py evaluate answers` runs this in a data folder made for it."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from kb.management.scratch import measure_here, measured_apart

SAMPLE = "sample"
"""Stands for the sample library."""


def answers_apart(of: str, *, limit: int | None, llm: bool) -> dict[str, Any]:
    """The JSON object of the sample or of a folder, measured in a process and a data folder of its own.

    Raises:
        Rejected: the folder says nothing about answers, or a model is missing.
        Unavailable: the measuring broke off.
    """
    place = of if of == SAMPLE else str(Path(of).resolve())
    bounds = ("--limit", str(limit)) if limit else ()
    measured: dict[str, Any] = json.loads(
        measured_apart("kb.management.answers_apart", place, *bounds, llm=llm)
    )
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m kb.management.answers_apart")
    parser.add_argument("of")
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    measure_here(lambda: _measured(given.of, given.limit))


def _measured(of: str, limit: int | None) -> str:
    # It needs the applications that were just set up.
    from kb.management.answering import answer_folder, answer_sample

    row = answer_sample(limit) if of == SAMPLE else answer_folder(Path(of), limit)
    return json.dumps(row, ensure_ascii=False)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    main()
