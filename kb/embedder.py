"""Which embedder this data folder has chosen, where one was tuned on its documents: `embedder.json`.

The last one named there is used; those before it are the way back. Settings read it, so it needs no Django.
"""

import json
import os
from pathlib import Path

from kb.errors import Rejected, Unavailable

FILE = "embedder.json"
MODELS = "models"
"""Models of the data folder are named by their path in it, so that the folder may be moved."""


def chosen(var: Path) -> str:
    """A name or the path of a folder, as STRONGROOM_EMBEDDER has it; empty when nothing was tuned here.

    Raises:
        Unavailable: the file is damaged.
    """
    history = _history(var)
    return _absolute(history[-1], var) if history else ""


def choose(var: Path, folder: Path, *, before: str) -> None:
    """The model in `folder` from the next start on; `before` is what was configured until now."""
    history = _history(var)
    if history[-1:] != [_relative(before, var)]:
        history.append(_relative(before, var))
    _write(var, [*history, _relative(str(folder), var)])


def go_back(var: Path) -> str:
    """Chooses the one before, and gives it.

    Raises:
        Rejected: there is none.
    """
    history = _history(var)
    if len(history) < 2:
        raise Rejected("No tuned embedder is in use, so there is nothing to go back to.")
    _write(var, history[:-1])
    return _absolute(history[-2], var)


def _history(var: Path) -> list[str]:
    file = var / FILE
    try:
        return [str(model) for model in json.loads(file.read_bytes())["embedders"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise Unavailable(
            f"{file} is damaged ({error}). Delete it to go back to the embedder that ships, "
            "or name one with STRONGROOM_EMBEDDER."
        ) from error


def _write(var: Path, history: list[str]) -> None:
    """All or nothing, whenever it is interrupted."""
    draft = var / f".{FILE}.{os.getpid()}"
    draft.write_text(json.dumps({"embedders": history}, indent=1) + "\n", encoding="utf-8")
    draft.replace(var / FILE)


def _relative(model: str, var: Path) -> str:
    folder = Path(model)
    return str(folder.relative_to(var)) if folder.parent == var / MODELS else model


def _absolute(model: str, var: Path) -> str:
    return str(var / model) if Path(model).parent == Path(MODELS) else model
