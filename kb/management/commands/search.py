"""`manage.py search`: the chunks nearest to a query, with no generator involved."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from inference.retrieve import retrieve
from kb.exchange import FoundChunk, as_json, found_chunk
from kb.management.lookup import person_named

SHOWN = 200
"""Characters of a chunk that are shown to people."""


class Command(BaseCommand):
    help = "Finds chunks that a person may see."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query")
        parser.add_argument("--as", required=True, dest="username", metavar="USER")
        parser.add_argument("--limit", type=_positive, default=10, metavar="N")
        parser.add_argument("--json", action="store_true", help="one JSON array")

    def handle(self, *args: Any, query: str, username: str, limit: int, json: bool, **options: Any) -> None:
        found = [found_chunk(hit) for hit in retrieve(query, person_named(username), limit=limit).hits]
        if json:
            self.stdout.write(as_json(found))
            return
        for chunk in found:
            self.stdout.write(_entry(chunk))
        if not found:
            self.stdout.write("Nothing was found.")


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"“{text}” is not a number from 1 up.")
    return int(text)


def _entry(chunk: FoundChunk) -> str:
    pages = f", p. {', '.join(map(str, chunk.pages))}" if chunk.pages else ""
    text = " ".join(chunk.text.split())
    return f"{chunk.score:6.2f}  {chunk.title}{pages}\n        {text[:SHOWN]}{'…' * (len(text) > SHOWN)}"
