"""Which sentences of an answer a person should not take as they stand, and why."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from inference.stretches import Stretch
from inference.support.verdicts import Verdict
from kb.models import Answer
from kb.portal.render import Doubt

NAMES = {
    Verdict.WEAK: _("Weakly supported"),
    Verdict.UNSUPPORTED: _("Not supported"),
    Verdict.NO_SOURCE: _("No source"),
}


@dataclass(frozen=True, slots=True)
class Doubts:
    """`marks` are in the order of the answer's text; `checked` counts its sentences that say something."""

    marks: tuple[Doubt, ...] = ()
    checked: int = 0

    @property
    def summary(self) -> str:
        """“1 of 4 sentences is not plainly supported by its source.” Empty where all are."""
        if not self.marks:
            return ""
        if self.checked == 1:
            return gettext("This is not plainly supported by its source.")
        text = ngettext(
            "%(doubted)d of %(checked)d sentences is not plainly supported by its source.",
            "%(doubted)d of %(checked)d sentences are not plainly supported by their sources.",
            len(self.marks),
        )
        return text % {"doubted": len(self.marks), "checked": self.checked}

    def within(self, stretch: Stretch) -> list[Doubt]:
        """Those of a stretch, with their places in its text."""
        last = stretch.start + len(stretch.text)
        return [
            replace(mark, end=mark.end - stretch.start)
            for mark in self.marks
            if stretch.start < mark.end <= last
        ]


def doubts_of(answer: Answer) -> Doubts:
    marks = tuple(
        Doubt(each["end"], verdict.name.lower().replace("_", "-"), f"{NAMES[verdict]}. {each['reason']}.")
        for each in answer.support
        if (verdict := Verdict(each["verdict"])) in NAMES
    )
    return Doubts(marks, len(answer.support))
