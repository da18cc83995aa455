"""Passwords, and whose session a request carries."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from kb.models import Person
from kb.signin.permission import may_sign_in


class Backend(ModelBackend):
    """Somebody who may not sign in is a stranger: with the right password, and with a session that he still has.

    Django hashes the password that was given for unknown names and for accounts without one too, so that all
    refusals take the same time.
    """

    def user_can_authenticate(self, user: Person | AnonymousUser | None) -> bool:
        return isinstance(user, Person) and may_sign_in(user)
