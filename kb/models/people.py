"""People, and the services that act like one."""

from copy import copy
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.models.bounds import Bounds
from kb.models.sensitivity import Sensitivity


class Person(AbstractUser):
    """Somebody who signs in, or a service that comes with keys only. Being staff lets a person administer; it never
    lets him read.

    What he may read is decided by the collections that name him or his groups, up to his clearance. While he comes
    with a key, `bounds` are that key's, and his clearance is no higher than its ceiling (`kept_to`).
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        SERVICE = "service", _("service")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON, editable=False)
    clearance = models.IntegerField(
        _("clearance"),
        choices=Sensitivity.choices,
        default=Sensitivity.INTERNAL,
        help_text=_("The strictest sensitivity that this person may see."),
    )

    bounds: Bounds | None = None

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.bounds is not None:
            raise RuntimeError("A person who comes with a key is never saved: his clearance may be narrowed.")
        super().save(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._narrow()

    @property
    def administers(self) -> bool:
        allowed = self.bounds is None or self.bounds.administers
        return self.is_active and self.is_staff and allowed

    @property
    def narrowed(self) -> bool:
        """Whether he comes with a key that reads less than he does."""
        return self.bounds is not None and self.bounds.narrows

    @property
    def is_service(self) -> bool:
        return self.kind == self.Kind.SERVICE

    def kept_collections(self, field: str) -> models.Q:
        """Rows of which the field is a collection that his key is kept to; all rows where nothing keeps him."""
        if self.bounds is None or self.bounds.collections is None:
            return models.Q()
        return models.Q(**{f"{field}__in": self.bounds.collections})

    def kept_to(self, bounds: Bounds) -> Self:
        """The same person as he is while he comes with that key. Whatever asks what he may read gets no more."""
        kept = copy(self)
        kept.bounds = bounds
        kept._narrow()
        return kept

    def _narrow(self) -> None:
        if self.bounds is not None and self.bounds.ceiling is not None:
            self.clearance = min(self.clearance, self.bounds.ceiling)
