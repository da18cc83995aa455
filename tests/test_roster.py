"""Lists of people: what they add and change, and what is refused with a sentence."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from kb.errors import Rejected
from kb.models import Event, Person, Sensitivity
from kb.people.roster import take, tried
from tests.visiting import signed_in, text_of

LIST = """\
username,first name,last name,groups,clearance
frank,Frank,Sommer,Board;Works,confidential
alice,Alice,Winter,,
bob,,,,
Dana,,,,
a b,,,,
grace,,,Nowhere,
heidi,,,,secret
ivan,,,,RESTRICTED
frank,,,,
"""


@pytest.fixture(autouse=True)
def _groups(dana: Person) -> None:
    Group.objects.bulk_create(Group(name=name) for name in ("Board", "Works"))
    Person.objects.filter(pk=dana.pk).update(clearance=Sensitivity.CONFIDENTIAL)
    dana.refresh_from_db()


def outcomes(told) -> list[tuple[str, str, str]]:
    return [(each.username, each.outcome.value, each.reason.split(".")[0]) for each in told]


def test_each_row_is_added_changed_or_refused_with_a_sentence(
    alice: Person, bob: Person, dana: Person
) -> None:
    assert outcomes(take(LIST, dana)) == [
        ("frank", "added", ""),
        ("alice", "changed", ""),
        ("bob", "unchanged", ""),
        ("Dana", "refused", "There is a person with the user name “dana” already"),
        ("a b", "refused", "A user name has letters, digits and @ "),
        ("grace", "refused", "There is no group “Nowhere”"),
        ("heidi", "refused", "There is no clearance “secret”"),
        ("ivan", "refused", "Restricted is above your own clearance"),
        ("frank", "refused", "The list has this user name twice"),
    ]
    frank = Person.objects.get(username="frank")
    assert (str(frank), frank.clearance, frank.is_staff) == ("Frank Sommer", Sensitivity.CONFIDENTIAL, False)
    assert [group.name for group in frank.groups.order_by("name")] == ["Board", "Works"]
    assert not frank.has_usable_password()


def test_what_is_not_said_stays(alice: Person, dana: Person) -> None:
    before = (alice.clearance, list(alice.groups.all()), alice.email)
    take("username;last name\nalice;Winter\n", dana)
    alice.refresh_from_db()
    assert (alice.last_name, (alice.clearance, list(alice.groups.all()), alice.email)) == ("Winter", before)


def test_a_trial_tells_the_same_and_keeps_nothing(alice: Person, bob: Person, dana: Person) -> None:
    told = tried(LIST, dana)
    assert not Person.objects.filter(username="frank").exists()
    assert not Event.objects.exists()
    assert told == take(LIST, dana)


def test_nobody_who_does_not_administer_adds_anybody(alice: Person) -> None:
    assert {each.outcome.value for each in take("username\nfrank\n", alice)} == {"refused"}


@pytest.mark.parametrize("text", ["", "name,groups\nfrank,Board\n", "username,salary\nfrank,3\n"])
def test_a_list_whose_columns_are_others_is_refused_whole(text: str, dana: Person) -> None:
    with pytest.raises(Rejected, match="Its first row must name the columns"):
        take(text, dana)


def test_the_command_changes_nothing_without_being_told(dana: Person, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("username\nfrank\n", "utf-8-sig")
    for options, there in (([], False), (["--apply"], True)):
        out = StringIO()
        call_command("people", "import", str(tmp_path / "people.csv"), "--as", "dana", *options, stdout=out)
        assert "1 added, 0 changed, 0 unchanged, 0 refused." in out.getvalue()
        assert Person.objects.filter(username="frank").exists() == there


def test_the_page_shows_first_and_adds_then(dana: Person) -> None:
    address = reverse("people-import")
    file = SimpleUploadedFile("people.csv", b"username;last name\r\nfrank;Sommer\r\n")
    shown = signed_in(dana).post(address, {"file": file})
    assert ("frank" in text_of(shown), Person.objects.filter(username="frank").exists()) == (True, False)
    text = shown.context["form"].cleaned_data["text"]
    assert signed_in(dana).post(address, {"text": text, "apply": "1"})["Location"] == reverse("people")
    assert Person.objects.get(username="frank").last_name == "Sommer"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose a file."),
        ({"file": SimpleUploadedFile("a.csv", b"username\n\xff")}, "The file is not in UTF-8."),
        ({"text": "name\nfrank\n"}, "Its first row must name the columns"),
    ],
)
def test_the_page_refuses_what_is_no_list(sent: dict[str, object], sentence: str, dana: Person) -> None:
    refused = signed_in(dana).post(reverse("people-import"), sent)
    assert (refused.status_code, sentence in text_of(refused)) == (422, True)
