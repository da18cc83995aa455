"""Names that people give: on one line, no two that differ in case alone, and the person that a user name means."""

from collections.abc import Iterable

from kb.errors import Rejected
from kb.models import Person


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def same_name(name: str, others: Iterable[str]) -> str | None:
    """Which of the others is the same name, in whatever case."""
    # Not `iexact`: SQLite knows only the case of ASCII letters.
    return next((other for other in others if other.casefold() == name.casefold()), None)


def free_name(name: str, others: Iterable[str]) -> str:
    """The name on one line.

    Raises:
        Rejected: one of the others has it.
    """
    name = on_one_line(name)
    if same := same_name(name, others):
        raise Rejected(f"There is “{same}” already. Choose another name.")
    return name


def active_person(username: str) -> Person:
    """
    Raises:
        Rejected: nobody with that user name has an account that works.
    """
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Rejected(
            f"Nobody with the user name “{username}” has an account that works. Check how it is written."
        )
    return person
