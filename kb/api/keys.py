"""Who comes with a key, and what the key is good for: one answer for every face that takes keys."""

from kb import rates
from kb.errors import ScopeMissing
from kb.logs import tell
from kb.models import ApiKey, Person
from kb.rights import VERBS, Verb

NO_KEY = "No key may do this. Sign in to the portal, and do it there."


def caller(token: str, verb: str, *, address: str | None = None) -> Person | None:
    """Whose key it is, kept to what the key reaches; None when it is no usable one, whatever is wrong with it.

    The call is counted. `address` is where it comes from, for the key's owner to see.

    Raises:
        ScopeMissing: the key is good, but not for this verb of `kb.rights`, or there is no such verb.
        TooManyRequests: the person, his key or a group of his has had as many as it may.
    """
    person = holder(token, verb, address=address)
    if person is not None:
        rates.check(rates.count(person, verb))
    return person


def holder(token: str, verb: str, *, address: str | None = None) -> Person | None:
    """As `caller`, for a face that counts by itself. Log lines carry the key's public id from here.

    Raises:
        ScopeMissing: as `caller`.
    """
    key = ApiKey.objects.of_text(token)
    if key is None:
        return None
    tell(key=key.public_id)
    key.note_use(address)
    wanted = VERBS.get(verb)
    if wanted is None or not (wanted.any_key or wanted.scope):
        raise ScopeMissing(NO_KEY)
    _check_scope(key, wanted)
    return key.bind(key.person, used_for=wanted.scope)


def _check_scope(key: ApiKey, verb: Verb) -> None:
    """
    Raises:
        ScopeMissing: it was not made for this, or its person has lost the right since.
    """
    if verb.any_key or verb.scope in key.allowed_scopes():
        return
    if verb.scope in key.scopes:
        raise ScopeMissing(
            f"The key has the scope “{verb.scope}”, but its holder no longer administers. Ask an administrator."
        )
    raise ScopeMissing(
        f"The key lacks the scope “{verb.scope}”, which it takes to {verb.does}. Make a key with it."
    )
