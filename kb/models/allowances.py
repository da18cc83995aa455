"""How much a key, a person or a group may use, and what was used."""

from datetime import datetime, timedelta
from typing import Self

from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.keys import ApiKey
from kb.models.ledger import ModelCall
from kb.models.people import Person

KEPT = timedelta(days=62)
"""After which no budget asks for what was used."""


class Period(models.TextChoices):
    """What a budget is for, in UTC."""

    DAY = "day", _("day")
    MONTH = "month", _("month")

    def began(self) -> datetime:
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight if self == Period.DAY else midnight.replace(day=1)

    def renews(self) -> datetime:
        if self == Period.DAY:
            return self.began() + timedelta(days=1)
        return (self.began() + timedelta(days=31)).replace(day=1)


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    def applying_to(self, person: Person) -> Self:
        """Those of the person, of his groups, and of the key that he comes with."""
        key = person.bounds.key if person.bounds else None
        groups = Group.objects.filter(user=person.pk)
        return self.filter(Q(person=person.pk) | Q(group__in=groups) | Q(key=key, key__isnull=False))


class Allowance(models.Model):
    """What one key, person or group may use, at most. What is empty is not limited here; all that apply have to hold.

    Members of a group share its allowance.
    """

    key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, null=True, related_name="allowance")
    person = models.OneToOneField(Person, on_delete=models.CASCADE, null=True, related_name="allowance")
    group = models.OneToOneField(Group, on_delete=models.CASCADE, null=True, related_name="allowance")
    requests_a_minute = models.PositiveIntegerField(
        _("requests a minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    questions_a_minute = models.PositiveIntegerField(
        _("questions a minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    tokens_a_day = models.PositiveBigIntegerField(_("tokens a day"), null=True, blank=True)
    tokens_a_month = models.PositiveBigIntegerField(_("tokens a month"), null=True, blank=True)
    usd_a_day = models.FloatField(
        _("US dollars a day"), null=True, blank=True, validators=[MinValueValidator(0.0)]
    )
    usd_a_month = models.FloatField(
        _("US dollars a month"), null=True, blank=True, validators=[MinValueValidator(0.0)]
    )

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(key__isnull=False, person=None, group=None)
                | Q(key=None, person__isnull=False, group=None)
                | Q(key=None, person=None, group__isnull=False),
                name="allowance_is_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"Allowance of {self.holder}"

    @property
    def holder(self) -> ApiKey | Person | Group:
        holder = self.key or self.person or self.group
        assert holder is not None  # noqa: S101  # A constraint says so.
        return holder

    @property
    def holder_pk(self) -> int:
        """The holder's primary key, known without a query."""
        pk = self.key_id or self.person_id or self.group_id
        assert pk is not None  # noqa: S101  # A constraint says so.
        return pk

    @property
    def kind(self) -> str:
        return "key" if self.key_id else "person" if self.person_id else "group"

    def tokens(self, period: Period) -> int | None:
        return self.tokens_a_day if period == Period.DAY else self.tokens_a_month

    def usd(self, period: Period) -> float | None:
        return self.usd_a_day if period == Period.DAY else self.usd_a_month


class SpendingQuerySet(models.QuerySet["Spending"]):
    def of(self, holder: ApiKey | Person | Group) -> Self:
        if isinstance(holder, ApiKey):
            return self.filter(key=holder)
        if isinstance(holder, Group):
            return self.filter(person__in=Person.objects.filter(groups=holder).values("pk"))
        return self.filter(person=holder.pk)

    def in_period(self, period: Period) -> Self:
        return self.filter(at__gte=period.began())

    def summed(self) -> tuple[int, float]:
        """Tokens and US dollars."""
        sums = self.aggregate(tokens=Coalesce(Sum("tokens"), 0), usd=Coalesce(Sum("usd"), 0.0))
        return sums["tokens"], sums["usd"]

    def prune(self) -> None:
        self.filter(at__lt=timezone.now() - KEPT).delete()


class Spending(models.Model):
    """What one call of a model takes: an estimate while it is under way, then what it took.

    It is apart from the ledger, whose details may be erased before a month is over.
    """

    call = models.OneToOneField(ModelCall, on_delete=models.CASCADE, related_name="spending")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    tokens = models.PositiveBigIntegerField()
    usd = models.FloatField()

    objects = SpendingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.tokens} tokens, {self.usd} US dollars"
