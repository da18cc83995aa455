"""Tags: words that people put on documents, to find them again."""

import unicodedata
from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.errors import Rejected

LONGEST_TAG = 50
"""Characters."""
MOST_TAGS = 20
"""On one document."""


class Tag(models.Model):
    """A word, or a few, on one document. Documents share no rows: a list of all tags would tell of hidden documents."""

    document = models.ForeignKey("Document", on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(_("name"), max_length=LONGEST_TAG, db_index=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["document", "name"], name="one_tag_a_name")]

    def __str__(self) -> str:
        return self.name


def tags_from(texts: Iterable[str]) -> tuple[str, ...]:
    """What people write → tags, in lower case, in the order of the alphabet, each once. Commas part them.

    Raises:
        Rejected: one of them is too long or cannot be read, or there are too many.
    """
    names = {as_tag(name) for text in texts for name in text.split(",")} - {""}
    for name in names:
        if not name.isprintable():
            raise Rejected("A tag holds a character that cannot be seen. Type it anew.")
        if len(name) > LONGEST_TAG:
            raise Rejected(
                f"The tag “{name[:LONGEST_TAG]}…” has {len(name)} characters. Use at most {LONGEST_TAG}."
            )
    if len(names) > MOST_TAGS:
        raise Rejected(f"These are {len(names)} tags. A document has at most {MOST_TAGS}.")
    return tuple(sorted(names))


def as_tag(name: str) -> str:
    """How a tag is written, whatever case and spaces people use."""
    return " ".join(unicodedata.normalize("NFC", name.lower()).split())
