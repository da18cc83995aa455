"""The set-up: what it checks, what it says, and when it has nothing to do."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kb import bootstrap, environment
from kb.errors import Unavailable
from tests import debian

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with requirements and an environment that has nothing in it: a real one takes seconds to make."""
    for name in bootstrap.DEVELOPMENT:
        (tmp_path / name).write_text(f"# {name}\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "_make_environment", lambda python: None)
    bootstrap.VENV.mkdir()
    (bootstrap.VENV / "pyvenv.cfg").write_text("version = 3.11.7\n")
    return tmp_path


@pytest.fixture
def pip(monkeypatch):
    """Records pip's calls; those whose arguments hold an item of `refuses` fail."""
    calls: list[tuple[str, ...]] = []
    refuses: set[str] = set()

    def record(*arguments: str) -> subprocess.CompletedProcess[str]:
        calls.append(arguments)
        refused = bool(refuses & set(arguments))
        return subprocess.CompletedProcess(arguments, int(refused), "", "WARNING: w\nERROR: no such file\n")

    record.calls, record.refuses = calls, refuses  # type: ignore[attr-defined]
    monkeypatch.setattr(bootstrap, "_pip", record)
    return record


def test_it_installs_everything_once(project, pip, capsys):
    bootstrap.install()
    assert [call[0] for call in pip.calls] == list(bootstrap.PRODUCT)
    bootstrap.install()
    assert len(pip.calls) == 3
    assert capsys.readouterr().out.count("Installed.") == 1


def test_it_installs_again_when_a_requirement_changes(project, pip):
    bootstrap.install()
    (project / "requirements.txt").write_text("django==5.2.20\n")
    bootstrap.install()
    assert len(pip.calls) == 6


def test_an_interrupted_installation_is_taken_up_again(project, pip):
    pip.refuses.add("requirements-models.txt")
    with pytest.raises(Unavailable):
        bootstrap.install()
    pip.refuses.clear()
    bootstrap.install()
    assert [call[0] for call in pip.calls[3:]] == list(bootstrap.PRODUCT)


def test_torch_comes_from_the_cpu_index_when_pip_has_no_copy(project, pip):
    pip.refuses.add("--no-index")
    bootstrap.install(torch_index="https://example.com/cpu")
    assert pip.calls[1] == (bootstrap.TORCH, "--index-url", "https://example.com/cpu")


def test_a_failure_is_told_in_pips_own_words_without_its_warnings(project, pip):
    pip.refuses.add("requirements.txt")
    with pytest.raises(Unavailable, match=r"Installing requirements.txt failed") as caught:
        bootstrap.install()
    assert str(caught.value).endswith("ERROR: no such file")


def test_a_python_of_another_version_is_refused_with_what_to_do():
    with pytest.raises(Unavailable, match=r"needs Python 3\.11 .*make up PYTHON="):
        bootstrap.find_python("/bin/false")


def test_the_named_python_is_used():
    assert bootstrap.find_python(sys.executable) == sys.executable


def test_a_full_disk_is_told_before_anything_starts(tmp_path):
    with pytest.raises(Unavailable, match=r"1000000\.0 GB are needed"):
        bootstrap.check_space(tmp_path / "not" / "there" / "yet", 10**15)


def test_a_folder_that_cannot_be_written_is_named():
    with pytest.raises(Unavailable, match=r"/proc/self cannot be written"):
        bootstrap.check_writable(Path("/proc/self"))


def test_a_busy_port_is_told_with_another_to_try():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            Unavailable, match=rf"127\.0\.0\.1 port {port} \(Address already in use\).*PORT=8123"
        ):
            bootstrap.check_port("127.0.0.1", port)


def test_a_port_that_does_not_exist_is_refused():
    with pytest.raises(Unavailable, match="port 99999"):
        bootstrap.check_port("127.0.0.1", 99_999)


def test_as_a_command_it_fails_with_one_sentence(tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-c", "from kb import bootstrap; bootstrap.PYTHON = '2.1'; bootstrap.VENV = "
         f"__import__('pathlib').Path('{tmp_path}/venv'); bootstrap.main([])"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("Strongroom needs Python 2.1")
    assert "Traceback" not in outcome.stderr


def test_missing_programs_are_named_with_the_command_that_installs_them(monkeypatch):
    monkeypatch.setattr(debian, "as_root", lambda: None)
    monkeypatch.setattr(debian.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(Unavailable, match=r"sudo apt-get install --yes --no-install-recommends chromium$"):
        debian.install(["chromium"])


def test_nothing_is_installed_when_nothing_is_missing(monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(debian, "as_root", lambda: asked.append("root"))
    debian.install([])
    assert asked == []


def test_every_direct_dependency_has_a_line_that_says_why():
    explained = set(re.findall(r"^\| `([^`]+)`", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE))
    direct = {
        re.split(r"[=<>\[ ;\\]", line)[0]
        for name in (
            "requirements.in",
            "requirements-dev.in",
            "requirements-models.txt",
            "requirements-torch.txt",
        )
        for line in (ROOT / name).read_text().splitlines()
        if re.match(r"[A-Za-z]", line)
    }
    assert direct <= explained, f"not explained: {sorted(direct - explained)}"
    images = re.findall(r"image: ([\w/]+):v?\d", (ROOT / "compose.yaml").read_text())
    assert set(images) - {"strongroom"} <= explained


def test_every_setting_from_the_environment_is_documented():
    source = "".join(path.read_text() for path in (ROOT / "kb").rglob("*.py"))
    read = set(re.findall(r"\benv\.\w+\(\s*[\"'](\w+)[\"']", source))
    of_a_model = [
        *re.findall(r"\benv\.\w+\(f\"{prefix}_(\w+)\"", source),
        *(f"{wait.upper()}_SECONDS" for wait in environment.PATIENCE["cloud"]),
    ]
    read |= {f"STRONGROOM_LLM_{name}" for name in of_a_model}
    secrets = {f"STRONGROOM_{name.upper()}" for name in re.findall(r"\bsecret\(\"(\w+)\"", source)}
    explained = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
    assert read | secrets == explained
