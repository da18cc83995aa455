"""All measurements in their order."""

import io
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command

from inference import registry
from kb.index.opening import owner_key, owner_socket
from kb.index.owned import connected
from kb.management.bench.embedding import measure_embedding
from kb.management.bench.filling import fill_to
from kb.management.bench.finding import measure_answers, measure_search
from kb.management.bench.hiding import measure_hiding
from kb.management.bench.reading import read_library, read_long_pdf
from kb.management.bench.recording import measure_recording
from kb.management.bench.report import Loading, Report
from kb.management.bench.serving import measure_serving
from kb.management.bench.starting import measure_memory, measure_start
from kb.management.bench.streaming import measure_streams
from kb.management.bench.writing import measure_writing
from kb.management.scratch import running

OWNER_WITHIN = 60  # seconds

log = logging.getLogger("strongroom.bench")


@dataclass(frozen=True, slots=True)
class Extent:
    """How many `documents` of the sample library to read, None for all; how many chunks are a library of middle size,
    and a large one."""

    documents: int | None
    middle: int
    large: int


THOROUGH = Extent(documents=None, middle=20_000, large=100_000)
QUICK = Extent(documents=4, middle=1_000, large=2_000)


def measure(extent: Extent) -> Report:
    """Takes some minutes, and says on stderr what it is at."""
    call_command("models", "prepare", stdout=io.StringIO())
    call_command("migrate", verbosity=0)
    log.info("Measuring memory and cold start")
    memory, start = measure_memory(), measure_start()
    with _index_owner():
        loading = _load_models()
        log.info("Reading the sample library and a long PDF")
        readings = [read_library(most=extent.documents), read_long_pdf()]
        log.info("Embedding, beside PyTorch in float32")
        embedding = measure_embedding()
        log.info("Reading and writing with the SLM")
        writing = measure_writing()
        log.info("Searching and asking")
        at_sample_size, answering, recording = measure_search(), measure_answers(), measure_recording()
        log.info("Searching over the API")
        serving = measure_serving()
        log.info("Streaming many answers at once")
        streaming = measure_streams()
        log.info("Hiding personal data")
        hiding = measure_hiding()
        log.info("Asking among %s chunks", f"{extent.middle:,}")
        fill_to(extent.middle)
        at_middle_size = measure_answers()
        log.info("Searching among %s chunks", f"{extent.large:,}")
        fill_to(extent.large)
        at_large_size = measure_search()
    return Report(
        cores=os.cpu_count() or 1,
        loading=loading,
        readings=readings,
        embedding=embedding,
        writing=writing,
        searches=[at_sample_size, at_large_size],
        answering=[answering, at_middle_size],
        hiding=hiding,
        recording=recording,
        serving=serving,
        streaming=streaming,
        memory=memory,
        start=start,
    )


def _load_models() -> Loading:
    begun = time.perf_counter()
    registry.embedder().embed_query("a question")
    embedded = time.perf_counter()
    registry.scorer().score("The label of this document is", [" public", " secret"])
    return Loading(round(embedded - begun, 2), round(time.perf_counter() - embedded, 2))


@contextmanager
def _index_owner() -> Iterator[None]:
    """As in production, where the index is another process's."""
    with running("manage.py", "own_index"):
        connected(owner_socket(), owner_key(), patience=OWNER_WITHIN).close()
        yield
