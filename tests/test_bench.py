"""`manage.py bench`: it measures what it says, on nobody's data."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.retrieve import chunk_index, retrieve
from kb.exchange import as_json
from kb.management.bench.filling import CHUNKS_A_DOCUMENT, fill_to
from kb.management.bench.importing import Watched, imported, imported_table
from kb.management.bench.reading import PDF_PAGES, long_pdf
from kb.management.bench.recording import CALLS, measure_recording
from kb.management.bench.report import (
    Answering,
    Embedding,
    Hiding,
    Loading,
    Memory,
    Reading,
    Recording,
    Report,
    Searching,
    Serving,
    StageSpeed,
    Start,
    Streaming,
    Writing,
    table,
)
from kb.management.scratch import MARK, scratch_environment
from kb.models import Chunk, Collection, ModelCall, Person
from tests.builders import make_document

pytest_plugins = ["tests.fakes"]

REPORT = Report(
    cores=2,
    loading=Loading(2.0, 0.5),
    readings=[Reading("the sample library", 4, 0, 6, 57, 12.5, [StageSpeed("parsing", 3.0, 2.0)])],
    embedding=Embedding("a-model-int8", 64, 20.0, 10.0, 2.0),
    writing=[Writing("llama.cpp", 120.5, 40.0, 6.5)],
    searches=[Searching(20_000, 120, 25.0, 51.5)],
    answering=[Answering(57, 20, 19, 0.05, 0.08, 0.06)],
    hiding=Hiding(6_012, 80, 61.0, 24.5),
    recording=Recording(200, 2.1, 3.4),
    serving=Serving(80, 4.2, 9.9),
    streaming=Streaming(50, 49, 1.25, 3.5, 60, 20.0, 85.5),
    memory=Memory(90, 610, 803),
    start=Start(1.8, 1.9),
)


def test_measuring_sees_no_other_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://real")
    monkeypatch.setenv("STRONGROOM_LLM_MODEL", "openai/real")
    monkeypatch.setenv("STRONGROOM_LLM_GGUF", "/models/real.gguf")
    with scratch_environment(tmp_path) as environment:
        folder = Path(environment["STRONGROOM_VAR"])
        assert (folder / MARK).exists()
        assert (folder / "models").resolve() == tmp_path
        assert not {"DATABASE_URL", "STRONGROOM_LLM_MODEL", "STRONGROOM_LLM_GGUF"} & set(environment)
    assert not folder.exists()
    assert tmp_path.exists()


def test_it_refuses_a_folder_that_was_not_made_for_it(tmp_path: Path) -> None:
    with scratch_environment(tmp_path) as environment:
        (Path(environment["STRONGROOM_VAR"]) / MARK).unlink()
        refused = subprocess.run(
            [sys.executable, "-m", "kb.management.bench"], env=environment, capture_output=True, text=True
        )
    assert refused.returncode == 1
    assert refused.stderr.startswith("This fills its data folder with made-up documents.")


def test_the_long_pdf_has_thirty_pages() -> None:
    assert long_pdf().count(b"/Type /Page\n") == PDF_PAGES


def test_a_library_grows_to_the_size_that_is_asked_for(
    fakes: None,
    alice: Person,
    charlie: Person,
    dana: Person,
    shelf: Collection,
) -> None:
    make_document(shelf, owner=dana, chunks=["Trains are booked in second class, and planes not at all."])
    fill_to(CHUNKS_A_DOCUMENT)
    fill_to(CHUNKS_A_DOCUMENT + 10)
    assert Chunk.objects.count() == CHUNKS_A_DOCUMENT + 10
    assert chunk_index().count() == CHUNKS_A_DOCUMENT + 9
    assert len(retrieve("trains in second class", alice).hits) == 20
    assert retrieve("trains in second class", charlie).hits == ()


def test_what_is_measured_of_the_ledger_are_whole_rows(db: None) -> None:
    assert measure_recording().calls == ModelCall.objects.filter(outcome="done").count() == CALLS
    assert ModelCall.objects.verify().intact


def test_an_import_says_what_grew_and_what_was_left(db: None) -> None:
    watched = Watched(killed=2, milliseconds=[10.0] * 99 + [400.0], refused=1)
    watched.megabytes["worker"] = [500.0, 510.0, 510.0, 700.0]
    lines = list(imported_table(imported(60.0, watched, off=["“lease.pdf” waits for a worker."])))
    assert "  all settled in         60.0 s; the worker was killed 2 times" in lines
    assert "Pages of the portal meanwhile: 100 asked for, 1 without an answer" in lines
    assert "  worker                500     510     510     700   most    700 MB" in lines
    assert lines[-1] == "“lease.pdf” waits for a worker."


def test_a_report_is_a_table_for_people() -> None:
    lines = list(table(REPORT))
    assert "Ingest: the sample library (6 pages, 57 chunks)" in lines
    assert "   20,000 chunks     p50    25.0 ms   p95    51.5 ms" in lines
    assert "  as configured         20.0 chunks/s   a-model-int8" in lines
    assert "  ratio                 2.00" in lines
    assert "Hiding personal data: 6,012 tokens, 80 findings" in lines
    assert "  next turn             24.5 ms" in lines
    assert "  a call             p50     2.1 ms   p95     3.4 ms" in lines
    assert "  a request          p50     4.2 ms   p95     9.9 ms" in lines
    assert "50 answers streamed at once by one process, 49 of them to their end" in lines
    assert "  a page meanwhile   p50    20.0 ms   p95    85.5 ms" in lines
    assert "  with the SLM too       803 MB" in lines


def test_failures_are_not_hidden_in_a_table() -> None:
    failing = replace(REPORT, readings=[replace(REPORT.readings[0], failed=2)])
    assert "Ingest: the sample library (6 pages, 57 chunks, 2 failed)" in list(table(failing))


def test_a_report_is_one_object_for_machines() -> None:
    report = json.loads(as_json(REPORT))
    assert report["searches"] == [{"chunks": 20_000, "searches": 120, "p50_ms": 25.0, "p95_ms": 51.5}]
    assert np.isclose(report["readings"][0]["stages"][0]["pages_per_second"], 2.0)
