"""Where somebody is signed in, and how that ends before its time."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from kb.models import Event, Person
from kb.people.notes import noted
from kb.people.rights import check_administers


def sessions_of(person: Person) -> list[UserSession]:
    """Those that still open something, the last one seen first. Rows of others are deleted."""
    found: list[UserSession] = UserSession.objects.purge_and_list(person)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)


def end_session(person: Person, pk: int) -> bool:
    """Ends one session of this person, and says whether there is one; one of somebody else stays."""
    session = UserSession.objects.filter(user=person, pk=pk).first()
    if session is not None:
        session.end()
    return session is not None


def end_sessions(person: Person, *, but: str = "") -> None:
    """Ends all sessions of this person, but the one with this key."""
    for session in UserSession.objects.filter(user=person).exclude(session_key=but):
        session.end()


def end_sessions_as(person: Person, by: Person) -> None:
    """An administrator ends them.

    Raises:
        Denied: by who does not administer.
    """
    with transaction.atomic():
        check_administers(by)
        end_sessions(person)
        noted(by, Event.Verb.PERSON, f"Ended all sessions of “{person.username}”.")
