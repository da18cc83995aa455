"""The stand-in for a provider: it quotes what it got, says what it is, and keeps every byte."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.backends.fake import Scripted
from inference.backends.litellm import Chat
from inference.prompts import answer_prompt
from inference.protocols import Prompt, Shown
from kb.demo_cloud import HOST, LABEL, DemoCloud, answer_to, written_by
from kb.errors import ModelUnavailable
from tests.builders import unnoticed

SHOWN = [
    Shown(1, "Canteen", "The canteen opens at noon."),
    Shown(2, "Leave", "Requests go to the line manager. Everybody has 30 days of leave."),
    Shown(3, "Leave", "Ten days of leave may be carried over. Nobody has to ask."),
]


def prompt(question: str) -> Prompt:
    return answer_prompt(question, SHOWN, [])


def model_behind(cloud: DemoCloud) -> Chat:
    return Chat("openai/demonstration", base_url=f"http://{HOST}:{cloud.server_port}/v1", api_key="none")


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[DemoCloud]:
    with DemoCloud(0, tmp_path) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_it_quotes_the_two_best_sources_and_says_what_it_is() -> None:
    answer = answer_to(prompt("How many days of leave does everybody have?").user)
    assert answer == (
        f"Everybody has 30 days of leave. [2] Ten days of leave may be carried over. [3] {LABEL}"
    )


def test_it_names_no_source_where_none_speaks_of_it() -> None:
    assert answer_to(prompt("Zeppelin?").user) == f"The sources do not say. {LABEL}"


def test_it_speaks_as_a_provider_does_and_keeps_what_it_got(cloud: DemoCloud, tmp_path: Path) -> None:
    model = model_behind(cloud)
    asked = prompt("How many days of leave does everybody have?")
    sent: list[bytes] = []
    answer = "".join(model.generate(asked, max_tokens=50, before_sending=sent.append))
    assert answer == answer_to(asked.user)
    assert (tmp_path / "000001.json").read_bytes() == sent[0]
    assert [each["content"] for each in json.loads(sent[0])["messages"]] == [asked.system, asked.user]


def test_a_real_model_may_answer_in_its_place(cloud: DemoCloud) -> None:
    cloud.answerer = written_by(Scripted("Thirty days [2]."))
    asked = prompt("How many days of leave does everybody have?")
    assert (
        "".join(model_behind(cloud).generate(asked, max_tokens=50, before_sending=unnoticed))
        == "Thirty days [2]."
    )


def test_a_model_that_fails_behind_it_breaks_the_answer_off(cloud: DemoCloud) -> None:
    cloud.answerer = written_by(Scripted(failure="It has no weights."))
    with pytest.raises(ModelUnavailable, match=r"openai/demonstration"):
        list(model_behind(cloud).generate(prompt("Leave?"), max_tokens=50, before_sending=unnoticed))


def test_what_an_earlier_run_kept_stays(cloud: DemoCloud, tmp_path: Path) -> None:
    cloud.keep(b"{}")
    with DemoCloud(0, tmp_path) as later:
        later.keep(b"[]")
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.json"))] == [b"{}", b"[]"]
