"""The four labels. Comparing them is the policy: the larger is the stricter."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sensitivity(models.IntegerChoices):
    PUBLIC = 10, _("Public")
    INTERNAL = 20, _("Internal")
    CONFIDENTIAL = 30, _("Confidential")
    RESTRICTED = 40, _("Restricted")

    @classmethod
    def strictest(cls, labels: Iterable[int]) -> "Sensitivity":
        """The strictest of the labels; of none, PUBLIC, because nothing holds no secret."""
        return cls(max(labels, default=cls.PUBLIC))

    @classmethod
    def named(cls, name: str) -> "Sensitivity":
        """The label of that name, in any case. Raises KeyError for another word."""
        return cls[name.strip().upper()]
