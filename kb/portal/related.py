"""What a document's page says of others: its mail, its attachments, its earlier versions, and what is like it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from kb.models import Document, Likeness, Person, Version
from kb.models.library import Stage
from kb.openable import whole

NEAR = 5
"""Documents that are named as nearly the same."""


@dataclass(frozen=True, slots=True)
class Related:
    """Only what the reader may see; `question` and `answered` only where he may change both documents."""

    mail: Document | None
    attached: Sequence[Document]
    left_out: Sequence[Sequence[str]]
    """Of the attachments: name and reason each."""
    earlier: Sequence[Version]
    near: Sequence[Document]
    question: Likeness | None
    answered: Likeness | None


def related(document: Document, person: Person) -> Related:
    """Names of attachments and of earlier files only where nothing of the document is hidden. Nine queries at most."""
    visible = Document.objects.visible_to(person)
    is_whole = whole(person).filter(pk=document.pk).exists()
    container = getattr(document, "container", None)
    return Related(
        mail=visible.filter(pk=document.parent_id).first() if document.parent_id else None,
        attached=list(visible.filter(parent=document).order_by("title")),
        left_out=container.left_out if container and is_whole else (),
        earlier=_earlier(document) if is_whole else (),
        near=_near(document, person),
        question=_question(document, person),
        answered=_answered(document, person),
    )


def _earlier(document: Document) -> Sequence[Version]:
    served = document.current_version
    read = document.versions.filter(stage=Stage.READY).order_by("-created_at")
    return [version for version in read if version != served]


def _near(document: Document, person: Person) -> Sequence[Document]:
    found = Likeness.objects.nearly_the_same(person)
    either = found.filter(Q(version__document=document) | Q(like__document=document))
    pairs = either.values_list("version__document", "like__document")[:NEAR]
    others = {one if one != document.pk else other for one, other in pairs}
    return list(Document.objects.visible_to(person).filter(pk__in=others).order_by("title"))


def _question(document: Document, person: Person) -> Likeness | None:
    asked = Likeness.objects.asked_of(person).filter(version__document=document)
    return asked.select_related("like__document").first()


def _answered(document: Document, person: Person) -> Likeness | None:
    """Of the current version, so that the last answer can be taken back."""
    if not Document.objects.editable_by(person).filter(pk=document.pk).exists():
        return None
    given = Likeness.objects.filter(version__document=document).exclude(answer=Likeness.Answer.NONE)
    return given.filter(version=document.current_version_id).select_related("version").first()
