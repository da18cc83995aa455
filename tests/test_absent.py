"""Packages that are left out for one piece of work are left out of nothing else."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from kb.absent import absent

NAME = "this"
"""A module of Python's that nothing here imports."""


@pytest.fixture(autouse=True)
def _not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, NAME, raising=False)


def test_it_is_as_if_it_were_not_installed(capsys: pytest.CaptureFixture[str]) -> None:
    with absent([NAME]), pytest.raises(ModuleNotFoundError, match="not needed here"):
        __import__(NAME)
    __import__(NAME)
    assert "Zen" in capsys.readouterr().out


def test_what_is_left_out_around_it_stays_left_out() -> None:
    with absent([NAME]):
        with absent(["antigravity"]), pytest.raises(ModuleNotFoundError):
            __import__(NAME)
        with pytest.raises(ModuleNotFoundError):
            __import__(NAME)


def test_another_thread_imports_it_meanwhile() -> None:
    with absent([NAME]), ThreadPoolExecutor(1) as other:
        assert other.submit(__import__, NAME).result().__name__ == NAME


@pytest.mark.parametrize(
    "work",
    [
        "import django; django.setup(); from inference.personal import find_entities; "
        "find_entities('Ada Lovelace wrote.')",
        "from pathlib import Path; from ingestion.parse.unstructured_engine import Unstructured; "
        "Unstructured().parse(Path('README.md'), media_type='text/markdown')",
    ],
)
def test_torch_is_not_loaded_and_can_be_afterwards(work: str) -> None:
    code = (
        f"import sys; {work}; assert 'torch' not in sys.modules; import torch; print(torch.zeros(2).tolist())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.stdout.strip().endswith("[0.0, 0.0]"), ran.stderr
