"""`manage.py models`: the weights that ship, whether they are here and whole, and what each one is."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inference import int8, weights
from inference.catalogue import CATALOGUE, Role, Weights
from kb.errors import ModelUnavailable

ACTIONS = ("list", "verify", "prepare", "explain")


class Command(BaseCommand):
    help = "Lists, verifies, prepares or explains the weights of the models that ship."
    # Weights are prepared before there is a database, and whatever else the checks find wrong.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
        parser.add_argument("name", nargs="?", choices=sorted(CATALOGUE), help="one model instead of all")
        parser.add_argument("--json", action="store_true", help="one JSON object a model and line")

    def handle(self, *args: Any, action: str, name: str | None, json: bool, **options: Any) -> None:
        chosen = [CATALOGUE[name]] if name else list(CATALOGUE.values())
        folder = settings.VAR / "models"
        if action == "prepare":
            _prepare(chosen, folder)
        described = [_description(model, folder) for model in chosen]
        self._write(described, as_json=json, in_full=action == "explain")
        if action == "verify":
            _refuse_unless_whole(described)

    def _write(self, described: list[dict[str, str | int]], *, as_json: bool, in_full: bool) -> None:
        for model in described:
            if as_json:
                self.stdout.write(json.dumps(model))
            elif in_full:
                self.stdout.write("\n".join(f"{key:>8}  {value}" for key, value in model.items()) + "\n")
            else:
                self.stdout.write(_line(model))


def _prepare(chosen: list[Weights], folder: Path) -> None:
    try:
        for model in chosen:
            prepared = weights.prepare_one(model, folder)
            if model.role is Role.EMBEDDER:
                int8.prepared(prepared, model.name, folder)
    except (ModelUnavailable, OSError) as error:
        raise CommandError(str(error)) from error


def _description(model: Weights, folder: Path) -> dict[str, str | int]:
    return {
        "name": model.name,
        "role": model.role,
        "state": weights.state(model, folder),
        "licence": model.licence,
        "bytes": model.size,
        "package": f"{model.package}=={model.version}",
        "source": model.source,
        "about": model.about,
        "path": str(folder / model.name),
    }


def _line(model: dict[str, str | int]) -> str:
    size = f"{int(model['bytes']) / 1e6:.0f} MB"
    return f"{model['name']:24}{model['role']:10}{model['state']:14}{size:>7}  {model['licence']}  {model['source']}"


def _refuse_unless_whole(described: list[dict[str, str | int]]) -> None:
    wrong = [f"{model['name']} is {model['state']}" for model in described if model["state"] != "prepared"]
    if wrong:
        raise CommandError(f"{'; '.join(wrong)}. {weights.PREPARE}")
