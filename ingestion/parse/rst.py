"""reStructuredText by docutils, read as the web page that it makes."""

import re
from pathlib import Path
from typing import Any

from ingestion.parse.blocks import blocks
from ingestion.parse.decode import decoded
from ingestion.parse.elements import Parsed
from ingestion.parse.web import tree_of

SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "syntax_highlight": "none",
    "initial_header_level": 1,
    "doctitle_xform": False,
}
"""Nothing is read from elsewhere, and no error becomes text: https://docutils.sourceforge.io/docs/user/config.html"""

DIRECTIVE = re.compile(r"^\s*\.\. ([\w:+.-]+)::", re.M)
ROLE = re.compile(r":[\w:+.-]+:`([^`<]+?)(?:\s*<[^`>]*>)?`")
"""“:ref:`text <place>`”, of which a reader sees the text."""


class ReStructuredText:
    fingerprint = "docutils-0.23"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from docutils.core import publish_parts

        text = decoded(path.read_bytes())
        _keep_unknown_directives(text)
        page = publish_parts(ROLE.sub(r"\1", text), writer="html5", settings_overrides=SETTINGS)["html_body"]
        return Parsed(elements=tuple(blocks(tree_of(page))), parser=self.fingerprint)


def _keep_unknown_directives(text: str) -> None:
    """docutils drops what it does not know, such as Sphinx's notes on versions, with all that stands in it."""
    from docutils import nodes
    from docutils.parsers.rst import Directive, directives

    class AnyOption(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            return directives.unchanged

    class Kept(Directive):  # type: ignore[misc]
        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = AnyOption({"class": directives.unchanged})

        def run(self) -> list[nodes.Node]:
            kept = nodes.container()
            if self.arguments:
                kept += nodes.paragraph("", self.arguments[0])
            self.state.nested_parse(self.content, self.content_offset, kept)
            return [kept]

    known = {*directives._directive_registry, *directives._directives}
    for name in {each.lower() for each in DIRECTIVE.findall(text)} - known:
        directives.register_directive(name, Kept)
