"""What may leave the building, and how: a table by label and collection that administrators edit.

No row is needed: `settings.ROUTES` says what holds until somebody decides otherwise. No row can reach farther than
`FARTHEST`, and no label leaves more freely than a laxer one, whatever the rows say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from kb.models.audit import Event
from kb.models.collections import Collection
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity


class Leaving(models.IntegerChoices):
    """How text may reach a model outside. The smaller is the stricter."""

    NEVER = 0, _("never leaves")
    PSEUDONYMISED = 1, _("leaves pseudonymised")
    FREELY = 2, _("leaves")

    @classmethod
    def strictest(cls, ways: Iterable[int]) -> "Leaving":
        """Of none, FREELY, because nothing holds nothing back."""
        return cls(min(ways, default=cls.FREELY))


FARTHEST: Mapping[int, Leaving] = {
    Sensitivity.PUBLIC: Leaving.FREELY,
    Sensitivity.INTERNAL: Leaving.FREELY,
    Sensitivity.CONFIDENTIAL: Leaving.PSEUDONYMISED,
    Sensitivity.RESTRICTED: Leaving.NEVER,
}
DECIDABLE = tuple(label for label in Sensitivity if FARTHEST[label] > Leaving.NEVER)
"""The labels about which there is something to decide."""

RouteKey = tuple[int | None, int]
"""A collection's id, or None for everywhere, and a label."""


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The table as it is asked: `general` by label, and `special` by collection and label, which goes before."""

    general: Mapping[int, int]
    special: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def leaving(self, sensitivity: int, collection: int | None = None) -> Leaving:
        """How text of this label may leave; what the table does not name does not."""
        laxer = (label for label in Sensitivity if label <= sensitivity)
        return Leaving.strictest(self.said(label, collection) for label in laxer)

    def said(self, sensitivity: int, collection: int | None = None) -> int:
        """What the table has for this label alone. A laxer one that is held back holds this one back too."""
        said = self.general.get(sensitivity, Leaving.NEVER)
        if collection is not None:
            said = self.special.get((collection, sensitivity), said)
        return min(said, FARTHEST.get(sensitivity, Leaving.NEVER))

    def own(self, sensitivity: int, collection: int | None = None) -> int | None:
        """What was decided for this very place; everywhere something always is."""
        if collection is None:
            return self.general.get(sensitivity, Leaving.NEVER)
        return self.special.get((collection, sensitivity))

    def changed(self, changes: Mapping["RouteKey", int | None]) -> "RouteTable":
        """The table with these decisions; None takes a collection's own one away."""
        general, special = dict(self.general), dict(self.special)
        for (collection, sensitivity), leaving in changes.items():
            if collection is None:
                general[sensitivity] = Leaving.NEVER if leaving is None else leaving
            elif leaving is None:
                special.pop((collection, sensitivity), None)
            else:
                special[collection, sensitivity] = leaving
        return RouteTable(general, special)

    def held_back_by(self, sensitivity: int, collection: int | None = None) -> Sensitivity | None:
        """The laxer label that keeps a decision for this very place from holding; None where it holds."""
        own, effective = self.own(sensitivity, collection), self.leaving(sensitivity, collection)
        if own is None or own <= effective:
            return None
        return next(label for label in DECIDABLE if self.said(label, collection) == effective)


def declared() -> dict[int, int]:
    """`settings.ROUTES`; a word that is not known counts as NEVER, and kb.checks refuses it."""
    return {
        label: Leaving[word.upper()] if word.upper() in Leaving.names else Leaving.NEVER
        for label in Sensitivity
        if (word := settings.ROUTES.get(label.name))
    }


class RouteRuleQuerySet(models.QuerySet["RouteRule"]):
    def table(self) -> RouteTable:
        """One query."""
        general, special = declared(), dict[tuple[int, int], int]()
        for rule in self:
            if rule.collection_id is None:
                general[rule.sensitivity] = rule.leaving
            else:
                special[rule.collection_id, rule.sensitivity] = rule.leaving
        return RouteTable(general, special)


class RouteRule(models.Model):
    """A decision of an administrator: how text of one label leaves, everywhere or out of one collection."""

    sensitivity = models.IntegerField(choices=Sensitivity.choices)
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="route_rules"
    )
    leaving = models.IntegerField(choices=Leaving.choices)

    objects = RouteRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "sensitivity"], name="one_route_a_collection_and_label"
            ),
            models.UniqueConstraint(
                fields=["sensitivity"], condition=models.Q(collection=None), name="one_general_route_a_label"
            ),
            models.CheckConstraint(
                condition=models.Q(sensitivity__in=Sensitivity.values, leaving__in=Leaving.values),
                name="route_is_of_known_words",
            ),
        ]

    def __str__(self) -> str:
        place = self.collection.name if self.collection else _("everywhere")
        return f"{self.get_sensitivity_display()}, {place}: {self.get_leaving_display()}"

    @classmethod
    def decide(
        cls, person: Person, sensitivity: int, leaving: int | None, *, collection: Collection | None = None
    ) -> None:
        """Writes down what an administrator decided, and that he did. None: what holds without a rule of its own."""
        own = cls.objects.filter(sensitivity=sensitivity, collection=collection)
        with transaction.atomic():
            before = own.values_list("leaving", flat=True).first()
            own.delete()
            if leaving is not None:
                cls.objects.create(sensitivity=sensitivity, collection=collection, leaving=leaving)
            place = f"“{collection}”" if collection else "everywhere"
            note = f"{Sensitivity(sensitivity).label}, {place}: {_in_words(before)} → {_in_words(leaving)}"
            Event.objects.create(person=person, verb=Event.Verb.ROUTE, note=note)


def _in_words(leaving: int | None) -> str:
    return "no rule of its own" if leaving is None else str(Leaving(leaving).label)
