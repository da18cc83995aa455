"""What became of each stage of each attempt at a version: its timeline."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.library import Stage, Version


class StageRunQuerySet(models.QuerySet["StageRun"]):
    def lately(self, period: timedelta) -> Self:
        """Those that went through and began within so long."""
        return self.filter(outcome=StageRun.Outcome.DONE, began__gt=timezone.now() - period)


class StageRun(models.Model):
    """A stage that a version went through, or that it stopped in. The row is written when the stage ends."""

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        AGAIN = "again", _("to be tried again")
        FAILED = "failed", _("failed")
        DIED = "died", _("its worker died")
        CANCELLED = "cancelled", _("cancelled")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="stage_runs")
    attempt = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=20, choices=Stage.choices)
    began = models.DateTimeField()
    seconds = models.FloatField(help_text=_("Wall time."))
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    worker = models.CharField(max_length=300, help_text=_("Machine, process and its start."))
    note = models.CharField(
        max_length=1000, blank=True, help_text=_("What read the file, or why it went wrong.")
    )

    objects = StageRunQuerySet.as_manager()

    class Meta:
        ordering = ["began", "pk"]
        indexes = [models.Index(fields=["began"], name="stage_runs_by_time")]

    def __str__(self) -> str:
        return f"{self.stage} of attempt {self.attempt}: {self.outcome}"

    @property
    def ended(self) -> datetime:
        return self.began + timedelta(seconds=self.seconds)
