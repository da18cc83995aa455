"""People, for administrators: their accounts, what they see, and a list of them at once."""

from dataclasses import dataclass
from typing import Annotated

from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import refuse_unknown
from kb.api.listing import Listed, listed, whole
from kb.api.paging import part_of
from kb.api.people_sheets import (
    NewPerson,
    PeopleFilters,
    PersonChange,
    PersonSheet,
    Roster,
    RosterLine,
    person_sheet,
)
from kb.api.sharing import Handed, NewOwner
from kb.models import Document, Person
from kb.people import accounts
from kb.people.finding import people_like
from kb.people.handover import hand_over
from kb.people.names import active_person
from kb.people.roster import NEW, take_all
from kb.people.second_factor import drop_second_factors_as
from kb.people.sessions import end_sessions_as

router = Router(tags=["People"], auth=ADMINISTRATORS)


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """Whoever opens it chooses the person's password. It works once, and is kept nowhere."""

    url: Annotated[str, Field(examples=["https://strongroom.example.com/password/Nw/c1x…/"])]


@router.get(
    "/people",
    response={200: Listed[PersonSheet], **error_replies(404, 422)},
    operation_id="listPeople",
    summary="List people",
)
def list_people(request: Request, filters: Query[PeopleFilters]) -> Listed[PersonSheet]:
    """In the order of their user names."""
    refuse_unknown(request, PeopleFilters)
    group = None if filters.group is None else get_object_or_404(Group, pk=filters.group)
    found = people_like(filters.q, group=group, state=filters.state)
    return listed(part_of(found, filters, by="username"), person_sheet)


@router.get(
    "/people/{int:person_id}",
    response={200: PersonSheet, **error_replies(404)},
    operation_id="getPerson",
    summary="Look at a person",
)
def get_person(request: Request, person_id: int) -> PersonSheet:
    return person_sheet(_found(person_id))


@router.post(
    "/people",
    response={201: PersonSheet, **error_replies(403, 404, 422)},
    operation_id="createPerson",
    summary="Add a person",
)
def create_person(request: Request, new: NewPerson) -> Status[PersonSheet]:
    """The account has no password: make a one-time link next. Nobody gives a clearance above his own."""
    added = accounts.add(new.username, new.facts(NEW), request.auth)
    return Status(201, person_sheet(added))


@router.patch(
    "/people/{int:person_id}",
    response={200: PersonSheet, **error_replies(403, 404, 422)},
    operation_id="changePerson",
    summary="Change what is said of a person",
)
def change_person(request: Request, person_id: int, change: PersonChange) -> PersonSheet:
    """Nobody changes his own clearance or whether he administers, nor opens a collection to himself."""
    found = _found(person_id)
    accounts.change(found, change.facts(accounts.Facts.of(found)), request.auth)
    return person_sheet(_found(person_id))


@router.post(
    "/people/{int:person_id}/suspend",
    response={200: PersonSheet, **error_replies(403, 404)},
    operation_id="suspendPerson",
    summary="Suspend a person",
)
def suspend_person(request: Request, person_id: int) -> PersonSheet:
    """Ends sessions and keys from the next request on; they do not come back."""
    accounts.suspend(_found(person_id), request.auth)
    return person_sheet(_found(person_id))


@router.post(
    "/people/{int:person_id}/reactivate",
    response={200: PersonSheet, **error_replies(403, 404)},
    operation_id="reactivatePerson",
    summary="Let a suspended person in again",
)
def reactivate_person(request: Request, person_id: int) -> PersonSheet:
    """Works once the person has chosen a new password: make a one-time link next."""
    accounts.reactivate(_found(person_id), request.auth)
    return person_sheet(_found(person_id))


@router.post(
    "/people/{int:person_id}/link",
    response={201: OneTimeLink, **error_replies(403, 404, 422)},
    operation_id="linkPerson",
    summary="Make a one-time link to choose a password",
)
def link_person(request: Request, person_id: int) -> Status[OneTimeLink]:
    """With a session only: whoever has the link becomes that person."""
    path = accounts.password_link(_found(person_id), request.auth)
    return Status(201, OneTimeLink(request.build_absolute_uri(path)))


@router.delete(
    "/people/{int:person_id}/sessions",
    response={204: None, **error_replies(404)},
    operation_id="endPersonSessions",
    summary="End all sessions of a person",
)
def end_person_sessions(request: Request, person_id: int) -> Status[None]:
    """They open nothing from the next request on. Keys stay."""
    end_sessions_as(_found(person_id), request.auth)
    return Status(204, None)


@router.delete(
    "/people/{int:person_id}/second-factors",
    response={204: None, **error_replies(403, 404)},
    operation_id="dropSecondFactors",
    summary="Remove all second factors of a person",
)
def drop_second_factors(request: Request, person_id: int) -> Status[None]:
    """For who has lost his telephone. With a session only: the password alone opens the account then."""
    drop_second_factors_as(_found(person_id), request.auth)
    return Status(204, None)


@router.post(
    "/people/{int:person_id}/hand-over",
    response={200: Handed, **error_replies(404, 422)},
    operation_id="handOverPerson",
    summary="Give all documents of a person to another one",
)
def hand_over_person(request: Request, person_id: int, new: NewOwner) -> Handed:
    owned = Document.objects.filter(owner=_found(person_id))
    done = hand_over(owned, active_person(new.owner), request.auth)
    return Handed(done.given, done.kept)


@router.delete(
    "/people/{int:person_id}",
    response={204: None, **error_replies(403, 404, 422)},
    operation_id="deletePerson",
    summary="Delete an account that was never used",
)
def delete_person(request: Request, person_id: int) -> Status[None]:
    """One that documents, answers or records refer to is suspended instead."""
    accounts.remove(_found(person_id), request.auth)
    return Status(204, None)


@router.post(
    "/people/import",
    response={200: Listed[RosterLine], **error_replies(404, 422)},
    operation_id="importPeople",
    summary="Add and change many people",
)
def import_people(request: Request, roster: Roster) -> Listed[RosterLine]:
    """What became of each row, in order. A row that is refused does not stop the others."""
    told = take_all([row.cells() for row in roster.people], request.auth)
    return whole(RosterLine.of(each) for each in told)


def _found(person_id: int) -> Person:
    return get_object_or_404(Person.objects.prefetch_related("groups"), pk=person_id)
