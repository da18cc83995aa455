"""A question about more than a window holds → a survey with its steps, which waits to be run."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from inference.ask import pose
from inference.plan import Asked, asked_of
from inference.survey.estimate import estimate
from inference.survey.readers import characters_of_step
from inference.survey.scope import documents_for, kind_of, topic_of
from inference.survey.units import Unit, units
from inference.terms import languages_for
from kb.models import (
    Conversation,
    Document,
    Leaving,
    Person,
    Question,
    RouteRule,
    RouteTable,
    Survey,
    SurveyStep,
)


def begin(
    person: Person,
    text: str,
    *,
    documents: Sequence[Document] | None = None,
    conversation: Conversation | None = None,
    leaving: Leaving = Leaving.FREELY,
) -> Survey:
    """Writes the question down, with the steps that its answer takes. Sends nothing.

    Without `documents` it is about those that the question names. It is confirmed already, unless it costs so much
    that a person has to agree.

    Raises:
        Rejected: the question is empty or too long, or it is about no document, or too many.
        IndexUnavailable: the index could not be reached.
    """
    table = RouteRule.objects.table()
    chosen = documents_for(text, person) if documents is None else documents
    kind, topic = kind_of(text), topic_of(text)
    found = units(kind, chosen, topic, person, characters=characters_of_step(text))
    with transaction.atomic():
        question = pose(person, text, conversation=conversation, leaving=leaving)
        cost = estimate(found, asked_in(question, table), table)
        survey = Survey.objects.create(
            answer=question.answer,
            kind=kind,
            topic=topic,
            size=len(found),
            calls=cost.calls,
            tokens=cost.tokens,
            cost_usd=cost.cost_usd,
        )
        SurveyStep.objects.bulk_create(_step(survey, ordinal, unit) for ordinal, unit in enumerate(found, 1))
    if not cost.needs_consent:
        survey.confirm()
    return survey


def _step(survey: Survey, ordinal: int, unit: Unit) -> SurveyStep:
    return SurveyStep(
        survey=survey,
        ordinal=ordinal,
        document=unit.document,
        heading=unit.heading,
        chunks=[chunk.pk for chunk in unit.chunks],
        passages=unit.passages,
    )


def asked_in(question: Question, table: RouteTable) -> Asked:
    """Without what was said before: a survey reads documents only. It is held to it all the same."""
    asked = asked_of(question, question.text, (), table)
    return replace(asked, language=next(iter(languages_for(question.text)), ""))
