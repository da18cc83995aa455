"""What was measured, for machines and for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageSpeed:
    stage: str
    seconds: float
    pages_per_second: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Files that were ingested one after the other. A format without pages counts as one page a document."""

    what: str
    documents: int
    failed: int
    pages: int
    chunks: int
    seconds: float
    stages: Sequence[StageSpeed]


@dataclass(frozen=True, slots=True)
class Embedding:
    """The configured embedder and sentence-transformers in float32, on the same chunks; `ratio` is above 1 if
    the configured one is quicker."""

    embedder: str
    chunks: int
    chunks_per_second: float
    float32_chunks_per_second: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Writing:
    """Tokens that the shipped SLM reads and writes in a CPU second, by one backend. `known_beginning_ratio` is how much
    longer a first prompt takes than the next one that begins alike."""

    backend: str
    read_per_second: float
    written_per_second: float
    known_beginning_ratio: float


@dataclass(frozen=True, slots=True)
class Searching:
    """Wall time of one search, the embedding of the query and the check in SQL included."""

    chunks: int
    searches: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Answering:
    """Of those that were found: seconds from a question to the first piece of its answer, and to its record."""

    chunks: int
    questions: int
    found: int
    first_token_p50: float
    first_token_p95: float
    whole_p50: float


@dataclass(frozen=True, slots=True)
class Hiding:
    """Wall time of hiding a context whose findings are known: with everybody new, and once more in the next turn."""

    tokens: int
    findings: int
    first_turn_ms: float
    next_turn_ms: float


@dataclass(frozen=True, slots=True)
class Recording:
    """Wall time that one call of a model takes besides the model: to route it, to write its row, and to finish it."""

    calls: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Serving:
    """Wall time that a search over the API takes besides the search itself: key, checks, and JSON, over ASGI."""

    requests: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Streaming:
    """Answers streamed at once by one process: seconds until the first event of each, how many came to their end, and
    the wall time of `pages` that were asked for meanwhile."""

    streams: int
    whole: int
    first_event_p50: float
    first_event_p95: float
    pages: int
    page_p50_ms: float
    page_p95_ms: float


@dataclass(frozen=True, slots=True)
class Loading:
    """Seconds that each model takes at its first use in a process; not counted in what follows."""

    embedder: float
    slm: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident megabytes of the portal's process: after its first page, then with each model loaded and used."""

    idle: float
    with_embedder: float
    with_slm: float


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from starting the portal's process to the first answer of each address."""

    healthz: float
    first_page: float


@dataclass(frozen=True, slots=True)
class Report:
    cores: int
    loading: Loading
    readings: Sequence[Reading]
    embedding: Embedding
    writing: Sequence[Writing]
    searches: Sequence[Searching]
    answering: Sequence[Answering]
    hiding: Hiding
    recording: Recording
    serving: Serving
    streaming: Streaming
    memory: Memory
    start: Start


def table(report: Report) -> Iterator[str]:
    """The report in lines."""
    yield "Loading"
    yield f"  embedder           {report.loading.embedder:7.2f} s"
    yield f"  SLM                {report.loading.slm:7.2f} s"
    for reading in report.readings:
        yield from _reading(reading)
    yield from _embedding(report.embedding)
    yield "SLM: tokens a CPU second"
    for writing in report.writing:
        yield (
            f"  {writing.backend:18} reads {writing.read_per_second:7.1f}   writes {writing.written_per_second:7.1f}"
            f"   a known beginning {writing.known_beginning_ratio:5.1f} times as fast"
        )
    yield "Search"
    for search in report.searches:
        yield f"  {search.chunks:>7,} chunks     p50 {search.p50_ms:7.1f} ms   p95 {search.p95_ms:7.1f} ms"
    for answering in report.answering:
        yield from _answering(answering)
    memory, start = report.memory, report.start
    yield f"Hiding personal data: {report.hiding.tokens:,} tokens, {report.hiding.findings} findings"
    yield f"  first turn         {report.hiding.first_turn_ms:7.1f} ms"
    yield f"  next turn          {report.hiding.next_turn_ms:7.1f} ms"
    recording = report.recording
    yield f"Routing and ledger, {recording.calls} calls"
    yield f"  a call             p50 {recording.p50_ms:7.1f} ms   p95 {recording.p95_ms:7.1f} ms"
    yield f"API beside the search, {report.serving.requests} requests"
    yield f"  a request          p50 {report.serving.p50_ms:7.1f} ms   p95 {report.serving.p95_ms:7.1f} ms"
    yield from _streaming(report.streaming)
    yield "Memory of the portal's process"
    yield f"  idle               {memory.idle:7.0f} MB"
    yield f"  with the embedder  {memory.with_embedder:7.0f} MB"
    yield f"  with the SLM too   {memory.with_slm:7.0f} MB"
    yield "Cold start"
    yield f"  first answer       {start.healthz:7.2f} s"
    yield f"  first page         {start.first_page:7.2f} s"
    yield f"On {report.cores} cores."


def _reading(reading: Reading) -> Iterator[str]:
    failed = f", {reading.failed} failed" if reading.failed else ""
    yield f"Ingest: {reading.what} ({reading.pages} pages, {reading.chunks} chunks{failed})"
    yield f"  searchable in      {reading.seconds:7.2f} s"
    for stage in reading.stages:
        yield f"  {stage.stage:18} {stage.seconds:7.2f} s    {stage.pages_per_second:8.1f} pages/s"


def _answering(answering: Answering) -> Iterator[str]:
    yield f"Answer among {answering.chunks:,} chunks, of the {answering.found} found of {answering.questions}"
    yield f"  first token        p50 {answering.first_token_p50:7.2f} s   p95 {answering.first_token_p95:7.2f} s"
    yield f"  whole              p50 {answering.whole_p50:7.2f} s"


def _streaming(streaming: Streaming) -> Iterator[str]:
    yield f"{streaming.streams} answers streamed at once by one process, {streaming.whole} of them to their end"
    yield f"  first event        p50 {streaming.first_event_p50:7.2f} s   p95 {streaming.first_event_p95:7.2f} s"
    yield f"  a page meanwhile   p50 {streaming.page_p50_ms:7.1f} ms   p95 {streaming.page_p95_ms:7.1f} ms"


def _embedding(embedding: Embedding) -> Iterator[str]:
    yield f"Ingest embedding: {embedding.chunks} chunks, in the same run"
    yield f"  as configured      {embedding.chunks_per_second:7.1f} chunks/s   {embedding.embedder}"
    yield f"  PyTorch float32    {embedding.float32_chunks_per_second:7.1f} chunks/s   through sentence-transformers"
    yield f"  ratio              {embedding.ratio:7.2f}"
