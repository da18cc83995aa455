"""How fast the stages went lately, and what follows: time left, and what takes too long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self, cast

from django.core.cache import cache
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from kb.models import StageRun, Version
from kb.models.library import Stage

WORK = (
    Stage.PARSING, Stage.CHUNKING, Stage.CLASSIFYING, Stage.SUMMARISING, Stage.EMBEDDING, Stage.INDEXING,
)  # fmt: skip
LATELY = timedelta(hours=1)
REMEMBERED = 10
"""Seconds that a pace is used for before it is taken anew."""
TOO_LONG = 10
"""Times the usual."""
AT_LEAST = 60.0
"""Seconds that nothing counts as too long before."""
USUAL = 30.0
"""Seconds of a stage of which nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Mean seconds of each stage lately: for a page, and for a document. Empty when nothing went through it."""

    of_page: Mapping[str, float] = field(default_factory=dict)
    of_document: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def lately(cls) -> Self:
        """Of the last hour. One query, every ten seconds at most."""
        return cast(Self, cache.get_or_set("pace", cls._measure, REMEMBERED))

    @classmethod
    def _measure(cls) -> Self:
        went_through = StageRun.objects.lately(LATELY).order_by().values("stage")
        stages = went_through.annotate(
            spent=Sum("seconds"), documents=Count("pk"), pages=Sum(Coalesce("version__pages", 1))
        )
        rows = [(row["stage"], row["spent"], row["documents"], row["pages"]) for row in stages]
        return cls(
            of_page={stage: spent / max(1, pages) for stage, spent, _, pages in rows},
            of_document={stage: spent / documents for stage, spent, documents, _ in rows},
        )

    @property
    def document(self) -> float | None:
        """Seconds that a document takes in all; None when none has gone through lately."""
        return sum(self.of_document.values()) or None

    def usual(self, stage: str, pages: int | None) -> float | None:
        """Seconds that this stage takes for so many pages, or for a document of an unknown number."""
        if pages is None:
            return self.of_document.get(stage)
        each = self.of_page.get(stage)
        return None if each is None else each * pages


def left_of_queue(pace: Pace, *, waiting: int, running: int) -> float | None:
    """Seconds until all that wait and run are done, with as many workers as are busy now; None when unknown."""
    if pace.document is None:
        return None
    # What runs is half-way through, on the mean.
    return pace.document * (waiting + running / 2) / max(1, running)


def left_of(version: Version, pace: Pace, now: datetime) -> float | None:
    """Seconds until a version that is worked on is ready; None when too little is known."""
    if version.stage not in WORK:
        return None
    pages, later = known_pages(version), WORK[WORK.index(Stage(version.stage)) + 1 :]
    parts = [_left_of_stage(version, pace, now), *(pace.usual(stage, pages) for stage in later)]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def takes_too_long(version: Version, pace: Pace, now: datetime) -> bool:
    """Whether its stage has taken ten times the usual by now."""
    if version.stage_since is None:
        return False
    usual = pace.usual(version.stage, known_pages(version))
    spent = (now - version.stage_since).total_seconds()
    return spent > max(AT_LEAST, TOO_LONG * (USUAL if usual is None else usual))


def known_pages(version: Version) -> int | None:
    """As far as its stage has told, or as an earlier stage has counted."""
    pages: int | None = version.progress.get("pages") or version.pages
    return pages


def _left_of_stage(version: Version, pace: Pace, now: datetime) -> float | None:
    spent = (now - version.stage_since).total_seconds() if version.stage_since else 0.0
    page: int = version.progress.get("page", 0)
    pages: int = version.progress.get("pages", 0)
    if page and pages:
        return spent / page * (pages - page)
    usual = pace.usual(version.stage, known_pages(version))
    return None if usual is None else max(0.0, usual - spent)
