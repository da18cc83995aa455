"""Measuring follow-up questions on the sample library: `manage.py evaluate followups` runs it in its own folder."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from kb.errors import Rejected
from kb.management.evaluation import measure_alone, tracked


def _measured(file: Path) -> str:
    # They need the applications that were set up by now.
    from ingestion.evaluate.followups import Asked, Dialogue, evaluate
    from ingestion.evaluate.judged import JudgedSet, Source
    from ingestion.evaluate.library import build
    from kb.sample.build import build as write_documents

    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        dialogues = [
            Dialogue(row["language"], row["split"], [Asked(**turn) for turn in row["turns"]]) for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(
            f"{file} holds no dialogues. It needs lines like those of kb/sample/dialogues.jsonl."
        ) from error
    documents = write_documents(settings.VAR / "sample")
    sources = [Source(each.title, each.path.name, each.title, path=each.path) for each in documents]
    library = build(JudgedSet("sample", sources, ()), tracked=tracked)
    scores = evaluate(dialogues, library.reader, library.look_up, tracked=tracked)
    return json.dumps([asdict(each) for each in scores], ensure_ascii=False)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    measure_alone(_measured)
