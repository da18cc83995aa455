"""`manage.py evaluate answers`: sets measured, compared with a baseline, and accepted as the next one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from ingestion.evaluate.answer_report import as_answer_lines
from ingestion.evaluate.baseline import Comparison, as_comparison_lines, as_comparison_row
from ingestion.evaluate.runs import measure
from kb.errors import Rejected
from kb.management.answers_apart import SAMPLE, answers_apart
from kb.management.lookup import person_named
from kb.models import GoldenRun, GoldenSet

ACCEPTED = "accepted"
"""In place of a run: the one that was accepted last for the set."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line says."""

    sets: Sequence[str]
    username: str | None
    limit: int | None
    llm: bool
    baseline: str
    accept: bool


def evaluate_answers(asked: Request) -> list[dict[str, Any]]:
    """A row a set; one with `against` was compared. What is worse beyond noise is not accepted.

    Raises:
        Rejected: there is no such set, person or baseline, or a set cannot be measured.
    """
    return [_evaluated(name, asked) for name in asked.sets]


def as_lines(row: Mapping[str, Any]) -> list[str]:
    against = row.get("against")
    return [*as_answer_lines(row), *(as_comparison_lines(against) if against else ())]


def is_worse(row: Mapping[str, Any]) -> bool:
    return "against" in row and bool(row["against"]["worse"])


def measured(golden: GoldenSet) -> GoldenRun:
    """A new run of the set's answers, done by this process.

    Raises:
        Rejected: the set is being measured by somebody else, or cannot be.
    """
    run = golden.begin(GoldenRun.Kind.ANSWERS)
    measure(run.pk)
    run.refresh_from_db()
    if run.state == GoldenRun.State.FAILED:
        raise Rejected(f"“{golden}” was not measured: {run.failure}")
    if run.state != GoldenRun.State.DONE or run.kind != GoldenRun.Kind.ANSWERS:
        raise Rejected(f"“{golden}” is being measured already. Wait until that has ended.")
    return run


def row_of(run: GoldenRun) -> dict[str, Any]:
    return {**run.figures, "run": str(run.pk), "made_with": run.made_with, "outcomes": run.outcomes}


def _evaluated(name: str, asked: Request) -> dict[str, Any]:
    if name == SAMPLE or Path(name).is_dir():
        before = _outcomes_before(asked.baseline, Path(name).resolve().name, None)
        return _compared(answers_apart(name, limit=asked.limit, llm=asked.llm), before)
    golden = _golden(name, asked.username)
    before = _outcomes_before(asked.baseline, golden.name, golden)
    run = measured(golden)
    row = _compared(row_of(run), before)
    if asked.accept and not is_worse(row):
        run.accept()
    return row


def _golden(name: str, username: str | None) -> GoldenSet:
    if not username:
        raise Rejected(
            f"“{name}” is neither “{SAMPLE}” nor a folder. To ask golden questions of your library, say as whom: "
            "add --as USER."
        )
    person = person_named(username)
    found = GoldenSet.objects.visible_to(person).filter(name=name).first()
    if found is None:
        known = ", ".join(GoldenSet.objects.visible_to(person).values_list("name", flat=True))
        there = (
            f"The sets are: {known}." if known else "There is none; add one in the console, under Quality."
        )
        raise Rejected(f"{username} has no set of golden questions named “{name}”. {there}")
    return found


def _compared(row: dict[str, Any], before: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    if before is None:
        return row
    comparison = Comparison.between(before, row["outcomes"])
    if not comparison.shared:
        raise Rejected(f"The baseline has no question of “{row['set']}”, so there is nothing to compare.")
    return row | {"against": as_comparison_row(comparison)}


def _outcomes_before(
    baseline: str, name: str, golden: GoldenSet | None
) -> Sequence[Mapping[str, Any]] | None:
    if not baseline:
        return None
    if Path(baseline).is_file():
        return _in_file(Path(baseline), name)
    run = _run(baseline, golden)
    if run is None:
        raise Rejected(
            f"The baseline “{baseline}” is neither a file that --out wrote, nor a finished run of the set’s answers, "
            f"nor “{ACCEPTED}” where one was accepted."
        )
    outcomes: Sequence[Mapping[str, Any]] = run.outcomes
    return outcomes


def _run(baseline: str, golden: GoldenSet | None) -> GoldenRun | None:
    if golden is None:
        return None
    if baseline == ACCEPTED:
        return golden.accepted()
    try:
        runs = golden.runs.of_answers().filter(pk=UUID(baseline), state=GoldenRun.State.DONE)
    except ValueError:
        return None
    return runs.first()


def _in_file(file: Path, name: str) -> Sequence[Mapping[str, Any]]:
    try:
        rows = {row["set"]: row["outcomes"] for row in json.loads(file.read_text(encoding="utf-8"))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(f"{file} is not what `evaluate answers --out` writes: {error!r}") from error
    if name not in rows:
        raise Rejected(f"{file} has no set “{name}”; it has {', '.join(rows)}.")
    outcomes: Sequence[Mapping[str, Any]] = rows[name]
    return outcomes
