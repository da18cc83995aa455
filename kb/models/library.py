"""What is held: documents, their versions, and the chunks of each version.

`visible_to` is the only way to a document or a chunk for anybody; it is written here once.
"""

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.collections import Category, Collection
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

INSTRUCTION_LENGTH = 300
"""Characters; longer sentences are cut."""


def holds_more_than(person: Person) -> Exists:
    """Whether some of a document is above the person's clearance."""
    above = Chunk.objects.filter(
        version__document=OuterRef("pk"), version__retired=False, sensitivity__gt=person.clearance
    )
    return Exists(above)


class DocumentQuerySet(models.QuerySet["Document"]):
    def live(self) -> Self:
        return self.filter(deleted_at=None)

    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """What this person may know of: in a collection he may read, and not above his clearance."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        # Until something has decided, a document counts as RESTRICTED for all but the one who brought it.
        undecided = Q(owner=person, sensitivity_by=Document.DecidedBy.NOBODY)
        return self.live().filter(
            Q(sensitivity__lte=person.clearance) | undecided,
            collection__in=Collection.objects.readable_by(person),
        )

    def uploaded_by(self, person: "Person | AnonymousUser") -> Self:
        """What this person brought in, to follow what becomes of it. It gives no right to read."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.live().filter(owner=person)

    def editable_by(self, person: "Person | AnonymousUser") -> Self:
        return self.visible_to(person).filter(collection__in=Collection.objects.editable_by(person))

    def revealed_to(self, person: "Person | AnonymousUser") -> Self:
        """What an administrator has opened with a reason, for an hour (`ingestion.reveal`)."""
        if not isinstance(person, Person) or not person.administers:
            return self.none()
        running = Q(reveals__person=person, reveals__until__gt=timezone.now())
        return self.live().filter(pk__in=Document.objects.filter(running).values("pk"))

    def open_to(self, person: "Person | AnonymousUser") -> Self:
        """What this person may open by its address: what he may see, and what was revealed to him.

        For a document's own page and file only. All that lists, searches, answers or changes asks `visible_to`.
        """
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        visible, revealed = Document.objects.visible_to(person), Document.objects.revealed_to(person)
        return self.filter(Q(pk__in=visible.values("pk")) | Q(pk__in=revealed.values("pk")))

    def to_review_by(self, person: "Person | AnonymousUser") -> Self:
        """What this person may decide and no person has, though something doubts it or only votes decided it.

        The least sure first.
        """
        unsure = Q(needs_review=True) | Q(sensitivity_by=Document.DecidedBy.MODEL)
        waiting = self.editable_by(person).filter(unsure).exclude(current_version=None)
        return waiting.order_by(
            "-needs_review", F("sensitivity_confidence").asc(nulls_first=True), "title", "pk"
        )

    def suspicious_to(self, person: "Person | AnonymousUser") -> Self:
        """What this person may change and sees the whole of, that hides text or speaks to language models.

        Those that a person has cleared are not among them.
        """
        if not isinstance(person, Person):
            return self.none()
        waiting = self.editable_by(person).filter(
            ~holds_more_than(person), current_version__suspicious=True, current_version__cleared_at=None
        )
        return waiting.order_by("-current_version__ready_at", "title", "pk")


class Document(models.Model):
    """A document as people know it: a title on a shelf. Its contents are the current version's."""

    class DecidedBy(models.TextChoices):
        NOBODY = "nobody", _("not decided yet")
        PERSON = "person", _("a person")
        MARKING = "marking", _("a marking in the text")
        RULE = "rule", _("a rule")
        MODEL = "model", _("the on-premises model")
        COLLECTION = "collection", _("the collection")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=300)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="documents")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    category = models.ForeignKey(Category, on_delete=models.SET_NULL, null=True, blank=True)
    sensitivity = models.IntegerField(choices=Sensitivity.choices, default=Sensitivity.RESTRICTED)
    sensitivity_by = models.CharField(max_length=20, choices=DecidedBy.choices, default=DecidedBy.NOBODY)
    sensitivity_reason = models.CharField(max_length=500, blank=True)
    sensitivity_confidence = models.FloatField(
        null=True, blank=True, help_text=_("0 to 1; none when a person decided.")
    )
    needs_review = models.BooleanField(default=False)
    current_version = models.ForeignKey(
        "Version", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    undescribed_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("Its tags or labels changed, and its points may not say so yet."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sensitivity__in=Sensitivity.values), name="document_sensitivity_is_a_label"
            )
        ]
        indexes = [
            models.Index(
                fields=["collection", "sensitivity"], condition=Q(deleted_at=None), name="live_documents"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])

    @property
    def latest(self) -> "Version | None":
        """The newest version, whatever became of it; `current_version` is the newest that is ready."""
        return self.versions.order_by("-created_at").first()


class Stage(models.TextChoices):
    """The stages of a version, in order::

    queued → parsing → chunking → classifying → summarising → embedding → indexing → ready
       ↑________________________________|____________________________________|
            (a lease runs out, or a retry)                                   └→ failed → queued (retry)
    """

    QUEUED = "queued", _("waiting")
    PARSING = "parsing", _("reading the file")
    CHUNKING = "chunking", _("cutting into passages")
    CLASSIFYING = "classifying", _("classifying")
    SUMMARISING = "summarising", _("summarising")
    EMBEDDING = "embedding", _("embedding")
    INDEXING = "indexing", _("indexing")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


SETTLED = (Stage.READY, Stage.FAILED)


class VersionQuerySet(models.QuerySet["Version"]):
    def unsettled(self) -> Self:
        return self.filter(retired=False).exclude(stage__in=SETTLED)

    def claimable(self) -> Self:
        """Waiting for work: not settled, and nobody holds a lease that still runs."""
        return self.unsettled().filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()))

    def latest_embedder(self) -> str:
        """The fingerprint that the newest searchable version was embedded by; empty when there is none."""
        ready = self.filter(retired=False, stage=Stage.READY).exclude(embedder="")
        return ready.order_by("-ready_at").values_list("embedder", flat=True).first() or ""

    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what is searchable, the most frequent first."""
        ready = self.filter(retired=False, stage=Stage.READY).exclude(language="")
        counted = ready.values_list("language").annotate(held=Count("pk")).order_by("-held", "language")
        return tuple(language for language, _ in counted)


class Version(models.Model):
    """One state of a document's file. Who works on it is decided by the lease here, never by the broker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    # The same as the document's, so that the database itself can hold the same bytes only once a collection.
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(_("file name"), max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text=_("Bytes."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired = models.BooleanField(default=False, help_text=_("Its document was deleted."))

    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.QUEUED)
    failure = models.CharField(max_length=1000, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(
        max_length=300, blank=True, help_text=_("Machine, process and its start.")
    )

    summary = models.TextField(blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    hidden = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Text that readers of the file do not see: [how, text, page] each. It is in no passage."),
    )
    suspicious = models.BooleanField(
        default=False, help_text=_("It conceals text, or some of it speaks to language models.")
    )
    cleared_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When a person said that what is suspicious of it is harmless."),
    )
    parser = models.CharField(max_length=100, blank=True)
    embedder = models.CharField(max_length=200, blank=True)
    seconds = models.JSONField(default=dict, blank=True, help_text=_("Wall time by stage."))
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "sha256"],
                condition=Q(retired=False),
                name="same_bytes_once_a_collection",
            )
        ]
        indexes = [models.Index(fields=["stage", "lease_until"], name="versions_to_claim")]

    def __str__(self) -> str:
        return f"{self.name} ({self.sha256[:8]})"

    @property
    def settled(self) -> bool:
        return self.stage in SETTLED

    @property
    def is_pdf(self) -> bool:
        return self.media_type == "application/pdf"

    @property
    def step(self) -> int:
        """Where it stands on the way to READY: 0 (waiting) to 7. A failed one is nowhere: 8."""
        return list(Stage).index(Stage(self.stage))


class ChunkQuerySet(models.QuerySet["Chunk"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """Chunks of visible documents' current versions, without those above the clearance."""
        documents = Document.objects.visible_to(person)
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

    def __str__(self) -> str:
        return f"{self.header} #{self.ordinal}"

    @property
    def instructs(self) -> bool:
        """Whether it is one of `instructing`."""
        return bool(self.instruction) and self.version.cleared_at is None

    @property
    def pages(self) -> list[int]:
        if self.first_page is None or self.last_page is None:
            return []
        return list(range(self.first_page, self.last_page + 1))
