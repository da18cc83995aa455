"""An answer that is being written → the events that the page follows.

Whoever comes back says how far he had come, and goes on from there: nothing is written a second time.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from kb.models import Answer, Person, Question
from kb.portal.keeping import keeping
from kb.portal.readings import listed, read
from kb.portal.writing import wait_for_news, write
from kb.reading.surveying import Surveying, surveying
from kb.sse import Events, ServerEvent

LOOK = 0.25
"""Seconds between two looks at an answer that another process writes."""
PULSE = 5.0
"""Seconds of silence after which it is found out whether the reader is still there."""
NOTES = 4
"""Times that a reader is noted in the seconds after which an answer without one is stopped."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far somebody has read: which beginning of the text, and how many characters of it. As text “2.140”."""

    beginning: int = 0
    characters: int = 0

    @classmethod
    def parse(cls, said: str) -> Self:
        """The very start for what is not a place."""
        numbers = said.split(".")
        if len(numbers) != 2 or not all(number.isascii() and number.isdigit() for number in numbers):
            return cls()
        return cls(*map(int, numbers))

    def __str__(self) -> str:
        return f"{self.beginning}.{self.characters}"


def follow(question: Question, person: Person, request: HttpRequest) -> Events:
    """`sources` (a fragment; the text begins anew), `token` (text) and at last `finished` (fragments).

    Where many documents are read, `progress` (a fragment) says how far that is. Writes an answer that nobody has
    begun, and only follows any other.
    """
    place = Place.parse(request.headers.get("Last-Event-ID", ""))
    _note_reader(question.answer)
    writer = write(question) if question.answer.state == Answer.State.WAITING else None
    silent_since, taken = time.monotonic(), -1
    while answer := Answer.objects.filter(question=question).first():
        begun = answer.ongoing and bool(answer.listed)
        withheld = begun and not answer.readable_by(person)
        given_up = writer is not None and not writer.is_alive() and answer.state == Answer.State.WAITING
        survey = surveying(answer, person)
        unconfirmed = survey is not None and survey.unconfirmed
        if withheld or given_up or unconfirmed or not answer.ongoing:
            yield _finished(question, answer, person, request)
            return
        if survey and survey.taken != taken:
            taken = survey.taken
            yield _progress(survey, request)
        if begun and answer.beginnings != place.beginning:
            place = Place(answer.beginnings)
            yield _sources(answer, person, request, place)
        if begun and (text := answer.text[place.characters :]):
            place = Place(place.beginning, len(answer.text))
            yield ServerEvent("token", text, str(place))
            silent_since = time.monotonic()
        if time.monotonic() - silent_since > PULSE:
            yield None
            silent_since = time.monotonic()
        _note_reader(answer)
        wait_for_news(LOOK)


def _note_reader(answer: Answer) -> None:
    now = timezone.now()
    if answer.followed_at is None or answer.followed_at < now - timedelta(
        seconds=settings.UNFOLLOWED / NOTES
    ):
        Answer.objects.filter(pk=answer.pk).update(followed_at=now)


def _progress(survey: Surveying, request: HttpRequest) -> ServerEvent:
    return ServerEvent("progress", render_to_string("portal/_progress.html", {"surveying": survey}, request))


def _sources(answer: Answer, person: Person, request: HttpRequest, place: Place) -> ServerEvent:
    fragment = render_to_string("portal/_sources.html", {"sources": listed(answer, person)}, request)
    return ServerEvent("sources", fragment, str(place))


def _finished(question: Question, answer: Answer, person: Person, request: HttpRequest) -> ServerEvent:
    thread = question.conversation
    thread.refresh_from_db()
    context = {"reading": read(answer, person), "conversation": thread, **keeping(thread)}
    return ServerEvent("finished", render_to_string("portal/_finished.html", context, request))
