"""Keys with which tools act as their person, or as a service, and never as more than that."""

import hashlib
import re
import secrets
from collections.abc import Collection as Several
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from kb.models.bounds import Bounds
from kb.models.collections import Collection
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity
from kb.rights import Scope

PREFIX = "srm"
"""Lets secret scanners find a leaked one."""
ID_BYTES, SECRET_BYTES = 6, 32
FORM = re.compile(rf"{PREFIX}_(?P<public_id>[0-9a-f]{{{2 * ID_BYTES}}})_[\w-]{{43}}", re.ASCII)
NOTED_EVERY = timedelta(minutes=1)
EVERYDAY = frozenset({Scope.READ, Scope.ASK, Scope.WRITE})
"""What a key is good for where its maker says nothing."""
ANYBODYS = EVERYDAY | {Scope.SHARE}
"""The other scopes are for those who administer."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a key is made for. `collections` and `ceiling` narrow what its person reads; None does not."""

    name: str
    scopes: Several[Scope]
    days: int
    collections: Several[Collection] | None = None
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """`text` is the key itself, which cannot be read again."""

    key: "ApiKey"
    text: str


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), person__is_active=True)

    def shown(self) -> Self:
        """With what a page tells of each."""
        return self.select_related("person", "made_by", "successor").prefetch_related("collections")

    def of_text(self, text: str) -> "ApiKey | None":
        """The usable key that this is the text of. Its holder may do no more than it says (`ApiKey.bind`)."""
        found = self.select_related("person").filter(public_id=_public_id(text)).first()
        digest = found.digest if found and found.usable else ""
        return found if constant_time_compare(digest, _digest(text)) else None


class ApiKey(models.Model):
    """A key of a person or a service::

        usable ──rotate──▶ usable until its successor's overlap is over ──▶ ended
        usable ──revoke──▶ ended, from the next request on
        usable ──its time is over──▶ ended

    Only a digest is kept. The secret is 256 random bits, so that a plain hash is as good as a slow one.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(_("name"), max_length=100)
    public_id = models.CharField(max_length=2 * ID_BYTES, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    everywhere = models.BooleanField(
        default=True, help_text=_("Whether it reads all collections of its person, or only those named.")
    )
    collections = models.ManyToManyField(Collection, blank=True, related_name="+")
    ceiling = models.IntegerField(
        choices=Sensitivity.choices,
        null=True,
        blank=True,
        help_text=_("The strictest sensitivity that it reads; empty leaves it to its person's clearance."),
    )
    made_by = models.ForeignKey(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("Empty where a command made it."),
    )
    replaces = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="successor")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)
    used_from = models.GenericIPAddressField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("API key")

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})"

    @classmethod
    def make(
        cls, person: Person, terms: Terms, *, by: Person | None, replaces: "ApiKey | None" = None
    ) -> Made:
        """A new key as told; who may make which is for `kb.people.keys` to say. Call it in a transaction."""
        public_id = secrets.token_hex(ID_BYTES)
        text = f"{PREFIX}_{public_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
        key = cls.objects.create(
            person=person,
            name=terms.name,
            public_id=public_id,
            digest=_digest(text),
            scopes=sorted(terms.scopes),
            everywhere=terms.collections is None,
            ceiling=terms.ceiling,
            made_by=by,
            replaces=replaces,
            expires_at=timezone.now() + timedelta(days=min(terms.days, settings.KEY_LONGEST_DAYS)),
        )
        key.collections.set(terms.collections or ())
        return Made(key, text)

    @property
    def usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.person.is_active

    def allowed_scopes(self) -> frozenset[Scope]:
        """Its scopes, without those that its person has lost since."""
        return frozenset(map(Scope, self.scopes)) & scopes_of(self.person)

    def bind(self, person: Person, *, used_for: Scope | None = None) -> Person:
        """The person, kept to what this key reaches. An audit with a key that may do no more than that is an
        administrator's all the same."""
        scopes = self.allowed_scopes()
        bounds = Bounds(
            key=self.pk,
            public_id=self.public_id,
            collections=None if self.everywhere else frozenset(self.collections.values_list("pk", flat=True)),
            ceiling=self.ceiling,
            administers=Scope.ADMINISTER in scopes or (used_for == Scope.AUDIT and Scope.AUDIT in scopes),
        )
        return person.kept_to(bounds)

    def note_use(self, address: str | None) -> None:
        """When and from where it was used last, noted at most once a minute."""
        now = timezone.now()
        if self.used_at is None or now - self.used_at > NOTED_EVERY:
            ApiKey.objects.filter(pk=self.pk).update(used_at=now, used_from=address)

    def revoke(self) -> None:
        ApiKey.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
        self.refresh_from_db(fields=["revoked_at"])

    def end_by(self, moment: datetime) -> None:
        """Ends it then, or when it would have ended anyway."""
        ApiKey.objects.filter(pk=self.pk, expires_at__gt=moment).update(expires_at=moment)
        self.refresh_from_db(fields=["expires_at"])


def scopes_of(person: Person) -> frozenset[Scope]:
    """What a key of this person may be good for, as he stands now."""
    administers = person.is_active and person.is_staff
    return frozenset(Scope) if administers else ANYBODYS


def _public_id(text: str) -> str:
    """Keys from before there were public ids have none in their text: theirs is the beginning of their digest."""
    match = FORM.fullmatch(text)
    return match["public_id"] if match else _digest(text)[: 2 * ID_BYTES]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
