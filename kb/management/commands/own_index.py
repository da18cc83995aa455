"""The process that keeps the vector index for all others; `make up` runs it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kb.errors import IndexUnavailable
from kb.index.opening import index_folder, owner_key, owner_socket
from kb.index.owner import serve


class Command(BaseCommand):
    help = "Opens the vector index and answers the other processes until it is stopped."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            serve(index_folder(), socket=owner_socket(), key=owner_key(), ready=self._say_ready)
        except IndexUnavailable as error:
            raise CommandError(str(error)) from error

    def _say_ready(self) -> None:
        self.stdout.write(f"The vector index answers at {owner_socket()}.")
        self.stdout.flush()
