"""People and the tokens that their tools use."""

import hashlib
import secrets
from datetime import timedelta
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.sensitivity import Sensitivity

TOKEN_BYTES = 32
TOKEN_PREFIX = "srm_"  # noqa: S105  # Lets secret scanners find a leaked one.


class Person(AbstractUser):
    """Somebody who signs in. Being staff lets a person administer; it never lets him read.

    What he may read is decided by the collections that name him or his groups, up to his clearance.
    """

    clearance = models.IntegerField(
        _("clearance"),
        choices=Sensitivity.choices,
        default=Sensitivity.INTERNAL,
        help_text=_("The strictest sensitivity that this person may see."),
    )

    objects: ClassVar[UserManager[Self]] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(clearance__in=Sensitivity.values), name="person_clearance_is_a_label"
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def administers(self) -> bool:
        return self.is_active and self.is_staff


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def usable(self) -> Self:
        return self.filter(revoked_at=None, person__is_active=True)

    def person_of(self, token: str) -> Person | None:
        """Whose token it is, if it is usable. Notes the use, at most once a minute."""
        found = self.usable().select_related("person").filter(digest=token_digest(token)).first()
        if found is None:
            return None
        now = timezone.now()
        if found.used_at is None or now - found.used_at > timedelta(minutes=1):
            self.filter(pk=found.pk).update(used_at=now)
        return found.person


class AccessToken(models.Model):
    """A key for an internal tool, which acts as its person.

    Only a digest is kept. A token is 256 random bits, so that a plain hash is as good as a slow one.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = AccessTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.person})"

    @classmethod
    def issue(cls, person: Person, *, name: str) -> str:
        """Makes a token and gives its text, which cannot be read again."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
        cls.objects.create(person=person, name=name, digest=token_digest(token))
        return token


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
