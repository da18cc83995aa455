"""What a client says was said before → the conversation in which it was, so that its labels are known.

A client sends the whole history with each question, and may have changed it. Its words are only compared: what a
model is told of earlier exchanges is read from the database, under the labels that it has there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kb.models import Answer, Conversation, Person
from kb.openai_api.asked import Exchange
from kb.openai_api.replies import content_of

LOOKED_AT = 500
"""Answers to questions of the same words, the newest ones, that are compared."""


@dataclass(frozen=True, slots=True)
class Thread:
    """`following` are those of its answers that the client has sent along; `whole` says whether these are all."""

    conversation: Conversation | None
    following: frozenset[UUID] = frozenset()
    whole: bool = True


def thread_of(person: Person, said: Sequence[Exchange]) -> Thread:
    """The person's conversation that holds the most of what was said, the newest of several. Two queries."""
    if not said:
        return Thread(None)
    known: dict[Conversation, dict[Exchange, UUID]] = {}
    sent = {exchange: _plain(exchange.answer) for exchange in said}
    for answer in _answers(person, said):
        ours = _plain(content_of(answer))
        for exchange, words in sent.items():
            # The beginning is enough: a client that hung up has no more of it.
            if exchange.question == answer.question.text and ours.startswith(words):
                known.setdefault(answer.question.conversation, {}).setdefault(exchange, answer.pk)
    if not known:
        return Thread(None, whole=False)
    conversation, found = max(known.items(), key=lambda each: len(each[1]))
    return Thread(conversation, frozenset(found.values()), whole=found.keys() == sent.keys())


def _answers(person: Person, said: Sequence[Exchange]) -> Sequence[Answer]:
    mine = Conversation.objects.visible_to(person)
    questions = {exchange.question for exchange in said}
    found = Answer.objects.filter(question__conversation__in=mine, question__text__in=questions)
    newest = found.select_related("question__conversation").order_by("-question__created_at")
    return list(newest[:LOOKED_AT])


def _plain(text: str) -> str:
    """Clients trim and wrap."""
    return " ".join(text.split())
