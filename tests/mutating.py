"""A pytest plugin that runs the tests on source code in which one safeguard is missing.

`STRONGROOM_MUTATION` holds, as JSON, the file, the text that stands in it once, and what stands there instead.
"""

import json
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def mutate(file: Path, old: str, new: str) -> None:
    """Whoever imports the file from now on gets the changed one. Nothing is written."""
    source = file.read_text()
    if source.count(old) != 1:
        raise ValueError(f"{file} holds {source.count(old)} times, not once: {old!r}")
    code = source.replace(old, new)
    as_it_is: Any = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> Any:
        if Path(loader.path) == file:
            return compile(code, str(file), "exec", dont_inherit=True)
        return as_it_is(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


# At once: Django's models are imported before any hook of a plugin runs.
_mutation = json.loads(os.environ["STRONGROOM_MUTATION"])
mutate(ROOT / _mutation["file"], _mutation["old"], _mutation["new"])
