"""What comes back about people, groups, keys, and who may do what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strongroom_client.reading import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Me(Read):
    """Whom the key acts as. `may` are the verbs that are open to this person somewhere."""

    id: int
    username: str
    name: str
    clearance: str
    administers: bool
    groups: Sequence[str]
    may: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Read):
    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    clearance: str
    administers: bool
    active: bool
    groups: Sequence[str]
    last_login: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Read):
    id: int
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Read):
    """`reads` and `edits` are names of collections."""

    id: int
    name: str
    members: Sequence[Member]
    reads: Sequence[str]
    edits: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow(Read):
    """A group in a list: how many members it has, and how many collections it opens."""

    id: int
    name: str
    members: int
    opens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Access(Read):
    """A group or a person (`kind`), and what it is in a collection."""

    kind: str
    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Read):
    """A browser that is signed in; `current` is the one that asks."""

    id: int
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor(Read):
    """`codes_left` is of recovery codes."""

    id: int
    kind: str
    name: str
    added_at: datetime
    used_at: datetime | None
    codes_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Read):
    """`collections` are names, and None where it reads all that its holder does."""

    id: str
    name: str
    scopes: Sequence[str]
    collections: Sequence[str] | None
    ceiling: str | None
    usable: bool
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentKey(Read):
    """The key in use, whom it acts as, and what of its scopes holds now."""

    key: Key
    holder: str
    clearance: str
    scopes_now: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey(Read):
    """`text` is the key itself, told this once."""

    text: str
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey(Read):
    """Somebody's key, and the user name of who or what holds it."""

    holder: str
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Read):
    """A program's account, which has nothing but keys."""

    id: int
    username: str
    name: str
    clearance: str
    groups: Sequence[str]
    administers: bool
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Used(Read):
    """With what is under way."""

    tokens: int
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance(Read):
    """Limits and budgets of a person, group or key; one that is None limits nothing."""

    kind: str
    id: str
    name: str
    requests_a_minute: int | None
    questions_a_minute: int | None
    tokens_a_day: int | None
    tokens_a_month: int | None
    usd_a_day: float | None
    usd_a_month: float | None
    used_today: Used
    used_this_month: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Read):
    """`collections` is None where it is told of all that its person may see."""

    id: UUID
    address: str
    events: Sequence[str]
    collections: Sequence[str] | None
    ceiling: str
    active: bool
    off_because: str
    failing_since: datetime | None
    created_at: datetime
