"""Answers are written in threads of the portal, so that one goes on while its readers come and go."""

import logging
import threading
from uuid import UUID

from django.db import connections

from inference.ask import Finished, Sources, Token, ask
from inference.draft import Draft
from ingestion import tasks
from kb.models import Question, Survey

log = logging.getLogger("strongroom.ask")

_news = threading.Condition()
"""Notified when an answer has grown. Readers in other processes look at the database by themselves."""


def write(question: Question) -> threading.Thread | None:
    """Begins to answer it, unless somebody does already. Returns at once.

    A question that many documents are read for is the workers', and None is returned: it takes minutes, and goes on
    when its readers leave.
    """
    if survey := Survey.objects.filter(answer__question=question).first():
        if survey.confirmed:
            tasks.send_survey(survey.pk)
        return None
    thread = threading.Thread(target=_write, args=(question.pk,), name="writing", daemon=True)
    thread.start()
    return thread


def wait_for_news(seconds: float) -> None:
    """Until some answer that is written in this process has grown, at most so long."""
    with _news:
        _news.wait(seconds)


def _write(pk: UUID) -> None:
    try:
        _answer(Question.objects.select_related("answer", "conversation__person").get(pk=pk))
    except Exception:
        # Nobody waits for this thread: the answer's row says what became of it.
        log.exception("The answer to %s could not be written", pk)
    finally:
        connections.close_all()
        _tell()


def _answer(question: Question) -> None:
    """Writes it for as long as it is wanted."""
    draft, events = Draft(question.answer), ask(question)
    for event in events:
        wanted = True
        match event:
            case Sources(plan):
                wanted = draft.begin(plan)
            case Token(piece):
                wanted = draft.add(piece)
            case Finished():
                pass
        _tell()
        if not wanted:
            events.close()


def _tell() -> None:
    with _news:
        _news.notify_all()
