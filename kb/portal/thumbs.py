"""What an answer's page needs for a thumb: where it is sent, and what was said before."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from kb.models import Answer, Citation, Feedback, Person

Choices = tuple[tuple[str, str | Promise], ...]
Reason = Feedback.Reason
OF_ANSWER: Choices = tuple(
    (each.value, each.label)
    for each in (Reason.WRONG, Reason.OUTDATED, Reason.INCOMPLETE, Reason.BESIDE, Reason.OTHER)
)
OF_CITATION: Choices = tuple(
    (each.value, each.label) for each in (Reason.UNSUPPORTED, Reason.OUTDATED, Reason.BESIDE, Reason.OTHER)
)


@dataclass(frozen=True, slots=True)
class Thumb:
    """A thumb on an answer, or on the citation `marker`. `up` says whether there is something to confirm."""

    name: str
    address: str
    marker: int | None
    up: bool
    reasons: Choices
    given: Feedback | None
    error: str = ""


def given_on(answer: Answer, person: Person) -> Mapping[int | None, Feedback]:
    """What this person said, by the id of the citation; None stands for the whole answer."""
    said = answer.feedback.filter(answer__question__conversation__person=person)
    return {each.citation_id: each for each in said.select_related("resolved_by")}


def thumb_on(answer: Answer, citation: Citation | None, given: Feedback | None, *, error: str = "") -> Thumb:
    if citation is None:
        address = reverse("answer-feedback", args=[answer.pk])
        return Thumb(f"thumb-{answer.pk}", address, None, answer.found, OF_ANSWER, given, error)
    marker = citation.marker
    address = reverse("citation-feedback", args=[answer.pk, marker])
    return Thumb(f"thumb-{answer.pk}-{marker}", address, marker, True, OF_CITATION, given, error)
