"""Optional packages that are installed for something else, and cost seconds and memory where they are not needed."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import local


class _Without:
    """A finder that finds nothing under some names, in the thread that asked for it."""

    def __init__(self) -> None:
        self._of_the_thread = local()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}, as it is not needed here", name=name)

    @property
    def names(self) -> Collection[str]:
        hidden: Collection[str] = getattr(self._of_the_thread, "names", ())
        return hidden

    @names.setter
    def names(self, names: Collection[str]) -> None:
        self._of_the_thread.names = names


_finder = _Without()
sys.meta_path.insert(0, _finder)


@contextmanager
def absent(names: Collection[str]) -> Iterator[None]:
    """In this thread and for this long, these top-level packages are as if not installed, unless already imported."""
    before = _finder.names
    _finder.names = frozenset({*before, *names})
    try:
        yield
    finally:
        _finder.names = before
