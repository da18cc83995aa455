"""What keys, people and groups may use: set by administrators, and shown beside what was used."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Sum

from kb.models import Allowance, ApiKey, Event, Person, Spending
from kb.models.allowances import Period
from kb.people.notes import noted
from kb.people.rights import check_administers

Holder = ApiKey | Person | Group


@dataclass(frozen=True, slots=True)
class Limits:
    """None limits nothing."""

    requests_a_minute: int | None = None
    questions_a_minute: int | None = None
    tokens_a_day: int | None = None
    tokens_a_month: int | None = None
    usd_a_day: float | None = None
    usd_a_month: float | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens and US dollars in a period, with what is under way."""

    tokens: int = 0
    usd: float = 0.0


def allow(holder: Holder, limits: Limits, by: Person) -> None:
    """Holds from the next request on. Without any limit left, nothing is kept.

    Raises:
        Denied: `by` does not administer.
    """
    values = asdict(limits)
    said = ", ".join(f"{name} {value}" for name, value in values.items() if value is not None) or "no limit"
    with transaction.atomic():
        check_administers(by)
        if said == "no limit":
            Allowance.objects.filter(**_of(holder)).delete()
        else:
            Allowance.objects.update_or_create(**_of(holder), defaults=values)
        noted(by, Event.Verb.ALLOWANCE, f"Set for {kind_of(holder)} “{holder}”: {said}.".replace("_", " "))


def limits_of(holder: Holder) -> Limits:
    found = Allowance.objects.filter(**_of(holder)).first()
    return limits_in(found) if found else Limits()


def limits_in(allowance: Allowance) -> Limits:
    return Limits(**{name: getattr(allowance, name) for name in Limits.__slots__})


def used_by(holder: Holder, period: Period) -> Used:
    return Used(*Spending.objects.of(holder).in_period(period).summed())


def used_this_month(keys: Iterable[ApiKey]) -> Mapping[int, Used]:
    """By primary key; one that used nothing is left out. One query."""
    spent = Spending.objects.filter(key__in=list(keys)).in_period(Period.MONTH)
    sums = spent.values("key").annotate(tokens=Sum("tokens"), usd=Sum("usd")).order_by()
    return {each["key"]: Used(each["tokens"], each["usd"]) for each in sums}


def kind_of(holder: Holder) -> str:
    return {ApiKey: "key", Person: "person", Group: "group"}[type(holder)]


def _of(holder: Holder) -> dict[str, Any]:
    return {kind_of(holder): holder}
