"""How far the reading of many documents is, and what could not be read, as one person may know it."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.models import Answer, Document, Person, Survey, SurveyStep


@dataclass(frozen=True, slots=True)
class Missed:
    """A step that brought nothing to the answer, and why, in a sentence."""

    heading: str
    why: str


@dataclass(frozen=True, slots=True)
class Surveying:
    """`heading` is what is read now; empty before the first step, and while the findings are put together.

    Headings are of documents that the person may see at this moment; `missed_count` counts the others too.
    """

    survey: Survey
    taken: int
    heading: str
    headings: Sequence[str]
    missed: Sequence[Missed]
    missed_count: int
    silent: Sequence[str]
    """What was read and says nothing about the question."""

    @property
    def unconfirmed(self) -> bool:
        waiting = self.survey.answer.state == Answer.State.WAITING
        return waiting and not self.survey.confirmed

    @property
    def merging(self) -> bool:
        return self.taken == self.survey.size

    @property
    def cents(self) -> float | None:
        """The estimated cost, in hundredths of a US dollar."""
        return None if self.survey.cost_usd is None else 100 * self.survey.cost_usd


def surveying(answer: Answer, person: Person) -> Surveying | None:
    """None for an answer that was made from the best passages alone. Three queries."""
    survey = Survey.objects.filter(answer=answer).first()
    if survey is None:
        return None
    survey.answer = answer
    steps = list(survey.steps.all())
    visible = set(
        Document.objects.visible_to(person)
        .filter(pk__in={step.document_id for step in steps})
        .values_list("pk", flat=True)
    )
    seen = [step for step in steps if step.document_id in visible]
    state = SurveyStep.State
    lost = [step for step in steps if step.state in (state.FAILED, state.WITHDRAWN)]
    waiting = [step for step in steps if step.state == state.WAITING]
    deleted = survey.size - len(steps)
    return Surveying(
        survey=survey,
        taken=survey.size - len(waiting),
        heading=next((step.heading for step in waiting if step in seen), ""),
        headings=[step.heading for step in seen],
        missed=[Missed(step.heading, step.failure) for step in lost if step in seen],
        missed_count=len(lost) + deleted,
        silent=[step.heading for step in seen if step.state == state.DONE and not step.text],
    )
