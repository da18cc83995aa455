"""THE FLOW of a survey: claim ─▶ hold ─▶ read, step by step ─▶ merge ─▶ record.

It can be stopped and taken up again at every step; what was read before stays read.
"""

import logging
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from inference.plan import Asked
from inference.record import Clock, hold, record, settle
from inference.survey.begin import asked_in
from inference.survey.merge import found_by, merge
from inference.survey.read import Stopped, take, visible_hits
from kb.errors import StrongroomError
from kb.models import Answer, RouteRule, Survey, SurveyStep

log = logging.getLogger("strongroom.survey")

LOOK = 0.5
"""Seconds between two looks whether the answer is still wanted, at least."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Before each step: how many of how many are taken, and what is read now; nothing while findings are merged."""

    taken: int
    size: int
    heading: str = ""


def always() -> bool:
    return True


def run(survey: Survey, *, wanted: Callable[[], bool] = always) -> Generator[Progress, None, None]:
    """Runs what is left of a confirmed survey, unless somebody else does, or it was stopped before it began.

    `wanted` is asked beside the answer's row whether to go on. How it ends stands in that row.
    """
    answer = survey.answer
    if not Survey.objects.unattended().filter(pk=survey.pk).exists() or not answer.claim():
        return
    try:
        yield from _run(survey, answer, _Watch(answer, wanted))
    except (GeneratorExit, Stopped) as stop:
        settle(answer, Answer.State.STOPPED)
        if isinstance(stop, GeneratorExit):
            raise
    except StrongroomError as error:
        settle(answer, Answer.State.FAILED, failure=str(error))
    except BaseException:
        settle(answer, Answer.State.FAILED, failure="Something went wrong on our side. Ask again.")
        log.exception("Survey %s failed", survey.pk)
        raise


def _run(survey: Survey, answer: Answer, wanted: "_Watch") -> Generator[Progress, None, None]:
    clock = Clock()
    asked = asked_in(answer.question, RouteRule.objects.table())
    survey.steps.filter(state=SurveyStep.State.FAILED).update(state=SurveyStep.State.WAITING, failure="")
    _hold(survey, answer, asked)
    for step in survey.steps.filter(state=SurveyStep.State.WAITING).select_related("survey__answer"):
        yield Progress(step.ordinal - 1, survey.size, step.heading)
        if not answer.renew():
            raise Stopped
        take(step, asked, RouteRule.objects.table(), wanted)
    clock.lap("read")
    yield Progress(survey.size, survey.size)
    found = found_by(survey, asked)
    chosen, cited = merge(found, asked, RouteRule.objects.table(), wanted)
    clock.lap("merge")
    _hold(survey, answer, asked)
    record(answer, cited, chosen, clock)


def _hold(survey: Survey, answer: Answer, asked: Asked) -> None:
    """To all that was read and is going to be."""
    chunks = [chunk for step in survey.steps.all() for chunk in step.chunks]
    hold(answer, asked, visible_hits(chunks, asked.person), RouteRule.objects.table())


class _Watch:
    """Whether the answer is still wanted. Each look tells its row that somebody works on it."""

    def __init__(self, answer: Answer, wanted: Callable[[], bool]):
        self._answer = answer
        self._wanted = wanted
        self._due = 0.0

    def __call__(self) -> bool:
        if not self._wanted():
            return False
        now = time.monotonic()
        if now < self._due:
            return True
        self._due = now + LOOK
        return self._answer.renew()
