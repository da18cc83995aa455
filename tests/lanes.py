"""How `pytest -n 2` shares the tests out: file by file, and all that need a running Strongroom to one of the two.

A whole Strongroom takes minutes to fill, so that there is one of each kind; the other tests run beside it meanwhile.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

NEED_A_SITE = frozenset(
    {
        "tests/browser/test_pages.py",
        "tests/test_faults.py",
        "tests/test_golden.py",
        "tests/test_server_profile.py",
        "tests/test_stack.py",
        "tests/test_up.py",
    }
)


class Lanes(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "sites" if file in NEED_A_SITE else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)
