"""The chunks of each version: what is embedded, retrieved, shown to a model and cited."""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import connections, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from kb.models.library import Document, Stage, Version
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

INSTRUCTION_LENGTH = 300
"""Characters; longer sentences are cut."""

Place = tuple[UUID, int]
"""Of a chunk: its version and its ordinal there, by which the index knows it too."""
AT = """
    WITH place (version, ordinal) AS (VALUES %s)
    SELECT kb_chunk.id FROM place
    JOIN kb_chunk ON kb_chunk.version_id = place.version AND kb_chunk.ordinal = place.ordinal
"""


class ChunkQuerySet(models.QuerySet["Chunk"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """Chunks of visible documents' current versions, without those above the clearance or left out.

        It is what may be found and shown to a model.
        """
        return self._current(Document.objects.visible_to(person), person).filter(excluded=False)

    def at(self, places: Sequence[Place]) -> Self:
        """Those at these places.

        In SQL, because the ORM would ask for each pair by itself, which takes it longer than the search, or for all
        of the ordinals in all of the versions.
        """
        if not places:
            return self.none()
        version = Version._meta.pk
        values = [
            value
            for place, ordinal in places
            for value in (version.get_db_prep_value(place, connections[self.db]), ordinal)
        ]
        return self.filter(pk__in=RawSQL(AT % ", ".join(["(%s, %s)"] * len(places)), values))  # noqa: S611 - only marks

    def mendable_by(self, person: "Person | AnonymousUser") -> Self:
        """Those that this person may change, with those that are left out of the search."""
        return self._current(Document.objects.editable_by(person), person)

    def _current(self, documents: models.QuerySet[Document], person: "Person | AnonymousUser") -> Self:
        return self.filter(
            version__document__in=documents,
            version=F("version__document__current_version"),
            sensitivity__lte=getattr(person, "clearance", 0),
        )

    def citable_by(self, person: "Person | AnonymousUser") -> Self:
        """As `visible_to`, with those of earlier versions: an old citation opens the version that it cites.

        Nothing is found in them or answered from them.
        """
        return self._published().filter(
            version__document__in=Document.objects.visible_to(person),
            sensitivity__lte=getattr(person, "clearance", 0),
        )

    def open_to(self, person: "Person | AnonymousUser") -> Self:
        """Those that stand on the page of an open document, whatever its version: of a revealed one all."""
        citable = Q(pk__in=Chunk.objects.citable_by(person).values("pk"))
        revealed = Q(version__document__in=Document.objects.revealed_to(person))
        return self._published().filter(citable | revealed)

    def _published(self) -> Self:
        """Those of versions that are, or have been, what readers find."""
        current = Q(version=F("version__document__current_version"))
        return self.filter(current | Q(version__stage=Stage.READY))

    def to_review_by(self, person: "Person | AnonymousUser") -> Self:
        """Passages that something made stricter than their document, and that no person has confirmed."""
        made = [Document.DecidedBy.RULE, Document.DecidedBy.MARKING]
        waiting = self.visible_to(person).filter(
            version__document__in=Document.objects.editable_by(person),
            own_sensitivity__gt=F("version__document__sensitivity"),
            sensitivity_by__in=made,
        )
        return waiting.order_by("version__document__title", "version", "ordinal")

    def instructing(self) -> Self:
        """Those that speak to language models, and that no person has cleared: no such model is given them."""
        return self.exclude(instruction="").filter(version__cleared_at=None)

    def unindexed(self) -> Self:
        """Those that were changed since their points were written."""
        return self.exclude(unindexed_since=None)


class Chunk(models.Model):
    """A passage of a version: what is embedded, retrieved, shown to a model and cited."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    text = models.TextField()
    headings = models.JSONField(default=list)
    header = models.CharField(
        max_length=600, help_text=_("Title › headings: embedded and indexed before the text.")
    )
    first_page = models.PositiveIntegerField(null=True)
    last_page = models.PositiveIntegerField(null=True)
    start = models.PositiveIntegerField(help_text=_("Character span in the parsed text."))
    end = models.PositiveIntegerField()
    sensitivity = models.IntegerField(
        choices=Sensitivity.choices,
        default=Sensitivity.RESTRICTED,
        help_text=_("The stricter of its own and its document's."),
    )
    own_sensitivity = models.IntegerField(
        choices=Sensitivity.choices,
        null=True,
        help_text=_(
            "What the passage itself demands, whatever its document's label; empty when nobody looked."
        ),
    )
    sensitivity_by = models.CharField(
        max_length=20,
        choices=Document.DecidedBy.choices,
        default=Document.DecidedBy.NOBODY,
        help_text=_("What decided its own label; nobody when it is as its document is."),
    )
    sensitivity_reason = models.CharField(max_length=500, blank=True)
    personal = models.JSONField(
        null=True,
        help_text=_("Personal data in the text: [start, end, kind] each; none when nobody has looked."),
    )

    instruction = models.CharField(
        max_length=INSTRUCTION_LENGTH,
        blank=True,
        help_text=_("The sentence that speaks to a language model; empty when none does."),
    )
    excluded = models.BooleanField(
        default=False, help_text=_("A person left it out: it is not found, and no model is shown it.")
    )
    edited_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Who changed its words last; empty where they are as the file has them."),
    )
    edited_at = models.DateTimeField(null=True)
    unindexed_since = models.DateTimeField(
        null=True, help_text=_("It was changed, and its point may not say so yet.")
    )

    objects = ChunkQuerySet.as_manager()

    class Meta:
        ordering = ["version", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["version", "ordinal"], name="one_chunk_an_ordinal"),
            models.CheckConstraint(condition=Q(start__lte=F("end")), name="chunk_span_is_forward"),
            models.CheckConstraint(
                condition=Q(sensitivity__in=Sensitivity.values), name="chunk_sensitivity_is_a_label"
            ),
            models.CheckConstraint(
                condition=Q(own_sensitivity=None) | Q(sensitivity__gte=F("own_sensitivity")),
                name="chunk_is_no_laxer_than_its_own_label",
            ),
        ]
        indexes = [
            models.Index(
                fields=["version"], condition=Q(unindexed_since__isnull=False), name="unindexed_chunks"
            ),
            # Whether some of a version is above a clearance, asked for each document of a list.
            models.Index(fields=["version", "sensitivity"], name="chunks_by_label"),
            # Few have a label of their own; the console counts those that wait on each of its pages.
            models.Index(fields=["sensitivity_by"], name="chunks_by_decider"),
        ]

    def __str__(self) -> str:
        return f"{self.header} #{self.ordinal}"

    @property
    def instructs(self) -> bool:
        """Whether it is one of `instructing`."""
        return bool(self.instruction) and self.version.cleared_at is None

    @property
    def revision(self) -> str:
        """Another one whenever its words, its headings or whether it is left out have changed: 16 hex digits."""
        said = json.dumps([self.text, self.headings, self.excluded])
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def pages(self) -> list[int]:
        if self.first_page is None or self.last_page is None:
            return []
        return list(range(self.first_page, self.last_page + 1))
