"""What Strongroom makes of the machine that it runs on."""

import os

import pytest

from kb.environment import usual_workers

PAGE = 4096  # bytes
GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("cores", "gigabytes", "workers"), [(1, 2, 1), (2, 24, 2), (8, 4, 1), (8, 9, 2), (32, 256, 4)]
)
def test_each_worker_has_a_core_and_memory_for_its_models(
    cores: int, gigabytes: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"SC_PAGE_SIZE": PAGE, "SC_PHYS_PAGES": gigabytes * GIGABYTE // PAGE}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert usual_workers() == workers
