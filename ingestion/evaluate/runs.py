"""A set of golden questions that waits to be asked → its figures, as a row that its owner can look at."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded

from inference import registry
from ingestion.evaluate.answer_report import as_answer_row
from ingestion.evaluate.answer_sets import as_asked_by
from ingestion.evaluate.answers import Asker, ask_all
from ingestion.evaluate.expected import Expected
from ingestion.evaluate.golden import line_of, look_up
from ingestion.evaluate.judged import Item, Query
from ingestion.evaluate.made_with import made_with
from ingestion.evaluate.readers import as_expected, queries_in
from ingestion.evaluate.report import as_row
from ingestion.evaluate.retrieval import evaluate_golden
from kb.errors import StrongroomError
from kb.index import index_name
from kb.models import GoldenRun, GoldenSet

log = logging.getLogger("strongroom.evaluate")

NOTED_EVERY = 1.0
"""Seconds between two notes of how far it is."""


class RunLost(Exception):  # It is news, not an error: stop, and write nothing.
    """The set was deleted, or the run was given up."""


def measure(run_id: UUID) -> None:
    """Asks the questions as the set's owner: only what he may see is found."""
    run = GoldenRun.objects.filter(pk=run_id).select_related("golden_set__owner").first()
    if run is None or not run.claim():
        return
    try:
        finished = _answered(run) if run.kind == GoldenRun.Kind.ANSWERS else _found(run)
    except RunLost:
        log.info("Run %s was deleted or given up while it was measured.", run_id)
    except StrongroomError as error:
        _fail(run, str(error))
    except SoftTimeLimitExceeded:
        _fail(run, "It took too long. Split the CSV, and measure the parts.")
    except Exception as error:
        log.exception("Run %s failed", run_id)
        _fail(run, f"Something went wrong on our side ({type(error).__name__}). Measure again.")
    else:
        run.note(state=GoldenRun.State.DONE, **finished)


def expected_of(golden: GoldenSet) -> tuple[Expected, ...]:
    """The questions of the set, in the order in which they were added."""
    return as_expected(line_of(row) for row in golden.questions.all())


def queries_of(golden: GoldenSet) -> tuple[Query, ...]:
    """Those of them that something answers."""
    return queries_in(expected_of(golden))


@dataclass
class _Progress:
    """A `Tracked` that writes into the run how many questions were asked."""

    run: GoldenRun
    noted: float = 0.0

    def __call__(self, items: Sequence[Item], what: str) -> Iterable[Item]:
        for place, item in enumerate(items):
            self._note(asked=place, total=len(items))
            yield item

    def _note(self, **fields: int) -> None:
        if time.monotonic() - self.noted < NOTED_EVERY:
            return
        self.noted = time.monotonic()
        if not self.run.note(**fields):
            raise RunLost(self.run.pk)


def _found(run: GoldenRun) -> dict[str, Any]:
    """The fields of a run of retrieval."""
    golden = run.golden_set
    scores = evaluate_golden(golden.name, queries_of(golden), golden.owner, tracked=_Progress(run))
    embedder = registry.embedder().fingerprint
    return {
        "asked": scores.queries,
        "total": scores.queries,
        "figures": as_row(scores),
        "ranks": list(scores.ranks),
        "embedder": embedder,
        "index": index_name(embedder, registry.sparse_encoder().fingerprint),
    }


def _answered(run: GoldenRun) -> dict[str, Any]:
    """The fields of a run of answers."""
    golden, person = run.golden_set, run.golden_set.owner
    asker = Asker(person, partial(look_up, person=person))
    outcomes = ask_all(as_asked_by(person, expected_of(golden)), lambda _each: asker, tracked=_Progress(run))
    row = as_answer_row(golden.name, outcomes)
    return {
        "asked": len(outcomes),
        "total": len(outcomes),
        "outcomes": row.pop("outcomes"),
        "figures": row,
        "made_with": made_with(),
    }


def _fail(run: GoldenRun, failure: str) -> None:
    run.note(state=GoldenRun.State.FAILED, failure=failure[:1000])
