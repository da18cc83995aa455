"""How `pytest -n 3` shares the tests out: file by file, and those that need a running Strongroom in two lanes.

A whole Strongroom takes minutes to fill, so that there is one of each kind: one with the sample library, and one that
tests may break. They wait more than they compute, so that the other tests run beside both.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

LANES = {
    "tests/browser/test_import.py": "sample library",
    "tests/browser/test_pages.py": "sample library",
    "tests/test_golden.py": "sample library",
    "tests/test_stack.py": "sample library",
    "tests/test_bad_input.py": "may be broken",
    "tests/test_faults.py": "may be broken",
    "tests/test_server_profile.py": "may be broken",
    "tests/test_up.py": "may be broken",
}


class Lanes(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return LANES.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)
