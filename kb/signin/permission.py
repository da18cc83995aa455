"""Who may have a session."""

from kb.models import Person


def may_sign_in(person: Person) -> bool:
    """Asked at each way in, and again on each request of a session."""
    return person.is_active and not person.is_service
