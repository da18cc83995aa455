"""Measuring which attacks reach an answer: `manage.py evaluate injection` runs it in a folder of its own."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from kb.management.evaluation import measure_alone, tracked


def _measured(folder: Path) -> str:
    # It needs the applications that were set up by now.
    from ingestion.evaluate.injection import reached

    return json.dumps(asdict(reached(folder, tracked=tracked)), ensure_ascii=False)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    measure_alone(_measured)
