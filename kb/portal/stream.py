"""An answer that is being written → the events that the page follows."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from inference.ask import Finished, Sources, Token, ask
from kb.models import Person, Question
from kb.portal.keeping import keeping
from kb.portal.readings import read, shown
from kb.sse import Events, ServerEvent


def follow(question: Question, person: Person, request: HttpRequest) -> Events:
    """`sources` (a fragment; the text begins anew), `token` (text) and at last `finished` (fragments)."""
    for event in ask(question):
        match event:
            case Sources(plan):
                fragment = render_to_string("portal/_sources.html", {"sources": shown(plan.packed)}, request)
                yield ServerEvent("sources", fragment)
            case Token(text):
                yield ServerEvent("token", text)
            case Finished(answer):
                thread = question.conversation
                thread.refresh_from_db()
                context = {"reading": read(answer, person), "conversation": thread, **keeping(thread)}
                fragment = render_to_string("portal/_finished.html", context, request)
                yield ServerEvent("finished", fragment)
