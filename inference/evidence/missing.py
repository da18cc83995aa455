"""A refusal that helps: what of the question nothing holds, which documents come nearest, in a form to be kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from inference.evidence.decision import worth
from inference.evidence.signs import Evidence
from inference.evidence.wanted import Wanted, wanted
from inference.retrieve import ANYWHERE, retrieve
from kb.index.protocol import Narrowing
from kb.models import Person

NEAREST = 3
"""Documents that are named as the nearest ones."""
LOOKED_UP = 3
"""Words that are looked up in the whole library; where so many are missing, further ones tell nothing new."""
MOST = 8
"""Hits that a word is looked for in."""

Kept = Mapping[str, Sequence[str]]
"""A `Missing` as JSON."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no answer, in words of the question alone, and the nearest documents, the nearest first.

    It holds no text of any document. Who reads the documents' titles must look them up as the person he is.
    """

    unsaid: tuple[str, ...] = ()
    """Words that nothing holds which the person may see."""
    elsewhere: tuple[str, ...] = ()
    """Names that stand somewhere, but not where the rest is spoken of."""
    elsewhen: tuple[str, ...] = ()
    """Times of which nothing speaks, where others are spoken of: “Q2 2026”."""
    kind: str = ""
    """What is asked for, such as “a number”, where none stands."""
    documents: tuple[UUID, ...] = ()

    def sentences(self) -> list[str]:
        """For the person who asked."""
        return list(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.unsaid:
            yield _("Nothing here names %(words)s.") % {"words": _listed(self.unsaid)}
        if self.elsewhere:
            yield _("What comes nearest is not about %(names)s.") % {"names": _listed(self.elsewhere)}
        if self.elsewhen:
            yield _("What comes nearest is of another time than %(times)s.") % {
                "times": _listed(self.elsewhen)
            }
        if self.kind:
            yield _("%(kind)s is asked for, and none stands where this is spoken of.") % {
                "kind": _(self.kind).capitalize()
            }
        if not any((self.unsaid, self.elsewhere, self.elsewhen, self.kind)):
            yield _("The words of the question are in the documents, but no passage holds them together.")

    def kept(self) -> Kept:
        return {
            "unsaid": self.unsaid,
            "elsewhere": self.elsewhere,
            "elsewhen": self.elsewhen,
            "kind": [self.kind] if self.kind else [],
            "documents": [str(document) for document in self.documents],
        }

    @classmethod
    def read(cls, kept: Kept) -> Self:
        """What `kept` gave; nothing missing where an answer has none."""
        return cls(
            unsaid=tuple(kept.get("unsaid", ())),
            elsewhere=tuple(kept.get("elsewhere", ())),
            elsewhen=tuple(kept.get("elsewhen", ())),
            kind="".join(kept.get("kind", ())),
            documents=tuple(UUID(document) for document in kept.get("documents", ())),
        )


def look_into(query: str, person: Person, *, narrowing: Narrowing = ANYWHERE) -> Missing:
    """What is missing for an answer to the query, of all that the person may see. Some searches.

    Raises:
        IndexUnavailable: the index could not be reached.
    """
    found = retrieve(query, person, narrowing=narrowing, limit=MOST)
    asked = wanted(found.rest or query, found.language)
    evidence = Evidence(asked, found.hits)
    unsaid = [word for word in evidence.unsaid[:LOOKED_UP] if not _stands(word, asked, person, narrowing)]
    documents = tuple(dict.fromkeys(hit.document for hit in found.hits))[:NEAREST]
    if unsaid:
        return Missing(unsaid=tuple(unsaid), documents=documents)
    return _apart(asked, evidence, documents)


def _stands(word: str, asked: Wanted, person: Person, narrowing: Narrowing) -> bool:
    """Whether anything that the person may see holds the word."""
    hits = retrieve(word, person, narrowing=narrowing, limit=MOST).hits
    return word not in Evidence(asked, hits).unsaid


def _apart(asked: Wanted, evidence: Evidence, documents: tuple[UUID, ...]) -> Missing:
    """Every word stands somewhere: what is wrong with the statement that comes nearest."""
    best = max(evidence.signs(), key=worth, default=None)
    if best is None:
        return Missing(documents=documents)
    return Missing(
        elsewhere=tuple(sorted(asked.names)) if best.names < 1 else (),
        elsewhen=(_time(asked),) if best.elsewhen else (),
        kind=asked.kind.called if asked.kind and best.fits < 0 else "",
        documents=documents,
    )


def _time(asked: Wanted) -> str:
    return " ".join([*(f"Q{quarter}" for quarter in sorted(asked.quarters)), *sorted(asked.years)])


def _listed(words: Sequence[str]) -> str:
    return get_text_list([f"“{word}”" for word in words], _("or"))
