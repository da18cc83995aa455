"""Loaded before Django's settings: tests keep all their state in a folder of their own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108 - whose names are made up by tempfile
"""Where Linux keeps files in memory. On a disk, tests wait longer for what is written through than they compute."""
ROOM = 4_000_000_000
"""Bytes that have to be free there."""


def lend_models(owner: Path, borrower: Path) -> None:
    """Links to what one data folder has of prepared models in another one: to prepare them takes long."""
    models = borrower / "models"
    models.mkdir()
    for each in owner.glob("models/[!.]*"):
        (models / each.name).symlink_to(each.resolve())


if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    tempfile.tempdir = os.environ["TMPDIR"] = str(MEMORY)
FOLDER = tempfile.mkdtemp(prefix="strongroom-tests-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
lend_models(Path(os.environ.get("STRONGROOM_VAR", ROOT / "var")), Path(FOLDER))

os.environ["STRONGROOM_VAR"] = FOLDER
# For the tests and for every process that they start: nothing but their own machine can be reached.
os.environ["STRONGROOM_EGRESS_GUARD"] = "yes"
os.environ.pop("STRONGROOM_EGRESS_HOSTS", None)
for name in ("DATABASE_URL", "REDIS_URL", "STRONGROOM_LLM_MODEL"):
    os.environ.pop(name, None)
if url := os.environ.get("STRONGROOM_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = url
