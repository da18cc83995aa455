"""Hidden text of a version, in the words that people read."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kb.models import Version

HOW: dict[str, Promise] = {
    "unseen": _("cannot be seen on the page"),
    "tiny": _("too small to be read"),
    "off-page": _("outside the page"),
    "characters": _("characters without a shape, or in another order"),
    "format": _("formatted as hidden"),
    "sheet": _("on a hidden sheet"),
    "slide": _("on a hidden slide"),
    "comment": _("in a comment"),
    "property": _("in the properties of the file"),
}
"""By `ingestion.parse.elements.Hiding`."""


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A piece of text that readers of the file do not see."""

    how: Promise
    text: str
    page: int | None


def hidden_texts(version: Version) -> tuple[HiddenText, ...]:
    return tuple(HiddenText(HOW[how], text, page) for how, text, page in version.hidden)
