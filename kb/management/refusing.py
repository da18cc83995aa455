"""Measuring answers and refusals on the sample: `manage.py evaluate refusal` runs this in a data folder made for it."""

import json
import os
from dataclasses import asdict

from kb.management.scratch import measure_here, measured_apart


def refusal_apart() -> str:
    """The scores as JSON, measured in a process and a data folder of its own.

    Raises:
        Unavailable: the measuring broke off.
    """
    return measured_apart("kb.management.refusing")


def _measured() -> str:
    # It needs the applications that were set up by now.
    from kb.management.sample_questions import measure_refusal

    return json.dumps([asdict(scores) for scores in measure_refusal()])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    measure_here(_measured)
