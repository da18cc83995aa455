"""manage.py evaluate: how good the house is at what it does, as tables or JSON."""

import argparse
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

import kb.sample
from inference.evaluate.classification import evaluate_folder
from inference.evaluate.personal import evaluate_folder as evaluate_personal
from inference.evaluate.support import evaluate_folder as evaluate_support
from ingestion.categorise import CategoryOption
from ingestion.evaluate.injection import detected
from ingestion.evaluate.parsing import Figures
from ingestion.evaluate.parsing import evaluate_folder as evaluate_parsing
from ingestion.evaluate.readers import golden_questions, queries_in
from ingestion.evaluate.report import as_lines, as_row
from ingestion.evaluate.retrieval import evaluate_golden
from ingestion.evaluate.sensitivity import evaluate as evaluate_sensitivity
from ingestion.parse.sandbox import Limits
from kb.environment import CONFIGURATION
from kb.errors import Rejected, StrongroomError
from kb.management.answer_runs import Request, evaluate_answers, is_worse
from kb.management.answer_runs import as_lines as answer_lines
from kb.management.answers_apart import SAMPLE as SAMPLE_SET
from kb.management.evaluation import evaluate_apart, tracked
from kb.management.lookup import person_named

SAMPLE = Path(kb.sample.__file__).parent
Rows = list[dict[str, Any]]
Tables = dict[str, Rows]
"""Table name → rows; every row of a table has the same columns."""


@dataclass(frozen=True, slots=True)
class Report:
    """The same findings for machines and for people."""

    data: Any
    text: str
    worse: bool = False
    """Than the baseline that it was compared with, beyond noise."""


class Command(BaseCommand):
    help = "Measures each step on data whose answers are known."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        subcommands = parser.add_subparsers(dest="what", required=True)
        retrieval = subcommands.add_parser("retrieval", help="find what is known to answer")
        retrieval.add_argument(
            "sets", nargs="+", type=Path, metavar="DIR", help="a judged set, or a CSV of golden questions"
        )
        retrieval.add_argument(
            "--as", dest="username", metavar="USER", help="who asks the golden questions of a CSV"
        )
        _add_answers(subcommands.add_parser("answers", help="answer what has a known answer"))
        classification = subcommands.add_parser("classification", help="sort texts into classes")
        classification.add_argument("folders", nargs="+", type=Path, metavar="DIR")
        classification.add_argument("--slm", action="store_true", help="the SLM too: seconds a text")
        sensitivity = subcommands.add_parser("sensitivity", help="label texts whose sensitivity is known")
        sensitivity.add_argument(
            "file", nargs="?", type=Path, default=SAMPLE / "labelled.jsonl", metavar="FILE"
        )
        personal = subcommands.add_parser("personal", help="find personal data that is known")
        personal.add_argument("folder", type=Path, metavar="DIR", help="with a texts.jsonl")
        support = subcommands.add_parser("support", help="tell what a source says from what it does not")
        support.add_argument("folders", nargs="+", type=Path, metavar="DIR")
        followups = subcommands.add_parser("followups", help="find what follow-up questions ask for")
        followups.add_argument(
            "file", nargs="?", type=Path, default=SAMPLE / "dialogues.jsonl", metavar="FILE"
        )
        injection = subcommands.add_parser("injection", help="find texts that speak to language models")
        injection.add_argument("folders", nargs="+", type=Path, metavar="DIR")
        parsing = subcommands.add_parser("parsing", help="read files whose text is known")
        parsing.add_argument("folder", type=Path, metavar="DIR", help="with an index.jsonl")
        for subcommand in subcommands.choices.values():
            subcommand.add_argument("--json", action="store_true", help="print JSON")
            subcommand.add_argument("--out", type=Path, metavar="FILE", help="write JSON there as well")

    def handle(self, *args: str, **options: Any) -> None:
        _check_writable(options["out"])
        try:
            report = EVALUATIONS[options["what"]](options)
        except StrongroomError as error:
            raise CommandError(str(error)) from error
        text = json.dumps(report.data, ensure_ascii=False, indent=2)
        if options["out"]:
            options["out"].write_text(text + "\n", encoding="utf-8")
        self.stdout.write(text if options["json"] else report.text)
        if report.worse:
            raise CommandError("Worse than the baseline, beyond noise. Nothing was accepted.")


def _add_answers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sets", nargs="+", metavar="SET", help=f"“{SAMPLE_SET}”, a folder, or the name of a golden set"
    )
    parser.add_argument("--as", dest="username", metavar="USER", help="whose golden sets; who asks them")
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="the first N questions of the sample or a folder"
    )
    parser.add_argument(
        "--llm", action="store_true", help="send the sample or a folder to the configured LLM too"
    )
    parser.add_argument(
        "--baseline", default="", metavar="FILE|RUN", help="compare; RUN is an id, or “accepted”"
    )
    parser.add_argument(
        "--accept", action="store_true", help="make a golden set's run the accepted one, unless it is worse"
    )


def retrieval(options: Mapping[str, Any]) -> Report:
    rows = [_retrieval(path, options["username"]) for path in options["sets"]]
    return Report(rows, "\n\n".join("\n".join(as_lines(row)) for row in rows))


def _retrieval(path: Path, username: str | None) -> dict[str, Any]:
    if path.suffix.lower() == ".csv":
        if not username:
            raise Rejected("Golden questions are asked of the library as somebody: add --as USER.")
        queries = queries_in(golden_questions(path))
        scores = evaluate_golden(path.stem, queries, person_named(username), tracked=tracked)
        return as_row(scores)
    if not path.is_dir():
        raise Rejected(f"{path} is neither a folder with a judged set nor a CSV of golden questions.")
    measured: dict[str, Any] = json.loads(evaluate_apart(path))
    return measured


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"“{text}” is no number from 1 up")
    return int(text)


def answers(options: Mapping[str, Any]) -> Report:
    asked = Request(**{field.name: options[field.name] for field in fields(Request)})
    rows = evaluate_answers(asked)
    text = "\n\n".join("\n".join(answer_lines(row)) for row in rows)
    return Report(rows, text, worse=any(map(is_worse, rows)))


def _check_writable(out: Path | None) -> None:
    """Before the minutes of work whose result goes there."""
    if out and not out.parent.is_dir():
        raise CommandError(f"There is no folder {out.parent} to write {out.name} to.")


def classification(options: Mapping[str, Any]) -> Report:
    return _tabled(
        {
            folder.name: [asdict(scores) for scores in evaluate_folder(folder, slm=options["slm"])]
            for folder in options["folders"]
        }
    )


def sensitivity(options: Mapping[str, Any]) -> Report:
    found = evaluate_sensitivity(options["file"], shipped_categories())
    return _tabled(
        {
            "sensitivity": [asdict(scores) for scores in found.sensitivity],
            "category": [
                {"split": split, "accuracy": share, "seconds_a_document": found.seconds_a_document}
                for split, share in found.category_accuracy.items()
            ],
        }
    )


def personal(options: Mapping[str, Any]) -> Report:
    found = evaluate_personal(options["folder"])
    named = {"overall": found.overall, **found.kinds}
    rows = [{"kind": name, **asdict(scores)} for name, scores in named.items()]
    return Report(asdict(found), _table(rows))


def support(options: Mapping[str, Any]) -> Report:
    return _tabled(
        {
            folder.name: [
                {"part": part, **asdict(scores)} for part, scores in evaluate_support(folder).items()
            ]
            for folder in options["folders"]
        }
    )


def followups(options: Mapping[str, Any]) -> Report:
    rows: Rows = json.loads(evaluate_apart(options["file"], "kb.management.followups"))
    return Report(rows, _table(rows))


def injection(options: Mapping[str, Any]) -> Report:
    found = [row for folder in options["folders"] for row in detected(folder)]
    asked = [
        json.loads(evaluate_apart(folder, "kb.management.injected"))
        for folder in options["folders"]
        if list(folder.glob("contexts.*.jsonl"))
    ]
    tables: Tables = {"texts": [_flat(asdict(row)) for row in found]}
    if asked:
        tables["answers"] = [_flat(row) for row in asked]
    return Report({"texts": [asdict(row) for row in found], "answers": asked}, _tabled(tables).text)


def parsing(options: Mapping[str, Any]) -> Report:
    limits = Limits(seconds=settings.PARSE_SECONDS, memory=settings.PARSE_MEMORY)
    found = evaluate_parsing(options["folder"], limits)
    named = {"overall": found.overall, **found.formats}
    failed = "\n".join(f"{each.file}: {each.reason}" for each in found.failed)
    return Report(
        asdict(found),
        f"{_table([_figures(name, each) for name, each in named.items()])}\n\nNot read\n{failed or '–'}",
    )


def _figures(name: str, figures: Figures) -> dict[str, Any]:
    return {"format": name, **asdict(figures), "cells": figures.cells and figures.cells.f1}


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Shares as “3 of 50 = .060 (.021 to .162)”."""
    return {name: _told(value) if isinstance(value, dict) else value for name, value in row.items()}


def _told(share: Mapping[str, Any]) -> str:
    return "{found} of {of} = {share:.3f} ({low:.3f} to {high:.3f})".format(**share)


EVALUATIONS: dict[str, Callable[[Mapping[str, Any]], Report]] = {
    "retrieval": retrieval,
    "answers": answers,
    "classification": classification,
    "sensitivity": sensitivity,
    "personal": personal,
    "support": support,
    "followups": followups,
    "injection": injection,
    "parsing": parsing,
}


def shipped_categories() -> list[CategoryOption]:
    library = tomllib.loads((SAMPLE / "library.toml").read_text(encoding="utf-8"))
    return [CategoryOption(each["name"], each["description"]) for each in library["categories"]]


def _tabled(tables: Tables) -> Report:
    return Report(tables, "\n\n".join(f"{name}\n{_table(rows)}" for name, rows in tables.items()))


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
