"""Reads configuration from the environment, and keeps the secrets that a data folder makes for itself."""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from environ import FileAwareEnv

from kb.errors import Unavailable

CONFIGURATION = "configuration"
"""The tag of what commands check. Django's own checks are for developers, and load every page and operation."""
LONGEST_SOCKET_PATH = 90
"""Characters. Linux takes 107 bytes and macOS 103; the file's own name needs some of them."""

MEMORY_A_WORKER = 4 * 1024**3
"""Bytes of the machine for each; the models take a quarter of it, and the other processes need some too."""
MOST_WORKERS = 4
"""Unless an administrator says otherwise; SQLite has one writer."""

QUIET = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "1",
}
"""What vendors must find before they are imported: no hub, no telemetry, and one thread a model call,
because two spinning OpenMP threads on two busy cores are slower than one."""

PATIENCE = {
    "cloud": {"connect": 5.0, "first_token": 30.0, "idle": 20.0, "total": 120.0},
    # A model on a machine without a GPU reads a long prompt for minutes. All of it is less than an answer's lease.
    "on-premises": {"connect": 3.0, "first_token": 180.0, "idle": 60.0, "total": 480.0},
}
"""Seconds that a language model may take, by where it runs: `Patience` of inference/backends/listening.py."""


def quieten_vendors() -> None:
    """Sets what is not set already, so that an administrator's own choice stands."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def usual_workers() -> int:
    """How many documents to ingest at the same time: one a core, where there is memory for the models of each."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // MEMORY_A_WORKER, MOST_WORKERS))


def chat_model(env: FileAwareEnv, prefix: str) -> dict[str, object]:
    """The entry of MODELS for the language model that variables with this prefix name; empty where none does."""
    model = env.str(f"{prefix}_MODEL", default="")
    if not model:
        return {}
    location = env.str(f"{prefix}_LOCATION", default="cloud")
    # An unknown location is for the system checks to refuse.
    usual = PATIENCE.get(location, PATIENCE["cloud"])
    return {
        "BACKEND": "inference.backends.litellm.Chat",
        "LOCATION": location,
        "OPTIONS": {
            "model": model,
            "base_url": env.str(f"{prefix}_BASE_URL", default="") or None,
            "api_key": env.str(f"{prefix}_API_KEY", default="") or None,
            "patience": {
                name: env.float(f"{prefix}_{name.upper()}_SECONDS", default=seconds)
                for name, seconds in usual.items()
            },
        },
    }


def secret(name: str, folder: Path) -> str:
    """The secret `name`: from the environment or a file that it names, else made on first use and kept in `folder`."""
    variable = f"STRONGROOM_{name.upper()}"
    if value := os.environ.get(variable):
        return value
    if file := os.environ.get(f"{variable}_FILE"):
        return Path(file).read_text().strip()
    path = folder / name
    if not path.exists():
        _create_once(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def _create_once(path: Path, text: str) -> None:
    """Writes a private file; when two processes race, the first one's text stands, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Another process was first.
    finally:
        draft.unlink()


def make_folders(*folders: Path) -> None:
    """Makes the folders that state lives in, for their owner alone.

    Raises:
        Unavailable: one of them cannot be written.
    """
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / f".writable-{os.getpid()}").touch()
            (folder / f".writable-{os.getpid()}").unlink()
        except OSError as error:
            raise Unavailable(
                f"The data folder {folder} cannot be written ({error.strerror}). "
                "Make it writable, or name another one with STRONGROOM_VAR."
            ) from error


def run_folder(var: Path) -> Path:
    """Where sockets and process ids live: in `var`, or in /tmp when its path is too long for a socket."""
    inside = var / "run"
    if len(str(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(str(var).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"strongroom-{os.getuid()}-{digest}"
