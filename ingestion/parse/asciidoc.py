"""AsciiDoc by xberg, which is first shown what it would drop: titles of blocks, and cells with a style."""

import re
from pathlib import Path

from ingestion.parse.decode import decoded
from ingestion.parse.elements import Parsed
from ingestion.parse.xberg_engine import FINGERPRINT, extract

BLOCK_TITLE = re.compile(r"^\.(?=[^\s.])(.+)$", re.M)
"""“.Procedure”, which becomes a paragraph."""
TABLE = re.compile(r"^\|===$.*?^\|===$", re.M | re.S)
CELL = re.compile(r"(?<!\S)(?:\d+(?:\.\d+)?[+*])?[.<>^]{0,4}[aehlmsd]?\|(?!=)")
"""How a cell is drawn, before its bar: https://docs.asciidoctor.org/asciidoc/latest/tables/format-cell-content/"""
BAR = "|"


class AsciiDoc:
    fingerprint = f"{FINGERPRINT}-asciidoc"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        text = BLOCK_TITLE.sub(r"\1\n", decoded(path.read_bytes()))
        plain = path.with_name(f"{path.stem}-plain{path.suffix}")
        plain.write_text(TABLE.sub(lambda table: CELL.sub(BAR, table[0]), text), encoding="utf-8")
        found = extract(plain, media_type)
        elements = tuple(block.element for block in found.blocks)
        return Parsed(elements=elements, parser=self.fingerprint, title=found.title)
