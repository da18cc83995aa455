"""How long something took, or will take."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

MINUTE, HOUR = 60, 3_600  # seconds


@register.filter
def duration(seconds: float | None) -> str:
    """“0.4 s”, “12 s”, “3 min 5 s”, “2 h 10 min”; a dash when it is not known."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return _("%(seconds).1f s") % {"seconds": seconds}
    whole = round(seconds)
    if whole < MINUTE:
        return _("%(seconds)d s") % {"seconds": whole}
    if whole < HOUR:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": whole // MINUTE, "seconds": whole % MINUTE}
    return _("%(hours)d h %(minutes)d min") % {"hours": whole // HOUR, "minutes": whole % HOUR // MINUTE}


@register.filter
def about(seconds: float | None) -> str:
    """What is only estimated: “12 s”, “3 min”, “2.2 h”; a dash when it is not known."""
    if seconds is None:
        return "–"
    if seconds < MINUTE:
        return _("%(seconds)d s") % {"seconds": max(1, round(seconds))}
    if seconds < HOUR:
        return _("%(minutes)d min") % {"minutes": round(seconds / MINUTE)}
    return _("%(hours).1f h") % {"hours": seconds / HOUR}
