"""One version's way, attempt by attempt and stage by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.jobs_shown import Job
from kb.models import StageRun, Version
from kb.models.library import Stage


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of an attempt. `percent` of the attempt's longest; `outcome` is empty while it runs."""

    label: str
    began: datetime
    seconds: float
    percent: int
    outcome: str
    outcome_label: str
    note: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """From the moment a worker took the version. `waited`: seconds since it came in, or since the attempt before."""

    number: int
    waited: float
    worker: str
    bars: Sequence[Bar]


def timeline(job: Job, now: datetime) -> list[Attempt]:
    """The attempts in order, the one that runs last. One query."""
    runs = list(job.version.stage_runs.all())
    if job.in_work and job.version.stage_since:
        runs.append(_running(job.version, now))
    attempts, ended = list[Attempt](), job.version.created_at
    for group in _grouped(runs):
        attempts.append(_attempt(group, ended, job))
        ended = group[-1].ended
    return attempts


def _running(version: Version, now: datetime) -> StageRun:
    """The stage under way as if it ended now; it is not saved, and has no outcome yet."""
    began = version.stage_since or now
    return StageRun(
        version=version,
        attempt=version.attempts,
        stage=version.stage,
        began=began,
        seconds=(now - began).total_seconds(),
        worker=version.lease_holder,
    )


def _grouped(runs: Sequence[StageRun]) -> list[list[StageRun]]:
    """By attempt. Their numbers begin anew when a person retries, but each begins by reading the file."""
    groups = list[list[StageRun]]()
    for run in runs:
        if not groups or run.stage == Stage.PARSING:
            groups.append([])
        groups[-1].append(run)
    return groups


def _attempt(runs: Sequence[StageRun], before: datetime, job: Job) -> Attempt:
    longest = max(run.seconds for run in runs) or 1.0
    machine, _, rest = runs[0].worker.partition(" ")
    return Attempt(
        number=runs[0].attempt,
        waited=max(timedelta(), runs[0].began - before).total_seconds(),
        worker=f"{machine}, process {rest.partition(' ')[0]}",
        bars=[_bar(run, longest, visible=job.visible) for run in runs],
    )


def _bar(run: StageRun, longest: float, *, visible: bool) -> Bar:
    return Bar(
        label=str(Stage(run.stage).label),
        began=run.began,
        seconds=run.seconds,
        percent=round(100 * run.seconds / longest),
        outcome=run.outcome,
        outcome_label=str(StageRun.Outcome(run.outcome).label) if run.outcome else "",
        note=run.note if visible else "",
    )
