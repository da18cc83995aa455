"""The main job on a running Strongroom: the sample library, as a newcomer gets it."""

import pytest

from kb.sample import PASSWORD
from kb.sample.library import load_library
from tests.stack import Site

pytestmark = [pytest.mark.services, pytest.mark.models]


def test_a_newcomer_is_told_where_to_go_and_whom_to_be(site: Site) -> None:
    assert f"Strongroom is ready at {site.url}" in site.said()
    assert f"(password: {PASSWORD})" in site.said()


def test_the_whole_sample_library_is_ready(site: Site) -> None:
    documents = site.as_("dana").get("/documents", params={"limit": 200}).json()["items"]
    stages = {document["name"]: (document["stage"], document["failure"]) for document in documents}
    sample = {entry.file: stages[entry.file] for entry in load_library().documents}
    assert sample == dict.fromkeys(sample, ("ready", ""))


def test_sql_files_and_index_agree(site: Site) -> None:
    checked = site.manage("reconcile", "--check")
    assert (checked.returncode, checked.stdout) == (0, "SQL, the stored files and the index agree.\n")


def test_an_answer_is_cited_and_accounted_for(site: Site) -> None:
    reply = site.ask("bob", "Which torque applies to the lid bolts of the CB-300?").json()
    assert "110 Nm" in reply["answer"]
    assert "Castell CB Maintenance Manual" in {citation["title"] for citation in reply["citations"]}
    assert [(row["location"], row["decision"]) for row in reply["ledger"]] == [("on-premises", "send")]


def test_nothing_has_left_the_building(site: Site) -> None:
    site.ask("bob", "How often do I have to change the gear oil of a Castell filter?")
    assert site.select("SELECT DISTINCT location FROM kb_modelcall") == [("on-premises",)]
    verified = site.manage("ledger", "--verify")
    assert (verified.returncode, verified.stderr) == (0, "")
