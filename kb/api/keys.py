"""Who comes with a key, for every face that takes one."""

from kb.errors import Denied
from kb.models import AccessToken, Person
from kb.rights import VERBS


def caller(token: str, verb: str) -> Person | None:
    """Whose key it is, or None when it is no usable one; the same for a revoked key and a made-up one.

    Raises:
        Denied: the key is good, but not for this verb of `kb.rights`.
    """
    person = AccessToken.objects.person_of(token)
    if person is not None and VERBS[verb].scope is None:
        raise Denied("No key may do this. Sign in.")
    return person
