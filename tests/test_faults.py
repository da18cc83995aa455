"""What dies comes back, and no document is lost, stuck or indexed twice by it."""

from contextlib import suppress
from uuid import UUID

import psutil
import pytest
import redis

from tests.stack import Site, eventually

pytestmark = [pytest.mark.services, pytest.mark.models, pytest.mark.timeout(600)]

SECTIONS = 24
"""Enough that every stage lasts for a moment."""


def handbook(name: str, *, sections: int = SECTIONS) -> bytes:
    """A text of which there is one for each name."""
    paragraph = (
        f"The {name} is inspected by two people, who write down what they find in the book of the hall. "
    )
    return "".join(f"# Hall {number}\n\n{paragraph * 6}\n\n" for number in range(sections)).encode()


def upload(site: Site, name: str, *, until: str) -> str:
    """A new document, caught in that stage."""
    document = site.upload(f"{name}.txt", handbook(name), sensitivity="INTERNAL")
    catch(site, document, until)
    return document


def catch(site: Site, document: str, stage: str) -> None:
    caught = eventually(lambda: site.stage(document) == stage, within=120, every=0.01)
    assert caught, f"It is {site.stage(document)} and not {stage}."


def end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def assert_whole(site: Site, document: str) -> None:
    """Ready, with each chunk once in SQL and once in the index."""
    status = site.settled(document)
    assert (status["stage"], status["failure"]) == ("ready", "")
    [[version]] = site.select("SELECT id FROM kb_version WHERE document_id = ?", UUID(document).hex)
    assert site.chunks(document) == status["chunks"] >= SECTIONS
    assert site.points()[version] == status["chunks"]


@pytest.mark.parametrize("stage", ["parsing", "embedding"])
def test_a_document_survives_the_death_of_the_process_that_reads_it(stage: str, empty_site: Site) -> None:
    document = upload(empty_site, f"pump-{stage}", until=stage)
    end(empty_site.readers(document))
    assert_whole(empty_site, document)
    assert empty_site.status(document)["attempts"] == 2


def test_a_document_survives_the_death_of_the_whole_worker(empty_site: Site) -> None:
    document = upload(empty_site, "boiler", until="embedding")
    end(empty_site.processes("worker"))
    assert_whole(empty_site, document)
    assert empty_site.status(document)["attempts"] == 2


def test_a_document_survives_the_death_of_everything(empty_site: Site) -> None:
    document = upload(empty_site, "chimney", until="embedding")
    empty_site.kill()
    empty_site.start()
    assert_whole(empty_site, document)


def test_a_document_survives_a_stop_and_a_start(empty_site: Site) -> None:
    document = upload(empty_site, "elevator", until="classifying")
    empty_site.stop()
    empty_site.start()
    assert_whole(empty_site, document)


def test_a_document_survives_the_death_of_the_index_owner(empty_site: Site) -> None:
    document = upload(empty_site, "conveyor", until="embedding")
    end(empty_site.processes("index"))
    assert_whole(empty_site, document)


def test_a_question_waits_for_an_index_owner_that_comes_back(empty_site: Site) -> None:
    end(empty_site.processes("index"))
    response = empty_site.ask("dana", "Who inspects the boiler?")
    assert response.status_code == 200
    assert "two people" in response.json()["answer"]


def test_a_question_without_an_index_owner_is_told_so(empty_site: Site) -> None:
    supervisor = empty_site.processes("index")[0].parent()
    supervisor.suspend()
    end(empty_site.processes("index"))
    response = empty_site.ask("dana", "Who inspects the boiler?")
    supervisor.resume()
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert "index" in response.json()["detail"]
    assert eventually(lambda: empty_site.ask("dana", "Who inspects the boiler?").status_code == 200)


def test_the_clock_of_the_reconciler_comes_back(empty_site: Site) -> None:
    [clock] = empty_site.processes("beat")
    clock.kill()
    assert eventually(lambda: empty_site.processes("beat") not in ([], [clock]))


def test_what_the_broker_forgot_or_never_got_is_sent_again(empty_site: Site) -> None:
    documents = [upload(empty_site, "lathe", until="classifying")]
    documents += [empty_site.upload(f"{name}.txt", handbook(name)) for name in ("drill", "press")]
    with redis.Redis(unix_socket_path=str(empty_site.run / "broker.sock")) as broker:
        broker.flushall()
    end(empty_site.processes("broker"))
    documents.append(empty_site.upload("crane.txt", handbook("crane")))
    for document in documents:
        assert_whole(empty_site, document)


def test_a_message_that_comes_twice_is_one_run(empty_site: Site) -> None:
    document = upload(empty_site, "furnace", until="classifying")
    [[version]] = empty_site.select("SELECT id FROM kb_version WHERE document_id = ?", UUID(document).hex)
    again = f"from ingestion.tasks import enqueue; enqueue('{version}'); enqueue('{version}')"
    assert empty_site.manage("shell", "--no-imports", "--command", again).returncode == 0
    assert_whole(empty_site, document)
    assert empty_site.status(document)["attempts"] == 1


def test_a_document_that_is_deleted_while_it_is_read_leaves_nothing(empty_site: Site) -> None:
    document = upload(empty_site, "kiln", until="embedding")
    [[version, sha256]] = empty_site.select(
        "SELECT id, sha256 FROM kb_version WHERE document_id = ?", UUID(document).hex
    )
    assert empty_site.as_("dana").delete(f"/documents/{document}").status_code == 204
    assert empty_site.as_("dana").get(f"/documents/{document}/status").status_code == 404
    file = empty_site.folder / "files" / sha256[:2] / sha256
    assert eventually(lambda: not file.exists(), within=120)
    assert eventually(lambda: version not in empty_site.points(), within=60)
    assert empty_site.select("SELECT count(*) FROM kb_chunk WHERE version_id = ?", version) == [(0,)]


def test_a_document_that_kills_its_reader_each_time_fails_and_can_be_retried(empty_site: Site) -> None:
    document = empty_site.upload("compressor.txt", handbook("compressor"))
    for _ in range(3):
        catch(empty_site, document, "parsing")
        catch(empty_site, document, "classifying")
        end(empty_site.readers(document))
    assert empty_site.settled(document)["stage"] == "failed"
    assert empty_site.status(document)["failure"].startswith(
        "The worker died 3 times while it was classifying."
    )
    assert empty_site.as_("dana").post(f"/documents/{document}/retry").status_code == 202
    assert_whole(empty_site, document)


def test_afterwards_everything_agrees(empty_site: Site) -> None:
    def agrees() -> bool:
        return empty_site.manage("reconcile", "--check").returncode == 0

    assert eventually(agrees, within=90, every=2), empty_site.manage("reconcile", "--check").stdout
