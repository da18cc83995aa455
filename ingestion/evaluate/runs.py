"""A set of golden questions that waits to be asked → its figures, as a row that its owner can look at."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded

from inference import registry
from ingestion.evaluate.judged import Gold, Item, Query
from ingestion.evaluate.readers import as_queries
from ingestion.evaluate.report import as_row
from ingestion.evaluate.retrieval import RetrievalScores, evaluate_golden
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
        scores = _asked(run)
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
        _finish(run, scores)


def queries_of(golden: GoldenSet) -> tuple[Query, ...]:
    """The questions of the set, in the order of its CSV."""
    return as_queries((row.text, Gold(row.document, page=row.page)) for row in golden.questions.all())


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


def _asked(run: GoldenRun) -> RetrievalScores:
    golden = run.golden_set
    return evaluate_golden(golden.name, queries_of(golden), golden.owner, tracked=_Progress(run))


def _finish(run: GoldenRun, scores: RetrievalScores) -> None:
    embedder = registry.embedder().fingerprint
    run.note(
        state=GoldenRun.State.DONE,
        asked=scores.queries,
        total=scores.queries,
        figures=as_row(scores),
        ranks=list(scores.ranks),
        embedder=embedder,
        index=index_name(embedder, registry.sparse_encoder().fingerprint),
    )


def _fail(run: GoldenRun, failure: str) -> None:
    run.note(state=GoldenRun.State.FAILED, failure=failure[:1000])
