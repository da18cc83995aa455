"""Files that are made to do harm, each written by a small function when a test runs.

`KINDS` has them all with what must become of each: read without the harm, or refused with a sentence.
"""

from tests.hostile import mails, packages, pdfs, pictures, texts
from tests.hostile.kind import Kind

KINDS: tuple[Kind, ...] = (*packages.KINDS, *pdfs.KINDS, *texts.KINDS, *mails.KINDS, *pictures.KINDS)
