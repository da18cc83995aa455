"""Word files of today and of old, RTF, e-books and notebooks, by xberg."""

from dataclasses import replace
from pathlib import Path

from ingestion.parse.elements import Parsed
from ingestion.parse.sniff import DOCX
from ingestion.parse.word_tables import with_whole_tables
from ingestion.parse.xberg_engine import FINGERPRINT, extract


class Office:
    fingerprint = FINGERPRINT

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        found = extract(with_whole_tables(path) if media_type == DOCX.media_type else path, media_type)
        elements = tuple(block.element for block in found.blocks)
        # Word stores page breaks, not pages: without any, it has told us nothing.
        paged = found.pages > 1
        return Parsed(
            elements=elements if paged else tuple(replace(each, page=None) for each in elements),
            parser=self.fingerprint,
            title=found.title,
            pages=found.pages if paged else None,
            language=found.language,
        )
