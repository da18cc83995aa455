"""`manage.py health`: how every component is, and what to do about what is not well."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kb.exchange import as_json
from kb.health import Component, look

WITHIN = 5.0
"""Seconds that each may take; more than on the page, because nothing is loaded yet."""


class Command(BaseCommand):
    help = "Says how every component is, and what to do; exit status 1 when one is down."
    # It is for when something is wrong, so that nothing wrong may keep it from running.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        components = look(within=WITHIN)
        if json:
            self.stdout.write(as_json(components))
        else:
            for component in components:
                self.stdout.write(_line(component))
        if down := [component.name for component in components if component.down]:
            raise CommandError(f"Down: {', '.join(down)}.")


def _line(component: Component) -> str:
    finding = component.finding
    return f"{component.name:24} {finding.state.label:14} {finding.says} {finding.advice}".rstrip()
