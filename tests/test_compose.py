"""The server profile's files, as far as they can be judged without a container engine."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
STORES = {"postgres", "redis", "qdrant"}
PROCESSES = {"web", "worker", "beat"}
ONE_SHOT = {"prepare"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


def test_it_runs_the_portal_the_worker_beat_and_the_three_stores(services):
    assert set(services) == STORES | PROCESSES | ONE_SHOT


@pytest.mark.parametrize("name", sorted(STORES | PROCESSES))
def test_every_lasting_service_has_a_healthcheck_and_comes_back(services, name):
    assert services[name]["healthcheck"]["test"]
    assert services[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(STORES | PROCESSES | ONE_SHOT))
def test_every_container_is_read_only_and_without_privileges(services, name):
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_processes_wait_for_healthy_stores_and_a_migrated_database(services, name):
    conditions = {other: each["condition"] for other, each in services[name]["depends_on"].items()}
    assert conditions == dict.fromkeys(STORES, "service_healthy") | {
        "prepare": "service_completed_successfully"
    }


def test_only_the_portal_has_a_way_out_and_only_it_is_published(services, compose):
    assert compose["networks"]["inside"] == {"internal": True}
    assert [name for name, service in services.items() if service["networks"] != ["inside"]] == ["web"]
    assert [name for name, service in services.items() if "ports" in service] == ["web"]


def test_only_the_portal_knows_the_key_of_the_llm(services):
    knowing = [name for name, each in services.items() if "STRONGROOM_LLM_API_KEY" in each["environment"]]
    assert knowing == ["web"]


def test_no_secret_is_written_down_or_has_a_default(services):
    secret = re.compile(r"PASSWORD|SECRET|API_KEY|AUTH$")
    for service in services.values():
        for name, value in service["environment"].items():
            if secret.search(name) and not re.search("LLM|OIDC", name):  # Those may be left out.
                assert re.fullmatch(r"\$\{\w+:\?set it in \.env\}", value), name


def test_images_are_pinned(services):
    for name in STORES:
        assert re.fullmatch(r"[\w/]+:v?\d+\.\d+[\w.-]*", services[name]["image"])


def test_portal_and_worker_share_the_stored_files(services):
    assert services["web"]["volumes"] == services["worker"]["volumes"] == ["var:/var/lib/strongroom"]


def test_the_example_names_every_variable_that_compose_reads():
    read = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    named = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named == read


def test_the_image_runs_as_an_ordinary_user_and_holds_no_test_or_secret():
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()
    # Everything is left out that is not named.
    assert (ROOT / ".dockerignore").read_text().startswith("*\n")


def test_docker_itself_accepts_the_file(tmp_path):
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("docker compose is not installed")
    example = (ROOT / ".env.example").read_text()
    filled = tmp_path / "env"
    filled.write_text(re.sub(r"=$", "=filled", example, flags=re.MULTILINE))
    command = ["docker", "compose", "--env-file", str(filled), "config", "--quiet"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
