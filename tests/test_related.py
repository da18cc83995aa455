"""What a document's page says of others: only what its reader may see."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import strip_tags

from kb.models import Collection, Container, Document, Likeness, Person, Sensitivity, Version
from tests.builders import make_document, make_version
from tests.visiting import page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr("ingestion.sources.versions.enqueue", lambda version_id: None)


def text_of(response: HttpResponse) -> str:
    """The page's words."""
    return " ".join(strip_tags(response.content.decode()).split())


def like(later: Document, earlier: Document, **fields: object) -> Likeness:
    return Likeness.objects.create(
        version=later.versions.get(),
        like=earlier.versions.get(),
        signature=b"",
        **{"share": 0.95, "asks": True, **fields},
    )


def test_a_mail_lists_its_attachments_and_each_names_its_mail(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    mail = make_document(shelf, owner=dana, title="About the lease")
    Container.objects.create(
        mail=mail,
        kind="eml",
        collection=shelf,
        person=dana,
        state="opened",
        left_out=[["a.mp3", "It is mp3."]],
    )
    lease = make_document(shelf, owner=dana, title="Lease")
    secret = make_document(shelf, owner=dana, title="Secret price", sensitivity=Sensitivity.RESTRICTED)
    Document.objects.filter(pk__in=[lease.pk, secret.pk]).update(parent=mail)
    page = text_of(page_of(alice, mail.get_absolute_url()))
    assert "Lease" in page and "a.mp3 It is mp3." in page and "Secret price" not in page
    assert "About the lease" in text_of(page_of(alice, lease.get_absolute_url()))
    Document.objects.filter(pk=mail.pk).update(sensitivity=Sensitivity.RESTRICTED)
    assert "About the lease" not in text_of(page_of(alice, lease.get_absolute_url()))


def test_what_is_nearly_the_same_is_told_on_both_pages(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    first, second = (make_document(shelf, owner=dana, title=title) for title in ("Policy", "Policy copy"))
    like(second, first)
    assert "nearly the same as that of Policy copy" in text_of(page_of(alice, first.get_absolute_url()))
    Document.objects.filter(pk=second.pk).update(sensitivity=Sensitivity.RESTRICTED)
    assert "nearly the same" not in text_of(page_of(alice, first.get_absolute_url()))


def test_an_editor_answers_with_one_click_and_takes_it_back(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    first, second = (make_document(shelf, owner=dana, title=title) for title in ("Policy", "Policy v2"))
    like(second, first, share=0.7)
    assert "Is this a new version" not in text_of(page_of(alice, second.get_absolute_url()))
    assert "Is this a new version of Policy?" in text_of(page_of(dana, second.get_absolute_url()))
    client = signed_in(dana)
    reply = client.post(reverse("likeness-answer", args=[second.pk]), {"answer": "yes"})
    assert reply["Location"] == first.get_absolute_url()
    assert list(Document.objects.live()) == [first]
    joined = Version.objects.get(likeness__answer="yes")
    Version.objects.filter(pk=joined.pk).update(stage="ready")
    Document.objects.filter(pk=first.pk).update(current_version=joined)
    assert "Take this back" in text_of(page_of(dana, first.get_absolute_url()))
    client.post(reverse("likeness-take-back", args=[first.pk]))
    assert set(Document.objects.live()) == {first, second}


def test_an_earlier_version_is_a_download_for_those_who_may_see_all(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    old = make_version(document, stage="ready")
    address = reverse("document-file", args=[document.pk, old.pk])
    assert address in page_of(alice, document.get_absolute_url()).content.decode()


def test_an_editor_uploads_a_new_version(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    file = SimpleUploadedFile("policy.txt", b"Trains are booked in first class.")
    reply = signed_in(dana).post(reverse("document-revise", args=[document.pk]), {"file": file}, follow=True)
    assert "The new version is being read" in text_of(reply)
    assert document.versions.filter(stage="queued", name="policy.txt").exists()
    again = SimpleUploadedFile("policy.txt", b"Trains are booked in first class.")
    reply = signed_in(dana).post(reverse("document-revise", args=[document.pk]), {"file": again}, follow=True)
    assert "has this very file already" in text_of(reply)
