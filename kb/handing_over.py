"""What somebody sends in who hands documents over, and what he is told of it."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kb.models import Person
from kb.people.handover import HandedOver
from kb.person_field import PersonField


class HandOverForm(forms.Form):
    """Who becomes the owner."""

    owner = PersonField(
        label=_("New owner, by user name"), error_messages={"required": _("Write a user name.")}
    )


def told_of(done: HandedOver, owner: Person) -> str:
    """What became of a hand-over, in a sentence or two."""
    told = ngettext(
        "%(count)d document belongs to %(owner)s now.",
        "%(count)d documents belong to %(owner)s now.",
        done.given,
    ) % {"count": done.given, "owner": owner}
    if not done.kept:
        return told
    return f"{told} " + ngettext(
        "%(count)d keeps its owner, because the new one may not see it.",
        "%(count)d keep their owner, because the new one may not see them.",
        done.kept,
    ) % {"count": done.kept}
