"""`manage.py demo_cloud`: the stand-in for a provider, until it is stopped. `up --demo-cloud` runs it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kb.demo_cloud import DemoCloud, demo_folder
from kb.environment import CONFIGURATION


class Command(BaseCommand):
    help = "Serves a demonstration model on this machine, which keeps what it is sent in the data folder."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        try:
            server = DemoCloud(port, demo_folder())
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used ({error.strerror}). Name another one.") from error
        server.serve_forever()
