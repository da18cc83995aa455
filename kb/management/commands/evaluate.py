"""manage.py evaluate: how good the house is at what it does, as tables or JSON."""

import argparse
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import kb.sample
from inference.evaluate.classification import evaluate_folder
from ingestion.classify import CategoryOption
from ingestion.evaluate.sensitivity import evaluate as evaluate_sensitivity
from kb.errors import StrongroomError

SAMPLE = Path(kb.sample.__file__).parent
Rows = list[dict[str, Any]]
Report = dict[str, Rows]
"""Table name → rows; every row of a table has the same columns."""


class Command(BaseCommand):
    help = "Measures classification and labelling on labelled texts."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        subcommands = parser.add_subparsers(dest="what", required=True)
        classification = subcommands.add_parser("classification", help="sort texts into classes")
        classification.add_argument("folders", nargs="+", type=Path, metavar="DIR")
        classification.add_argument("--slm", action="store_true", help="the SLM too: seconds a text")
        sensitivity = subcommands.add_parser("sensitivity", help="label texts whose sensitivity is known")
        sensitivity.add_argument(
            "file", nargs="?", type=Path, default=SAMPLE / "labelled.jsonl", metavar="FILE"
        )
        for subcommand in (classification, sensitivity):
            subcommand.add_argument("--json", action="store_true", help="print JSON")
            subcommand.add_argument("--out", type=Path, metavar="FILE", help="write JSON there as well")

    def handle(self, *args: str, **options: Any) -> None:
        try:
            report = EVALUATIONS[options["what"]](options)
        except StrongroomError as error:
            raise CommandError(str(error)) from error
        text = json.dumps(report, ensure_ascii=False, indent=2)
        if options["out"]:
            options["out"].write_text(text + "\n", encoding="utf-8")
        self.stdout.write(text if options["json"] else _tables(report))


def classification(options: Mapping[str, Any]) -> Report:
    return {
        folder.name: [asdict(scores) for scores in evaluate_folder(folder, slm=options["slm"])]
        for folder in options["folders"]
    }


def sensitivity(options: Mapping[str, Any]) -> Report:
    found = evaluate_sensitivity(options["file"], shipped_categories())
    return {
        "sensitivity": [asdict(scores) for scores in found.sensitivity],
        "category": [
            {"split": split, "accuracy": share, "seconds_a_document": found.seconds_a_document}
            for split, share in found.category_accuracy.items()
        ],
    }


EVALUATIONS: dict[str, Callable[[Mapping[str, Any]], Report]] = {
    "classification": classification,
    "sensitivity": sensitivity,
}


def shipped_categories() -> list[CategoryOption]:
    library = tomllib.loads((SAMPLE / "library.toml").read_text(encoding="utf-8"))
    return [CategoryOption(each["name"], each["description"]) for each in library["categories"]]


def _tables(report: Report) -> str:
    return "\n\n".join(f"{name}\n{_table(rows)}" for name, rows in report.items())


def _table(rows: Rows) -> str:
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
