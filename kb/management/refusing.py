"""Measuring answers and refusals on the sample: `manage.py evaluate refusal` runs this in a data folder made for it."""

import json
import os
import subprocess
import sys
from dataclasses import asdict

from django.conf import settings

from kb.errors import Unavailable
from kb.management.scratch import MARK, scratch_environment


def refusal_apart() -> str:
    """The scores as JSON, measured in a process and a data folder of its own.

    Raises:
        Unavailable: the measuring broke off.
    """
    with scratch_environment(settings.VAR / "models") as environment:
        measured = subprocess.run(
            [sys.executable, "-m", "kb.management.refusing"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
    if measured.returncode:
        raise Unavailable("The measuring of answers broke off; what it wrote above says where.")
    return measured.stdout


def main() -> None:
    if not (settings.VAR / MARK).exists():
        sys.exit("This fills its data folder. Run `manage.py evaluate refusal`, which makes one.")
    import django

    django.setup()
    # It needs the applications that were just set up.
    from kb.management.sample_questions import measure_refusal

    sys.stdout.write(json.dumps([asdict(scores) for scores in measure_refusal()]))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    main()
