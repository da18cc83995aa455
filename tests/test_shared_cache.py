"""Django's cache: in Redis where one is named, and in this process without it or while it is away."""

import os
import subprocess
import sys

import pytest

from kb.shared_cache import SharedCache

NOBODY = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("named", "backend"),
    [({"REDIS_URL": NOBODY}, "SharedCache"), ({}, "LocMemCache")],
)
def test_redis_is_the_cache_where_one_is_named(named: dict[str, str], backend: str) -> None:
    program = "from django.core.cache import caches\nprint(type(caches['default']).__name__)"
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"} | named
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"DJANGO_SETTINGS_MODULE": "kb.settings"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == backend, done.stderr


def test_while_redis_is_away_a_process_counts_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    cache = SharedCache(NOBODY, {})
    cache.add("failures", 0)
    assert [cache.incr("failures") for _ in range(3)] == [1, 2, 3]
    assert cache.get_many(["failures", "others"]) == {"failures": 3}
    assert "This process remembers and counts by itself" in caplog.text
