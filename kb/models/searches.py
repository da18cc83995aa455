"""The searches that a person made: the last ones, and those that he gave a name."""

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.errors import Rejected
from kb.models.people import Person

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST_SEARCH = 300
"""Characters; the rest of a longer search is not looked at."""
LONGEST_NAME = 80
"""Characters."""
MOST_RECENT, MOST_SAVED = 10, 50
"""Of one person."""


class SearchQuerySet(models.QuerySet["Search"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """A search belongs to the person who made it, and to nobody else; nor to a key that reads less than he."""
        if not isinstance(person, Person) or not person.is_active or person.narrowed:
            return self.none()
        return self.filter(person=person)

    def recent(self) -> Self:
        return self.filter(name="").order_by("-made_at")

    def saved(self) -> Self:
        return self.exclude(name="").order_by("name")


class Search(models.Model):
    """Words and filters, as an address says them. With a name it is kept; without one it makes room for newer ones."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(_("name"), max_length=LONGEST_NAME, blank=True)
    words = models.CharField(max_length=LONGEST_SEARCH)
    query = models.TextField(help_text=_("What stands behind the “?” of its address."))
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SearchQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        verbose_name_plural = _("searches")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "words"], condition=Q(name=""), name="same_words_once_among_recent"
            ),
            models.UniqueConstraint(
                fields=["person", "name"], condition=~Q(name=""), name="one_saved_search_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.words

    def get_absolute_url(self) -> str:
        return f"{reverse('search')}?{self.query}"

    @classmethod
    def remember(cls, person: Person, *, words: str, query: str) -> None:
        """Puts it on top of the person's last searches; the same words with other filters take its place."""
        now = {"query": query, "made_at": timezone.now()}
        cls.objects.update_or_create(now, person=person, name="", words=words)
        recent = cls.objects.visible_to(person).recent()
        recent.exclude(pk__in=recent.values("pk")[:MOST_RECENT]).delete()

    @classmethod
    def keep(cls, person: Person, *, name: str, words: str, query: str) -> Self:
        """Saves it under the name, in place of what had that name.

        Raises:
            Rejected: the person has as many as he may.
        """
        others = cls.objects.visible_to(person).saved().exclude(name=name)
        if others.count() >= MOST_SAVED:
            raise Rejected(f"You have {MOST_SAVED} saved searches, and no more are kept. Delete one first.")
        said = {"words": words, "query": query, "made_at": timezone.now()}
        return cls.objects.update_or_create(said, person=person, name=name)[0]
