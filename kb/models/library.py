"""What is held: documents and their versions.

`visible_to` is the only way to a document for anybody, and hence to its chunks; it is written here once.
"""

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.batches import Batch, Priority
from kb.models.collections import Category, Collection
from kb.models.containers import Container
from kb.models.pauses import Pause
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PATH_LENGTH = 1_000
"""Characters."""


def holds_more_than(person: Person) -> Exists:
    """Whether some of a document is above the person's clearance."""
    above = Version.objects.filter(
        document=OuterRef("pk"), retired=False, chunks__sensitivity__gt=person.clearance
    )
    return Exists(above)


class DocumentQuerySet(models.QuerySet["Document"]):
    def live(self) -> Self:
        """Neither deleted nor become a version of another one."""
        return self.filter(deleted_at=None, became=None)

    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """What this person may know of: in a collection he may read, and not above his clearance."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        within = Q(sensitivity__lte=person.clearance)
        # Until something has decided, a document counts as RESTRICTED for all but the one who brought it.
        # A key with a ceiling is not he.
        if person.bounds is None or person.bounds.ceiling is None:
            within |= Q(owner=person, sensitivity_by=Document.DecidedBy.NOBODY)
        return self.live().filter(within, collection__in=Collection.objects.readable_by(person))

    def uploaded_by(self, person: "Person | AnonymousUser") -> Self:
        """What this person brought in, to follow what becomes of it. It gives no right to read.

        A key that is kept to collections follows what lies in them.
        """
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.live().filter(person.kept_collections("collection"), owner=person)

    def editable_by(self, person: "Person | AnonymousUser") -> Self:
        return self.visible_to(person).filter(collection__in=Collection.objects.editable_by(person))

    def revealed_to(self, person: "Person | AnonymousUser") -> Self:
        """What an administrator has opened with a reason, for an hour (`ingestion.reveal`)."""
        if not isinstance(person, Person) or not person.administers or person.narrowed:
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
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="parts",
        help_text=_("The mail or archive that it came in."),
    )
    sensitivity = models.IntegerField(choices=Sensitivity.choices, default=Sensitivity.RESTRICTED)
    least_sensitivity = models.IntegerField(
        choices=Sensitivity.choices,
        null=True,
        blank=True,
        help_text=_("What it is at least, as its uploader said, until a person decides."),
    )
    sensitivity_by = models.CharField(max_length=20, choices=DecidedBy.choices, default=DecidedBy.NOBODY)
    sensitivity_reason = models.CharField(max_length=500, blank=True)
    sensitivity_confidence = models.FloatField(
        null=True, blank=True, help_text=_("0 to 1; none when a person decided.")
    )
    needs_review = models.BooleanField(default=False)
    current_version = models.ForeignKey(
        "Version", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    became = models.OneToOneField(
        "Version",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="was",
        help_text=_("The version of another document that its only version is by now."),
    )
    valid_until = models.DateField(
        null=True, blank=True, help_text=_("The last day on which it holds; empty if it holds on.")
    )
    expired_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When it was noticed that the last day has passed."),
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

    An administrator can set aside whatever is not ready: any of them but ready → skipped → queued (put back).
    What is ready or failed can be read again: → queued.
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
    SKIPPED = "skipped", _("set aside")


SETTLED = (Stage.READY, Stage.FAILED, Stage.SKIPPED)
UNSETTLED = tuple(stage for stage in Stage if stage not in SETTLED)
UNDONE = (Stage.FAILED, Stage.SKIPPED)


def in_work() -> Q:
    """Versions that somebody holds a lease of that still runs."""
    return Q(retired=False, stage__in=UNSETTLED, lease_until__gte=timezone.now())


def due() -> Q:
    """Versions that a worker could take: not settled, nobody's, and their time to wait after a fault is over."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Q(retired=False, stage__in=UNSETTLED) & free & (Q(not_before=None) | Q(not_before__lte=now))


class VersionQuerySet(models.QuerySet["Version"]):
    def unsettled(self) -> Self:
        return self.filter(retired=False, stage__in=UNSETTLED)

    def in_work(self) -> Self:
        return self.filter(in_work())

    def waiting(self) -> Self:
        """Not settled, and nobody works on it."""
        return self.unsettled().filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()))

    def claimable(self) -> Self:
        """What a worker may take now."""
        return self.filter(due()).unless_paused()

    def unless_paused(self) -> Self:
        """None of them while ingestion is paused."""
        return self.filter(~Exists(Pause.objects.all()))

    def searchable(self) -> Self:
        """What readers find: of each document the current version."""
        return self.filter(retired=False, stage=Stage.READY, document__current_version=F("pk"))

    def superseded(self) -> Self:
        """Earlier versions: kept, cited and sent as files, and no longer found."""
        return self.filter(retired=False, stage=Stage.READY).exclude(document__current_version=F("pk"))

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
    batch = models.ForeignKey(
        Batch, on_delete=models.SET_NULL, null=True, blank=True, related_name="versions"
    )
    container = models.ForeignKey(
        Container, on_delete=models.SET_NULL, null=True, blank=True, related_name="versions"
    )
    path = models.CharField(
        max_length=PATH_LENGTH,
        blank=True,
        help_text=_("Where it stood in the archive or folder that it came in: “2024/lease.pdf”."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired = models.BooleanField(default=False, help_text=_("Its document was deleted."))

    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.QUEUED)
    failure = models.CharField(max_length=1000, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    not_before = models.DateTimeField(
        null=True, blank=True, help_text=_("When the next attempt is due after a passing fault.")
    )
    claimed_at = models.DateTimeField(null=True, blank=True, help_text=_("When a worker last took it."))
    stage_since = models.DateTimeField(null=True, blank=True, help_text=_("When it entered its stage."))
    progress = models.JSONField(
        default=dict, blank=True, help_text=_("Stage, page and pages: how far the stage is.")
    )
    chosen_parser = models.CharField(
        max_length=100, blank=True, help_text=_("The only parser that may read it; empty for the usual ones.")
    )
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
        indexes = [
            models.Index(fields=["stage", "lease_until"], name="versions_to_claim"),
            models.Index(fields=["claimed_at"], name="versions_by_claim"),
            models.Index(fields=["created_at"], name="versions_by_arrival"),
            models.Index(fields=["ready_at"], name="versions_by_readiness"),
        ]

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
        """Where it stands on the way to READY: 0 (waiting) to 7. One that failed or was set aside is nowhere: more."""
        return list(Stage).index(Stage(self.stage))
