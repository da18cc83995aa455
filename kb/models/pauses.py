"""Whether ingestion is paused, by whom, and why."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.people import Person


class Pause(models.Model):
    """While its one row is there, no worker takes a version. What runs already goes on to its end."""

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Empty when it was a command."),
    )
    since = models.DateTimeField(default=timezone.now, editable=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_pause_at_most")]

    def __str__(self) -> str:
        return f"since {self.since:%Y-%m-%d %H:%M}"
