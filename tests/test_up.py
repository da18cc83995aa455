"""What `make up` promises: one run a data folder, processes that come back, and nothing left running."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from kb import supervisor
from kb.errors import Rejected, Unavailable
from kb.management.commands import up
from kb.models import Collection, Document, Version
from kb.sample import PASSWORD
from kb.supervisor import Address, Program

ROOT = Path(__file__).parent.parent
ADDRESS = Address("127.0.0.1", 8123)
SLEEPER = Program("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), patience=2)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process die with its parent")


@pytest.fixture
def data(tmp_path, settings):
    settings.VAR, settings.RUN = tmp_path, tmp_path / "run"
    settings.RUN.mkdir()
    return tmp_path


def sleepers(run: Path) -> list[psutil.Process]:
    return [each for each in supervisor.left_behind(run) if SLEEPER.command[-1] in command(each)]


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.ZombieProcess:
        return []


def eventually(true: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_the_embedded_profile_runs_five_processes(data, settings):
    settings.REDIS_URL = settings.QDRANT_URL = ""
    assert [each.name for each in supervisor.programs(ADDRESS)] == [
        "broker", "index", "beat", "worker", "portal",
    ]  # fmt: skip


def test_the_demonstration_cloud_runs_before_what_asks_it_and_its_port_is_passed_on(data, settings):
    settings.REDIS_URL, settings.QDRANT_URL = "redis://broker:6379/0", "http://qdrant:6333"
    chosen = supervisor.programs(ADDRESS, demo_cloud=8124)
    assert [each.name for each in chosen] == ["demo-cloud", "beat", "worker", "portal"]
    assert chosen[0].command[-3:] == ("demo_cloud", "--port", "8124")


def test_a_demonstration_beside_a_real_model_is_refused(data, settings):
    settings.LLM_MODEL = "openai/some"
    with pytest.raises(Rejected, match=r"STRONGROOM_LLM_MODEL names openai/some"):
        up.check_demo_cloud(8124)


def test_what_runs_on_a_server_is_not_started_here(data, settings):
    settings.REDIS_URL, settings.QDRANT_URL = "redis://broker:6379/0", "http://qdrant:6333"
    assert [each.name for each in supervisor.programs(ADDRESS)] == ["beat", "worker", "portal"]


def test_the_programs_patience_adds_up_to_less_than_ours(data):
    chosen = supervisor.programs(ADDRESS, demo_cloud=8124)
    assert sum(each.patience for each in chosen) < supervisor.STOP_WITHIN


def test_a_per_cent_sign_in_a_path_survives_supervisords_own_expansion(data):
    written = supervisor.configuration([Program("odd", ("/opt/100%/bin/odd",), patience=1)])
    assert "/opt/100%%/bin/odd" in written


def test_nobody_can_control_the_supervisor_from_outside(data):
    written = supervisor.configuration(supervisor.programs(ADDRESS))
    assert "http_server" not in written
    assert "rpcinterface" not in written


def test_a_data_folder_that_runs_already_is_refused_with_its_address(data):
    second = supervisor.claimed(data / "run", Address("127.0.0.1", 9999))
    said = r"already runs on this data folder, at http://127\.0\.0\.1:8123\."
    with supervisor.claimed(data / "run", ADDRESS), pytest.raises(Unavailable, match=said):
        second.__enter__()


def test_what_an_earlier_run_left_behind_is_ended(data):
    run = data / "run"
    leftover = subprocess.Popen(SLEEPER.command, env=os.environ | {supervisor.MARK: str(run)})
    stranger = subprocess.Popen(SLEEPER.command, env=os.environ | {supervisor.MARK: "/another/run"})
    with supervisor.claimed(run, ADDRESS):
        assert not psutil.pid_exists(leftover.pid)
        assert psutil.pid_exists(stranger.pid)
    stranger.kill()
    assert stranger.wait() == -signal.SIGKILL
    leftover.wait()


def test_a_killed_process_comes_back_and_all_end_with_the_supervisor(data):
    run = data / "run"
    with supervisor.supervised(run, [SLEEPER]):
        assert eventually(lambda: sleepers(run))
        first = sleepers(run)[0]
        first.kill()
        assert eventually(lambda: sleepers(run) and sleepers(run) != [first])
    assert supervisor.left_behind(run) == []


@on_linux
def test_a_killed_supervisor_takes_its_processes_along(data):
    run = data / "run"
    with supervisor.supervised(run, [SLEEPER]) as process:
        assert eventually(lambda: sleepers(run))
        process.kill()
        assert eventually(lambda: not sleepers(run), seconds=5)


def test_the_first_signal_stops_and_the_second_is_harmless():
    script = (
        "import os, signal\n"
        "from kb.management.commands.up import _stop_at_first_signal\n"
        "_stop_at_first_signal()\n"
        "try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "except KeyboardInterrupt: os.kill(os.getpid(), signal.SIGINT); raise SystemExit(7)\n"
    )
    setup = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'kb.settings'; import django; django.setup()\n"
    assert subprocess.run([sys.executable, "-c", setup + script], cwd=ROOT).returncode == 7


def test_demo_people_are_never_reachable_from_other_machines(data):
    with pytest.raises(Rejected, match=r"listens on 0\.0\.0\.0 only without them"):
        up.check_exposure("0.0.0.0", with_sample=True)  # noqa: S104
    up.check_exposure("0.0.0.0", with_sample=False)  # noqa: S104
    (data / up.SAMPLE_IS_IN).touch()
    with pytest.raises(Rejected):
        up.check_exposure("0.0.0.0", with_sample=False)  # noqa: S104


def test_the_introduction_names_the_people_their_password_and_what_to_ask():
    told = io.StringIO()
    up.Command(stdout=told).introduce_sample()
    assert PASSWORD in told.getvalue()
    assert all(f"  {name} " in told.getvalue() for name in ("alice", "bob", "charlie", "dana"))
    assert told.getvalue().count("\n  as ") == 3


def test_the_introduction_of_the_demonstration_says_where_it_keeps_what_it_gets(data):
    (data / up.SAMPLE_IS_IN).touch()
    told = io.StringIO()
    up.Command(stdout=told).introduce_demo_cloud(8124)
    assert f"127.0.0.1:8124; what it gets is kept in {data}/demo-cloud" in told.getvalue()
    assert "  as alice: What do we know about the lid leak" in told.getvalue()


def test_progress_counts_what_is_ready_and_what_failed(shelf: Collection, dana):
    document = Document.objects.create(title="Handbook", collection=shelf, owner=dana)
    for number, stage in enumerate(["ready", "failed", "queued"]):
        Version.objects.create(document=document, collection=shelf, sha256=str(number), size=1, stage=stage)
    assert up.progress() == "Reading the library: 1 of 3 documents ready, 1 failed"
