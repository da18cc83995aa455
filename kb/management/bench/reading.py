"""How fast files become searchable: the sample library, and one long PDF."""

import tempfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

from django.core.management import call_command

from ingestion.sources.upload import Declared, upload
from kb.management.batch import work_here
from kb.management.bench.report import Reading, StageSpeed
from kb.models import Chunk, Collection, Person, Version
from kb.models.library import Stage
from kb.sample.build import SampleDocument, build
from kb.sample.manuscript import Manuscript
from kb.sample.writers.pages import write_pdf

MEASURED = (
    Stage.PARSING, Stage.CHUNKING, Stage.CLASSIFYING, Stage.SUMMARISING, Stage.EMBEDDING, Stage.INDEXING,
)  # fmt: skip
PDF_PAGES = 30
PARAGRAPHS_A_PAGE = 10
SENTENCE = (
    "Clause {number} obliges the supplier to report a defect of pump {number} within {number} working days, "
    "to keep the spare parts of series {number} in stock, and to name a contact who answers on the same day."
)


def read_library(*, most: int | None = None) -> Reading:
    """Ingests the sample library, or its first documents, in this process."""
    work_here()
    call_command("sample", people_only=True, verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        documents = build(Path(folder))[:most]
        return _timed("the sample library", [_read_sample(document) for document in documents])


def read_long_pdf() -> Reading:
    """Ingests a PDF of thirty pages of text in this process."""
    work_here()
    owner = Person.objects.filter(is_staff=True).order_by("pk")[0]
    collection = Collection.objects.editable_by(owner)[0]
    received = upload(owner, collection, BytesIO(long_pdf()), name="long.pdf")
    return _timed(f"a PDF of {PDF_PAGES} pages", [received.version])


def long_pdf() -> bytes:
    pages = [_page(number) for number in range(1, PDF_PAGES + 1)]
    text = "\n\n---\n\n".join(pages)
    return write_pdf(Manuscript("Framework agreement", "Bench", date(2026, 1, 1), "en", text))


def _page(number: int) -> str:
    first = number * PARAGRAPHS_A_PAGE
    paragraphs = [SENTENCE.format(number=first + place) for place in range(PARAGRAPHS_A_PAGE)]
    return "\n\n".join([f"# Part {number}", *paragraphs])


def _read_sample(document: SampleDocument) -> Version:
    owner = Person.objects.get(username=document.owner)
    collection = Collection.objects.get(name=document.collection)
    with document.path.open("rb") as file:
        declared = Declared(title=document.title)
        return upload(owner, collection, file, name=document.path.name, declared=declared).version


def _timed(what: str, taken: Sequence[Version]) -> Reading:
    versions = Version.objects.filter(pk__in=[version.pk for version in taken])
    seconds = {stage: sum(version.seconds.get(stage, 0.0) for version in versions) for stage in MEASURED}
    pages = sum(version.pages or 1 for version in versions)
    return Reading(
        what=what,
        documents=len(taken),
        failed=versions.exclude(stage=Stage.READY).count(),
        pages=pages,
        chunks=Chunk.objects.filter(version__in=versions).count(),
        seconds=round(sum(seconds.values()), 2),
        stages=[
            StageSpeed(stage, round(spent, 2), round(pages / spent, 1) if spent else 0.0)
            for stage, spent in seconds.items()
        ],
    )
