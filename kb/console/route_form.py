"""The table of routes as a form: a row for everywhere and for each collection with rules of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kb.models import Collection, Leaving, Person, RouteRule, RouteTable, Sensitivity
from kb.models.routes import DECIDABLE, FARTHEST

AS_EVERYWHERE = ("", _("as everywhere"))


@dataclass(frozen=True, slots=True)
class Cell:
    """What holds for one label in one place. `field` is None where nothing can be decided.

    `cut` says that a laxer label, which is held back there, holds this one back too.
    """

    sensitivity: Sensitivity
    field: forms.BoundField | None
    effective: Leaving
    inherited: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`collection` is None for everywhere."""

    collection: Collection | None
    cells: tuple[Cell, ...]


class RoutesForm(forms.Form):
    """Only what a person changed is saved, so that it does not undo what somebody else decided meanwhile."""

    def __init__(self, table: RouteTable, collections: Sequence[Collection], *args: Any) -> None:
        super().__init__(*args)
        self._table = table
        self._places: list[Collection | None] = [None, *collections]
        for place in self._places:
            for label in DECIDABLE:
                self.fields[_name(place, label)] = _field(
                    place, label, table.own(label, place.pk if place else None)
                )

    def rows(self) -> Iterator[Row]:
        for place in self._places:
            yield Row(place, tuple(self._cell(place, label) for label in Sensitivity))

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self._refuse_conflicts(self._proposed())
        return self.cleaned_data

    def save(self, person: Person) -> int:
        """How many rules were changed."""
        changes = list(self._changes())
        for place, label in changes:
            RouteRule.decide(person, label, self.cleaned_data[_name(place, label)], collection=place)
        return len(changes)

    def _changes(self) -> Iterator[tuple[Collection | None, Sensitivity]]:
        for place in self._places:
            for label in DECIDABLE:
                if _name(place, label) in self.changed_data:
                    yield place, label

    def _proposed(self) -> RouteTable:
        """The table of now with what the person changed."""
        return self._table.changed(
            {
                (place.pk if place else None, label): self.cleaned_data[_name(place, label)]
                for place, label in self._changes()
            }
        )

    def _refuse_conflicts(self, table: RouteTable) -> None:
        """A decision that could not hold is refused; what is as everywhere is only held back, and said."""
        for place in self._places:
            key = place.pk if place else None
            for label in DECIDABLE:
                if laxer := table.held_back_by(label, key):
                    way = table.leaving(label, key).label
                    message = _("%(label)s cannot leave more freely than %(laxer)s, which %(way)s here.")
                    words = {"label": label.label, "laxer": laxer.label, "way": way}
                    self.add_error(_name(place, label), forms.ValidationError(message, params=words))

    def _cell(self, place: Collection | None, label: Sensitivity) -> Cell:
        key = place.pk if place else None
        effective = self._table.leaving(label, key)
        if label not in DECIDABLE:
            return Cell(label, None, effective)
        own = self._table.own(label, key)
        said = self._table.leaving(label) if own is None else own
        return Cell(label, self[_name(place, label)], effective, inherited=own is None, cut=said > effective)


def _name(place: Collection | None, label: Sensitivity) -> str:
    return f"{place.pk if place else 'everywhere'}-{label.value}"


def _field(place: Collection | None, label: Sensitivity, own: int | None) -> forms.TypedChoiceField:
    farthest = FARTHEST[label]
    ways = [(way.value, way.label) for way in reversed(Leaving) if way <= farthest]
    message = _("%(label)s %(way)s at most. Choose that, or something stricter.")
    too_far = message % {"label": label.label, "way": farthest.label}
    return forms.TypedChoiceField(
        label=f"{label.label}, {place or _('everywhere')}",
        choices=[AS_EVERYWHERE, *ways] if place else ways,
        coerce=lambda value: Leaving(int(value)),
        empty_value=None,
        required=place is None,
        initial="" if own is None else own,
        show_hidden_initial=True,
        error_messages={"invalid_choice": too_far, "required": too_far},
    )
