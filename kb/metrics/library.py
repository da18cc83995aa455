"""Figures of the whole library, counted in SQL whenever monitoring asks. No title and no name is among them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.health.machine import free_bytes
from kb.models import Answer, Chunk, ModelCall, Pause, Person, Question, Spending, StageRun, Version
from kb.models.allowances import Period
from kb.models.library import UNSETTLED, Stage, in_work

LATELY = timedelta(minutes=5)


class Library(Collector):
    def collect(self) -> Iterable[Metric]:
        yield from _held()
        yield from _queue()
        yield from _lately()
        yield from _asked()
        yield _ledger()
        yield _spent()
        yield _gauge(
            "strongroom_disk_free_bytes", "Left on the disk of the data folder.", free_bytes(settings.VAR)
        )


def _held() -> Iterator[Metric]:
    searchable = Version.objects.searchable()
    held = searchable.aggregate(documents=Count("pk"), pages=Sum(Coalesce("pages", 1), default=0))
    chunks = Chunk.objects.filter(version__in=searchable.values("pk")).count()
    people = Person.objects.filter(is_active=True, kind=Person.Kind.PERSON).count()
    yield _gauge("strongroom_documents", "Documents that can be found.", held["documents"])
    yield _gauge("strongroom_pages", "Pages of them.", held["pages"])
    yield _gauge("strongroom_chunks", "Chunks of them.", chunks)
    yield _gauge("strongroom_people", "People who can sign in.", people)


def _queue() -> Iterator[Metric]:
    counted = Version.objects.filter(retired=False).aggregate(
        unsettled=Count("pk", filter=Q(stage__in=UNSETTLED)),
        running=Count("pk", filter=in_work()),
        failed=Count("pk", filter=Q(stage=Stage.FAILED)),
        skipped=Count("pk", filter=Q(stage=Stage.SKIPPED)),
    )
    states = {
        "waiting": counted["unsettled"] - counted["running"],
        "running": counted["running"],
        "failed": counted["failed"],
        "skipped": counted["skipped"],
    }
    yield _by("strongroom_versions", "Versions that are not ready, by state.", "state", states)
    oldest = Version.objects.waiting().aggregate(since=Min("created_at"))["since"]
    waited = (timezone.now() - oldest).total_seconds() if oldest else 0
    yield _gauge("strongroom_oldest_wait_seconds", "How long the first in the queue has waited.", waited)
    yield _gauge("strongroom_paused", "1 while ingestion is paused.", Pause.objects.count())


def _lately() -> Iterator[Metric]:
    """Of the last five minutes."""
    ready = Version.objects.filter(ready_at__gt=timezone.now() - LATELY)
    found = ready.aggregate(documents=Count("pk"), pages=Sum(Coalesce("pages", 1), default=0))
    seconds = LATELY.total_seconds()
    yield _gauge(
        "strongroom_documents_per_second", "Became ready, last five minutes.", found["documents"] / seconds
    )
    yield _gauge("strongroom_pages_per_second", "Became ready, last five minutes.", found["pages"] / seconds)
    stages = StageRun.objects.lately(LATELY).order_by().values_list("stage").annotate(Sum("seconds"))
    yield _by("strongroom_stage_seconds", "Spent in the last five minutes, by stage.", "stage", dict(stages))


def _asked() -> Iterator[Metric]:
    yield _gauge("strongroom_questions", "Questions that are kept.", Question.objects.count())
    states = _counted(Answer.objects.all(), "state")
    yield _by("strongroom_answers", "Answers that are kept, by state.", "state", states)


def _ledger() -> Metric:
    rows = GaugeMetricFamily("strongroom_ledger_rows", "Rows of the ledger.", labels=["location", "decision"])
    counted = ModelCall.objects.order_by().values_list("location", "decision").annotate(Count("pk"))
    for location, decision, count in counted:
        rows.add_metric([location, decision], count)
    return rows


def _spent() -> Metric:
    today = Spending.objects.in_period(Period.DAY).exclude(key=None).order_by()
    tokens = dict(today.values_list("key__public_id").annotate(Sum("tokens")))
    return _by("strongroom_key_tokens_today", "Tokens of models, by the key's public id.", "key", tokens)


def _counted(rows: QuerySet[Answer], field: str) -> Mapping[str, float]:
    return dict(rows.order_by().values_list(field).annotate(Count("pk")))


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _by(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
