"""The file that a citation opens: who gets it, which part of it, and which version."""

import asyncio
from uuid import uuid4

import pytest
from django.http import HttpResponseBase
from django.test import AsyncClient
from django.urls import reverse

from ingestion.store import path_of
from kb.models import Collection, Document, Person, Sensitivity, Version
from kb.models.library import Stage
from kb.ranges import Span, Unsatisfiable, span_of
from kb.workers import POLICY
from tests.builders import make_chunk, make_collection, make_document, make_version
from tests.visiting import BACKEND, chat_of, make_answer, page_of, signed_in, text_of

CONTENT = b"%PDF-1.7 twenty bytes"


def a_pdf(shelf: Collection, owner: Person, **fields: object) -> Document:
    """A document whose file is a PDF of CONTENT's bytes."""
    document = make_document(shelf, owner=owner, **fields)
    document.versions.update(media_type="application/pdf", name="policy.pdf", size=len(CONTENT))
    for version in document.versions.all():
        path_of(version.sha256).parent.mkdir(exist_ok=True)
        path_of(version.sha256).write_bytes(CONTENT)
    document.refresh_from_db()
    return document


def superseded(document: Document, text: str) -> Version:
    """The version that was current; from now on the document's text is `text`."""
    earlier = document.current_version
    document.current_version = make_version(document, stage=Stage.READY)
    document.save()
    make_chunk(document.current_version, 0, text)
    return earlier


def sent(person: Person, address: str, **headers: str) -> tuple[HttpResponseBase, bytes]:
    async def fetched() -> tuple[HttpResponseBase, bytes]:
        client = AsyncClient()
        await client.aforce_login(person, backend=BACKEND)
        reply = await client.get(address, headers=headers)
        return reply, b"".join([part async for part in reply])

    return asyncio.run(fetched())


# --- Bytes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-3", Span(0, 4)),
        ("bytes=4-", Span(4, 10)),
        ("bytes=4-99", Span(4, 10)),
        ("bytes=-3", Span(7, 10)),
        ("bytes=-99", Span(0, 10)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-3", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(header: str, span: Span | None) -> None:
    assert span_of(header, 10) == span


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_sent(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        span_of(header, 10)


@pytest.mark.django_db(transaction=True)
def test_a_part_of_a_pdf_is_sent_and_never_shown_as_a_page(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana)
    address = reverse("document-file", args=[document.pk, document.current_version_id])
    reply, content = sent(alice, address, Range="bytes=1-3")
    assert (reply.status_code, content) == (206, b"PDF")
    assert {name: reply[name] for name in SENT} == SENT


SENT = {
    "Content-Type": "application/pdf",
    "Content-Range": "bytes 1-3/21",
    "Content-Length": "3",
    "Accept-Ranges": "bytes",
    "Content-Disposition": 'attachment; filename="policy.pdf"',
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def test_what_lies_behind_the_end_of_the_file_is_refused(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana)
    reply = page_of(alice, reverse("document-file", args=[document.pk]), Range="bytes=99-")
    assert (reply.status_code, reply["Content-Range"]) == (416, "bytes */21")


# --- Who ---------------------------------------------------------------------------------------------


def test_bytes_are_for_those_who_may_see_every_passage(
    alice: Person, bob: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana)
    make_chunk(document.current_version, 1, "The lawsuit.", sensitivity=Sensitivity.CONFIDENTIAL)
    version = document.current_version_id
    addresses = [reverse("document-file", args=args) for args in ([document.pk], [document.pk, version])]
    for address in addresses:
        replies = {person.username: page_of(person, address, Range="bytes=99-") for person in (alice, dana)}
        assert {name: reply.status_code for name, reply in replies.items()} == {"alice": 416, "dana": 416}
        nothing = page_of(bob, reverse("document-file", args=[uuid4()]))
        for person in (bob, charlie):
            reply = page_of(person, address, Range="bytes=99-")
            assert (reply.status_code, reply.content) == (404, nothing.content)


def test_where_a_part_is_hidden_the_text_is_read_instead_of_the_pages(
    alice: Person, bob: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana)
    make_chunk(document.current_version, 1, "The lawsuit.", sensitivity=Sensitivity.CONFIDENTIAL)
    citation = make_answer(bob, document).citations.get()
    address = reverse("original", args=[document.pk])
    assert "data-viewer" in text_of(page_of(alice, address))
    reply = page_of(bob, f"{address}?citation={citation.pk}")
    assert reply["Location"] == f"{document.get_absolute_url()}?citation={citation.pk}#quote"
    shown = text_of(page_of(bob, reply["Location"]))
    assert "Some parts are above your clearance" in shown
    assert ('<mark id="quote">Trains' in shown, "lawsuit" in shown) == (True, False)
    assert page_of(charlie, address).status_code == 404


def test_a_file_that_nobody_has_read_yet_is_its_owners(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, bob, stage=Stage.FAILED)
    address = reverse("document-file", args=[document.pk])
    replies = {person: page_of(person, address, Range="bytes=99-") for person in (alice, bob, dana)}
    assert [replies[person].status_code for person in (alice, bob, dana)] == [404, 416, 416]


def test_another_documents_version_is_the_same_as_none(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    open_to_alice, hidden = a_pdf(shelf, dana), a_pdf(make_collection("Board", readers=[dana]), dana)
    address = reverse("document-file", args=[open_to_alice.pk, hidden.current_version_id])
    assert page_of(alice, address).status_code == 404


# --- Where a citation leads --------------------------------------------------------------------------


def test_a_citation_opens_the_pages_of_a_pdf_and_the_text_of_all_else(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    pdf, note = make_answer(alice, a_pdf(shelf, dana)), make_answer(alice, make_document(shelf, owner=dana))
    for answer, name in ((pdf, "original"), (note, "document")):
        citation = answer.citations.get()
        page = reverse(name, args=[citation.chunk.version.document_id])
        assert f'href="{page}?citation={citation.pk}#quote"' in text_of(page_of(alice, chat_of(answer)))


def test_the_pages_open_with_the_quote_and_what_stands_before_it(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana, chunks=["Trains: second class. Ships: <first> class."])
    document.current_version.chunks.update(first_page=3, last_page=4)
    citation = make_answer(alice, document, quote="<first> class.").citations.get()
    address = f"{reverse('original', args=[document.pk])}?citation={citation.pk}"
    shown = text_of(page_of(alice, address))
    assert 'data-quote="&lt;first&gt; class."' in shown
    assert 'data-before="Trains: second class. Ships: "' in shown
    assert 'data-first="3" data-last="4"' in shown
    assert "first&gt;" not in text_of(page_of(bob, address))


def test_of_two_places_that_read_the_same_the_cited_one_is_marked(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, chunks=["Ships: first. Trains: first."])
    answer = make_answer(alice, document, quote="first.")
    answer.citations.update(start=22, end=28)
    shown = text_of(page_of(alice, f"{document.get_absolute_url()}?citation={answer.citations.get().pk}"))
    assert 'Ships: first. Trains: <mark id="quote">first.</mark>' in shown


def test_an_old_citation_opens_the_version_that_it_cites_and_says_so(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana)
    answer = make_answer(alice, document)
    earlier = superseded(document, "Trains are booked in first class.")
    citation = answer.citations.get()
    pages, text = (
        text_of(page_of(alice, f"{reverse(name, args=[document.pk])}?citation={citation.pk}"))
        for name in ("original", "document")
    )
    assert all("The document has a newer one by now" in page for page in (pages, text))
    assert reverse("document-file", args=[document.pk, earlier.pk]) in pages
    assert ("second class" in text, "first class" in text) == (True, False)
    assert f"?citation={citation.pk}#quote" in text_of(page_of(alice, chat_of(answer)))


def test_an_old_version_hides_what_the_current_one_would(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana)
    answer = make_answer(alice, document)
    make_chunk(document.current_version, 1, "The lawsuit.", sensitivity=Sensitivity.RESTRICTED)
    earlier = superseded(document, "Trains are booked in first class.")
    cited = f"?citation={answer.citations.get().pk}"
    assert "lawsuit" not in text_of(page_of(alice, document.get_absolute_url() + cited))
    assert page_of(alice, reverse("document-file", args=[document.pk, earlier.pk])).status_code == 404
    earlier.chunks.update(sensitivity=Sensitivity.RESTRICTED)
    assert "second class" not in text_of(page_of(alice, document.get_absolute_url() + cited))


def test_nothing_is_opened_of_a_version_that_was_never_published(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = a_pdf(shelf, dana)
    draft = make_version(document, stage=Stage.EMBEDDING)
    make_chunk(draft, 0, "Not yet.")
    answer = make_answer(alice, document)
    answer.citations.update(chunk=draft.chunks.get(), quote="Not yet.")
    cited = f"?citation={answer.citations.get().pk}"
    assert "Not yet." not in text_of(page_of(alice, document.get_absolute_url() + cited))
    assert page_of(alice, reverse("document-file", args=[document.pk, draft.pk])).status_code == 404


def test_the_worker_that_reads_pdfs_is_confined(alice: Person) -> None:
    reply = signed_in(alice).get("/static/vendor/pdfjs/pdf.worker.min.mjs")
    reply.close()
    assert (reply["Content-Security-Policy"], reply["Content-Type"].split(";")[0]) == (
        POLICY,
        "text/javascript",
    )
