"""What a person seeks, as the address says it: words, and filters. One that makes no sense is off, and is named."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.http import QueryDict
from django.utils.formats import date_format

from kb.models import Document, Person
from kb.models.searches import LONGEST_SEARCH
from kb.portal.address import day
from kb.portal.facets import SEARCH, Trait, Value, without

SINCE, UNTIL = "since", "until"


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that is on. `value` is what it is called; `query` is the address without it."""

    name: str
    value: str
    query: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value that documents which the person may see have, and what it is called."""

    trait: Trait
    value: Value
    called: str


@dataclass(frozen=True, slots=True)
class Sought:
    """`cut` says that not all words are looked at. The dates are days in UTC, and both are included."""

    words: str
    chosen: tuple[Chosen, ...] = ()
    since: date | None = None
    until: date | None = None
    off: tuple[str, ...] = ()
    cut: bool = False

    @property
    def choices(self) -> dict[Trait, Value]:
        return {each.trait: each.value for each in self.chosen}

    @property
    def address(self) -> QueryDict:
        """The same search, without what was not understood."""
        address = QueryDict(mutable=True)
        said = {each.trait.name: each.value for each in self.chosen}
        for name, value in [("q", self.words), *said.items(), *self._dates.items()]:
            if value:
                address[name] = str(value)
        return address

    @property
    def query(self) -> str:
        return self.address.urlencode()

    @property
    def filters(self) -> list[Filter]:
        called = {each.trait.name: each.called for each in self.chosen}
        called |= {name: date_format(value) for name, value in self._dates.items()}
        return [
            Filter(name, value, f"?{without(self.address, name).urlencode()}")
            for name, value in called.items()
        ]

    @property
    def unfiltered(self) -> str:
        """The query of the same words everywhere."""
        return Sought(self.words).query

    @property
    def _dates(self) -> dict[str, date]:
        return {name: value for name, value in ((SINCE, self.since), (UNTIL, self.until)) if value}


def read(address: QueryDict, person: Person) -> Sought:
    """What the address asks for. One query a filter.

    A value that no document has which the person may see is the same as one that does not exist.
    """
    words = " ".join(address.get("q", "").replace("\0", " ").split())
    sought = Sought(
        words=words[:LONGEST_SEARCH].rstrip(),
        chosen=tuple(_chosen(address, person)),
        since=day(address, SINCE),
        until=day(address, UNTIL),
        cut=len(words) > LONGEST_SEARCH,
    )
    understood = {each.name for each in sought.filters}
    return replace(sought, off=tuple(name for name in _said(address) if name not in understood))


def _said(address: QueryDict) -> list[str]:
    """The filters that the address names, whatever it says of them."""
    names = [trait.name for trait in SEARCH]
    return [name for name in (*names, SINCE, UNTIL) if address.get(name, "").strip()]


def _chosen(address: QueryDict, person: Person) -> Iterator[Chosen]:
    visible = Document.objects.visible_to(person).order_by()
    for trait in SEARCH:
        value = trait.read(address, trait.name)
        if value is None:
            continue
        called = visible.filter(**{trait.column: value}).values_list(trait.names, flat=True).first()
        if called is not None:
            yield Chosen(trait, value, trait.called(called))
