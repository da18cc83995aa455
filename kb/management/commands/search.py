"""`manage.py search`: the chunks nearest to a query, with no generator involved."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from inference.narrowing import Wish, narrowing_of
from inference.retrieve import retrieve
from kb.environment import CONFIGURATION
from kb.exchange import FoundChunk, as_json, found_chunk
from kb.management.lookup import person_named

SHOWN = 200
"""Characters of a chunk that are shown to people."""
REPEATABLE = {"--collection": "NAME", "--category": "NAME", "--tag": "NAME", "--language": "CODE"}
"""What narrows a search, and what is given with it."""


class Command(BaseCommand):
    help = "Finds chunks that a person may see."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query")
        parser.add_argument("--as", required=True, dest="username", metavar="USER")
        parser.add_argument("--limit", type=_positive, default=10, metavar="N")
        for option, value in REPEATABLE.items():
            parser.add_argument(
                option, action="append", default=[], metavar=value, help="keeps to it; may be repeated"
            )
        for option in ("--since", "--until"):
            parser.add_argument(
                option, type=_day, metavar="YYYY-MM-DD", help="keeps to what was brought in then"
            )
        parser.add_argument("--json", action="store_true", help="one JSON array")

    def handle(self, *args: Any, query: str, username: str, limit: int, json: bool, **options: Any) -> None:
        person = person_named(username)
        narrowing = narrowing_of(_wish(options), person)
        found = [found_chunk(hit) for hit in retrieve(query, person, narrowing=narrowing, limit=limit).hits]
        if json:
            self.stdout.write(as_json(found))
            return
        for chunk in found:
            self.stdout.write(_entry(chunk))
        if not found:
            self.stdout.write("Nothing was found.")


def _wish(options: Mapping[str, Any]) -> Wish:
    return Wish(
        collections=tuple(options["collection"]),
        categories=tuple(options["category"]),
        tags=tuple(options["tag"]),
        languages=tuple(options["language"]),
        since=options["since"],
        until=options["until"],
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no day. Write it as 2026-11-30.") from error


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"“{text}” is not a number from 1 up.")
    return int(text)


def _entry(chunk: FoundChunk) -> str:
    pages = f", p. {', '.join(map(str, chunk.pages))}" if chunk.pages else ""
    text = " ".join(chunk.text.split())
    return f"{chunk.score:6.2f}  {chunk.title}{pages}\n        {text[:SHOWN]}{'…' * (len(text) > SHOWN)}"
