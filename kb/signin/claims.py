"""What a provider's claims decide: groups, clearance, and whether somebody administers. Each change is noted."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from kb.models import Event, Person, Sensitivity
from kb.people.notes import noted
from kb.signin.company import Company


def values_of(data: Mapping[str, Any], claim: str) -> frozenset[str]:
    """The values of a claim in what django-allauth keeps of a sign-in: of OpenID Connect or of SAML."""
    for claims in (data.get("id_token"), data.get("userinfo"), data):
        if claims and claim in claims:
            found = claims[claim]
            return frozenset([found] if isinstance(found, str) else map(str, found or ()))
    return frozenset()


@transaction.atomic
def apply(person: Person, data: Mapping[str, Any], company: Company) -> None:
    """Puts into force what the claims say now, at each sign-in. What the settings do not map stays as it is."""
    values = values_of(data, company.groups_claim)
    found = Person.objects.select_for_update().get(pk=person.pk)
    _join(found, values, company)
    clearance, administers = found.clearance, found.is_staff
    if company.clearances:
        mapped = [Sensitivity[label] for value, label in company.clearances.items() if value in values]
        found.clearance = max(mapped, default=Sensitivity.PUBLIC)
    if company.administrators:
        found.is_staff = bool(company.administrators & values)
    if (clearance, administers) != (found.clearance, found.is_staff):
        found.save(update_fields=["clearance", "is_staff"])
        told = f"{Sensitivity(found.clearance).label}, {'administers' if found.is_staff else 'does not administer'}"
        noted(None, Event.Verb.PERSON, f"Changed “{found.username}”, as {company.name} says: {told}.")
    person.refresh_from_db()


def _join(person: Person, values: frozenset[str], company: Company) -> None:
    wanted = {name for value, name in company.groups.items() if value in values}
    had = set(person.groups.filter(name__in=company.groups.values()).values_list("name", flat=True))
    for name in sorted(wanted - had):
        group, _ = Group.objects.get_or_create(name=name)
        person.groups.add(group)
        noted(None, Event.Verb.GROUP, f"“{person.username}” joined “{name}”, as {company.name} says.")
    for name in sorted(had - wanted):
        person.groups.remove(Group.objects.get(name=name))
        noted(None, Event.Verb.GROUP, f"“{person.username}” left “{name}”, as {company.name} says.")
