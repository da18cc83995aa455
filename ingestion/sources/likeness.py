"""What a collection holds already that is the same as a file, or like it, and the question that this raises.

No answer is taken for granted: what is nearly the same is told, and a new version is asked about.
"""

from collections.abc import Sequence

from django.db.models import Q

from inference.editions import family_of
from ingestion.sources.fingerprint import fingerprint_of, packed, shares, unpacked
from kb.models import Collection, Document, Likeness, Person, Version
from kb.models.likeness import LikenessQuerySet

SAME_TEXT = 0.5
"""Share of shingles from which on a document of a like name may be a new version."""
CANDIDATES = 50
"""The most alike versions that are looked at."""
MONTHS = (
    "january february march april may june july august september october november december "
    "januar februar märz mai juni juli oktober dezember "
    "jan feb mar apr jun jul aug sep sept oct nov dec mrz okt dez"
)
STATES = (
    "final draft copy new update updated clean signed corrected v ver version rev revision "
    "neu neue entwurf kopie endfassung fassung korrigiert aktuell aktualisiert"
)
MARKS = frozenset(f"{MONTHS} {STATES}".split())
"""Words that tell versions of one document apart, besides the numbers that `family_of` takes off."""


def same_bytes(person: Person, collection: Collection, sha256: str) -> Document | None:
    """The document of the collection that holds these very bytes, if the person may see it."""
    visible = Document.objects.visible_to(person).filter(collection=collection)
    return visible.filter(versions__sha256=sha256, versions__retired=False).first()


def versions_offered(person: Person) -> LikenessQuerySet:
    """The questions “new version of …?” that this person may answer; the newest first."""
    asked = Likeness.objects.asked_of(person).select_related("version__document", "like__document")
    return asked.order_by("-version__created_at")


def compare(version: Version, texts: Sequence[str]) -> None:
    """Keeps the version's signature, and which other version of the collection is most like it.

    Only what its owner may see is compared. Of two versions the later one says which earlier one it is like, whichever
    was read first. Reads the signatures of the whole collection: 512 bytes each.
    """
    own = fingerprint_of(texts)
    mine, _ = Likeness.objects.update_or_create(
        version=version, defaults={"digest": own.digest, "signature": packed(own.signature)}
    )
    others = list(_others(version).values_list("pk", "signature"))
    if not others:
        return
    found = shares(own.signature, unpacked([bytes(each) for _, each in others]))
    best = found.argsort()[::-1][:CANDIDATES]
    near = {others[place][0]: float(found[place]) for place in best if found[place] >= SAME_TEXT}
    for other in _seen_by_owner(version).filter(pk__in=near).select_related("version__document"):
        later, earlier = (mine, other) if other.version.created_at <= version.created_at else (other, mine)
        _keep_if_closer(later, earlier, near[other.pk])


def _others(version: Version) -> LikenessQuerySet:
    same_shelf = Likeness.objects.filter(version__collection=version.collection_id, version__retired=False)
    return same_shelf.exclude(version__document=version.document_id)


def _seen_by_owner(version: Version) -> LikenessQuerySet:
    return _others(version).filter(version__document__in=Document.objects.visible_to(version.document.owner))


def _keep_if_closer(later: Likeness, earlier: Likeness, share: float) -> None:
    """A name that is alike counts for more than a text that is a little closer."""
    asks = later.digest != earlier.digest and is_like_name(later.version, earlier.version)
    farther = Q(share__lt=share) if asks else Q(share__lt=share, asks=False)
    told = Likeness.objects.filter(pk=later.pk, answer=Likeness.Answer.NONE)
    told.filter(Q(like=None) | Q(like=earlier.version_id) | farther).update(
        like=earlier.version_id, share=share, asks=asks
    )


def is_like_name(one: Version, other: Version) -> bool:
    """Whether the files, or the documents, are called the same but for what tells versions apart."""
    return bool(_families(one) & _families(other))


def _families(version: Version) -> set[str]:
    stem = version.name.rpartition(".")[0] or version.name
    names = (_family(stem), _family(version.document.title))
    return {name for name in names if name}


def _family(name: str) -> str:
    """What a name keeps when all that tells versions apart is taken off; "" when that is all of it."""
    return " ".join(word for word in family_of(name.replace("_", " ")).split() if word not in MARKS)
