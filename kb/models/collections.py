"""What documents are sorted into: categories by subject, and collections, which decide who may read and change."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kb.models.people import Person
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Category(models.Model):
    """What a document is about. The description is what the classifier compares documents with."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    description = models.CharField(
        _("description"),
        max_length=400,
        help_text=_("One sentence on what belongs here; the classifier reads it."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name


EXAMPLE_LENGTH = 600
"""Characters of a sentence: about as many as the embedder reads."""


class CategoryExample(models.Model):
    """What documents of a category are like: a text, or a document. Documents are compared with it when they are read.

    A document's own words are shown to nobody here; who may see it reads its title.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="examples")
    text = models.CharField(_("text"), max_length=EXAMPLE_LENGTH, blank=True)
    document = models.ForeignKey(
        "Document", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(text="", document__isnull=False) | (~Q(text="") & Q(document=None)),
                name="example_is_a_text_or_a_document",
            ),
            models.UniqueConstraint(fields=["category", "document"], name="one_example_a_document"),
        ]

    def __str__(self) -> str:
        return f"An example of {self.category}"

    @property
    def words(self) -> str:
        """What documents are compared with: the text, or title and summary; empty when the document is deleted."""
        if self.document is None:
            return self.text
        version = self.document.current_version
        return f"{self.document.title}\n{version.summary}" if version else ""


class CollectionQuerySet(models.QuerySet["Collection"]):
    def readable_by(self, person: "Person | AnonymousUser") -> Self:
        return self._granted(person, ["reader", "editor"])

    def editable_by(self, person: "Person | AnonymousUser") -> Self:
        return self._granted(person, ["editor"])

    def editors(self) -> models.QuerySet[Person]:
        """Who may change one of these."""
        named = Q(edits__in=self) | Q(groups__edits__in=self)
        return Person.objects.filter(pk__in=Person.objects.filter(named).values("pk"), is_active=True)

    def _granted(self, person: "Person | AnonymousUser", roles: list[str]) -> Self:
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        groups = Group.objects.filter(user=person.pk)
        grants = Q()
        for role in roles:
            grants |= Q(**{f"{role}_people": person.pk}) | Q(**{f"{role}_groups__in": groups})
        # A subquery rather than DISTINCT, so that callers may order and slice as they like.
        granted = Collection.objects.filter(grants).values("pk")
        return self.filter(person.kept_collections("pk"), pk__in=granted)


class Collection(models.Model):
    """A shelf of documents, with who may read and who may change it."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=400, blank=True)
    reader_groups = models.ManyToManyField(Group, blank=True, related_name="reads")
    reader_people = models.ManyToManyField(Person, blank=True, related_name="reads")
    editor_groups = models.ManyToManyField(Group, blank=True, related_name="edits")
    editor_people = models.ManyToManyField(Person, blank=True, related_name="edits")
    default_sensitivity = models.IntegerField(
        choices=Sensitivity.choices,
        null=True,
        blank=True,
        help_text=_("Of documents that nobody and nothing labelled."),
    )
    minimum_sensitivity = models.IntegerField(
        choices=Sensitivity.choices,
        default=Sensitivity.PUBLIC,
        help_text=_("Nothing here is laxer than this."),
    )

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
