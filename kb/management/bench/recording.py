"""What routing a call and writing it into the ledger costs."""

import hashlib
import time
from collections.abc import Sequence

import numpy as np

from inference.judgement import judge
from inference.protocols import Location
from kb.management.bench.report import Recording
from kb.models import Chunk, Leaving, ModelCall, Sensitivity

CALLS = 200
SOURCES = 10
PAYLOAD = b"x" * 24_000
"""About 6,000 tokens."""


def measure_recording() -> Recording:
    """A call to the cloud from ten sources, without the model."""
    sources = list(Chunk.objects.values_list("pk", flat=True)[:SOURCES])
    seconds = [_call(sources) for _ in range(CALLS)]
    return Recording(
        calls=CALLS,
        p50_ms=round(float(np.percentile(seconds, 50)) * 1000, 1),
        p95_ms=round(float(np.percentile(seconds, 95)) * 1000, 1),
    )


def _call(sources: Sequence[int]) -> float:
    begun = time.perf_counter()
    judged = judge(Sensitivity.PUBLIC, Leaving.FREELY, sources)
    row = ModelCall.objects.append(
        purpose=ModelCall.Purpose.ANSWER,
        model="a model",
        location=Location.CLOUD,
        destination="api.example.com",
        decision=ModelCall.Decision.SEND,
        rule=judged.rule,
        reason="Measured.",
        sensitivity=judged.sensitivity,
        chunks=[[chunk, int(label)] for chunk, label in judged.labels],
        prompt_version="bench",
        sent_sha256=hashlib.sha256(PAYLOAD).hexdigest(),
        sent_bytes=len(PAYLOAD),
    )
    row.finish(ModelCall.Outcome.DONE, prompt_tokens=6_000, answer_tokens=200, cost_usd=0.001)
    return time.perf_counter() - begun
