"""How like a version's text is to what its collection held already."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kb.models.library import Document, Stage, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from kb.models.people import Person

NEARLY_THE_SAME = 0.9
"""Jaccard similarity of two texts' shingles from which on they are told to be nearly the same."""


class LikenessQuerySet(models.QuerySet["Likeness"]):
    def nearly_the_same(self, person: "Person | AnonymousUser") -> Self:
        """Those of two documents, both visible to the person, whose texts are nearly the same."""
        visible = Document.objects.visible_to(person)
        near = self.filter(
            share__gte=NEARLY_THE_SAME, version__document__in=visible, like__document__in=visible
        )
        return near.exclude(like__document=F("version__document"))

    def asked_of(self, person: "Person | AnonymousUser") -> Self:
        """“New version of …?”, where nobody has answered and the person may change both documents."""
        editable = Document.objects.editable_by(person)
        return self.filter(
            asks=True,
            answer=Likeness.Answer.NONE,
            version__stage=Stage.READY,
            version__document__in=editable,
            like__document__in=editable,
        ).exclude(like__document=F("version__document"))


class Likeness(models.Model):
    """The signature of a version's text, and the one version that is most like it."""

    class Answer(models.TextChoices):
        NONE = "", _("not answered")
        YES = "yes", _("a new version")
        NO = "no", _("a document of its own")

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="likeness")
    digest = models.CharField(max_length=64, help_text=_("The sha256 of its words."))
    signature = models.BinaryField(help_text=_("MinHash: uint32, little-endian."))
    like = models.ForeignKey(Version, on_delete=models.SET_NULL, null=True, related_name="+")
    share = models.FloatField(default=0.0, help_text=_("Estimated Jaccard similarity, 0 to 1."))
    asks = models.BooleanField(default=False, help_text=_("The names are alike too."))
    answer = models.CharField(max_length=3, choices=Answer.choices, blank=True, default=Answer.NONE)

    objects = LikenessQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.version_id} is {self.share:.0%} like {self.like_id}"
