"""`manage.py demo_cloud`: the stand-in for a provider, until it is stopped. `up --demo-cloud` runs it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inference import registry
from kb.demo_cloud import Answerer, DemoCloud, demo_folder, quoting, written_by
from kb.environment import CONFIGURATION
from kb.model_table import DEMONSTRATION


class Command(BaseCommand):
    help = "Serves a demonstration model on this machine, which keeps what it is sent in the data folder."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        try:
            server = DemoCloud(port, demo_folder(), answerer())
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used ({error.strerror}). Name another one.") from error
        server.serve_forever()


def answerer() -> Answerer:
    """The model that STRONGROOM_LLM_GGUF names; without one it quotes."""
    if not registry.is_configured(DEMONSTRATION):
        return quoting
    return written_by(registry.generator(DEMONSTRATION))
