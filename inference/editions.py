"""Which of the found documents are older editions of others: “Travel Policy 2023” beside “Travel Policy 2026”."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from inference.hits import Hit

YEAR = re.compile(r"\b(?:19|20)\d\d\b")
VERSION = re.compile(
    r"\b(?:version|edition|rev(?:ision)?|fassung|ausgabe|v)\.? ?(\d+(?:\.\d+)*)", re.IGNORECASE
)
OUT_OF_FORCE = re.compile(
    r"\b(superseded|withdrawn|obsolete|outdated|no longer in force|außer kraft|überholt|aufgehoben|veraltet)\b",
    re.IGNORECASE,
)
MARKS = re.compile(r"[\W\d_]+")
ASKS_FOR_HISTORY = re.compile(
    r"\b(previous|former|earlier|older?|superseded|changed?|changes|since version|history|used to"
    r"|früher\w*|alte[nrs]?|geändert|bisher\w*|vorige\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, order=True, slots=True)
class Edition:
    """Later ones are greater. One that says that it is out of force is before all that do not."""

    in_force: bool
    year: int
    version: tuple[int, ...]


def outdated(question: str, hits: Sequence[Hit], *, confirmed: Set[UUID] = frozenset()) -> frozenset[UUID]:
    """Documents of which a later edition was found too, unless the question asks for what was.

    Of two documents that call themselves the same edition, one that is `confirmed` takes the other's place.
    """
    if ASKS_FOR_HISTORY.search(question):
        return frozenset()
    families: defaultdict[str, dict[UUID, str]] = defaultdict(dict)
    for hit in hits:
        families[family_of(hit.title)][hit.document] = hit.title
    return frozenset(
        document
        for titles in families.values()
        for document in _older(titles, confirmed)
        if not _named(question, titles[document])
    )


def _older(titles: Mapping[UUID, str], confirmed: Set[UUID]) -> list[UUID]:
    editions = {document: (edition_of(title), document in confirmed) for document, title in titles.items()}
    latest = max(editions.values())
    return [document for document, edition in editions.items() if edition < latest]


def edition_of(title: str) -> Edition:
    """What a title says of its edition."""
    years, version = YEAR.findall(title), VERSION.search(title)
    return Edition(
        in_force=not OUT_OF_FORCE.search(title),
        year=max(map(int, years), default=0),
        version=tuple(map(int, version[1].split("."))) if version else (),
    )


def family_of(title: str) -> str:
    """What a title keeps when its edition is taken off."""
    bare = OUT_OF_FORCE.sub(" ", VERSION.sub(" ", YEAR.sub(" ", title)))
    return MARKS.sub(" ", bare).strip().casefold()


def _named(question: str, title: str) -> bool:
    """Whether the question asks for this very edition, by its year or its version."""
    version = VERSION.search(title)
    own = {*YEAR.findall(title), *([version[1]] if version else [])}
    return bool(own & set(re.findall(r"\d+(?:\.\d+)*", question)))
