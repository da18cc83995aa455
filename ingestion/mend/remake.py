"""What people changed of a version's chunks, when its file is read again."""

from collections.abc import Sequence

from django.utils import timezone

from ingestion.chunk import ChunkDraft
from ingestion.mend.again import Reread, again
from ingestion.mend.judge import ruler_of
from ingestion.mend.state import kept
from kb.models import Mending, Version


def remade(version: Version, drafts: Sequence[ChunkDraft], title: str) -> Reread:
    """The passages with the changes that still fit them. Writes nothing."""
    mendings = list(Mending.objects.standing().filter(version=version))
    if not mendings:
        return Reread(tuple(drafts))
    return again(drafts, mendings, ruler_of(version, title).header)


def keep_mendings(reread: Reread) -> None:
    """Writes what each change is made on now, and which are lost. Call it with the chunks, in one transaction."""
    for each in reread.redone:
        Mending.objects.filter(pk=each.mending.pk).update(
            ordinal=each.ordinal, before=kept(each.before), after=kept(each.after)
        )
    lost = Mending.objects.filter(pk__in=[mending.pk for mending in reread.lost])
    lost.update(lost_at=timezone.now())
