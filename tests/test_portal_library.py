"""The library and a document."""

import asyncio

import pytest
from django.test import AsyncClient
from django.urls import reverse
from pytest_django.fixtures import Settings

from inference import registry
from inference.retrieve import chunk_index
from kb.models import Collection, Document, Person, Sensitivity
from kb.models.library import Stage
from tests.builders import make_chunk, make_collection, make_document
from tests.visiting import BACKEND, CONTENT, a_file, chat_of, make_answer, page_of, signed_in, text_of

# --- The library -------------------------------------------------------------------------------------


def test_the_empty_library_says_what_it_is_for(charlie: Person, dana: Person, shelf: Collection) -> None:
    assert "Ask an administrator" in text_of(page_of(charlie, reverse("library")))
    assert reverse("upload") in text_of(page_of(dana, reverse("library")))


def test_a_search_without_models_still_finds_titles_and_says_so(
    fake_models: Settings, alice: Person, dana: Person, shelf: Collection
) -> None:
    gone = {"BACKEND": "tests.fakes.Away", "LOCATION": "on-premises"}
    fake_models.MODELS = {**fake_models.MODELS, "embedder": gone}
    registry.forget()
    chunk_index.cache_clear()
    make_document(shelf, owner=dana, title="Travel policy")
    make_document(shelf, owner=dana, title="Lunch menu")
    reply = page_of(alice, f"{reverse('library')}?q=travel")
    assert [document.title for document in reply.context["page"]] == ["Travel policy"]
    assert "Found by words only" in text_of(reply)


@pytest.mark.parametrize(
    "query", ["collection=x", "sensitivity=99", "page=999", "category=-1", "q=%00", "collection=" + "9" * 30]
)
def test_a_made_up_address_of_the_library_is_harmless(
    query: str, alice: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana)
    assert page_of(alice, f"{reverse('library')}?{query}").status_code == 200


def test_the_address_is_the_state_of_the_facets(alice: Person, dana: Person, shelf: Collection) -> None:
    other = make_collection("Other", readers=[alice])
    make_document(shelf, owner=dana, title="Here")
    make_document(other, owner=dana, title="There")
    reply = page_of(alice, f"{reverse('library')}?collection={other.pk}")
    assert [document.title for document in reply.context["page"]] == ["There"]
    here = reply.context["facets"][0].choices[0]
    assert (here.name, here.count, here.query) == ("Handbook", 1, f"?collection={shelf.pk}")


# --- A document --------------------------------------------------------------------------------------


def test_a_citation_opens_the_document_with_the_quote_marked(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, chunks=["Trains are booked in <second> class. Always."])
    answer = make_answer(alice, document, quote="booked in <second> class.")
    address = f"{document.get_absolute_url()}?citation={answer.citations.get().pk}"
    assert 'Trains are <mark id="quote">booked in &lt;second&gt; class.</mark> Always.' in text_of(
        page_of(alice, address)
    )


def test_another_persons_citation_marks_nothing(alice: Person, dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    answer = make_answer(alice, document)
    reply = page_of(dana, f"{document.get_absolute_url()}?citation={answer.citations.get().pk}")
    assert (reply.status_code, "<mark>" in text_of(reply)) == (200, False)


def test_a_citation_far_down_opens_the_page_that_it_is_on(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, chunks=[f"Clause {number}." for number in range(130)])
    reply = page_of(alice, f"{document.get_absolute_url()}?chunk=125")
    assert reply.context["page"].number == 3
    assert 'id="chunk-125"' in text_of(reply)


def test_parts_above_the_clearance_take_summary_and_file_with_them(
    bob: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    version = document.current_version
    make_chunk(version, 1, "The board plans to sell.", sensitivity=Sensitivity.RESTRICTED)
    version.summary = "Trains, and a sale."
    version.save()
    page, library = (
        text_of(page_of(bob, address)) for address in (document.get_absolute_url(), reverse("library"))
    )
    assert "Trains are booked" in page
    assert all(secret not in page + library for secret in ("plans to sell", "and a sale"))
    assert page_of(bob, reverse("document-file", args=[document.pk])).status_code == 404


def test_a_failed_document_says_why_and_can_be_tried_again(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, stage=Stage.FAILED)
    document.versions.update(failure="“a.pdf” is encrypted.")
    shown = {
        person.username: text_of(page_of(person, document.get_absolute_url())) for person in (alice, dana)
    }
    assert all("“a.pdf” is encrypted." in page for page in shown.values())
    assert ["Try again" in page for page in shown.values()] == [False, True]
    signed_in(dana).post(reverse("document-retry", args=[document.pk]))
    assert document.versions.get().stage == Stage.QUEUED


def test_the_stage_asks_again_until_it_is_settled(alice: Person, dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana, stage=Stage.EMBEDDING)
    address = reverse("document-stage", args=[document.pk])
    reply = page_of(alice, address, HX_Request="true")
    assert ("step 5 of 7" in text_of(reply), "hx-trigger" in text_of(reply)) == (True, True)
    document.versions.update(stage=Stage.READY)
    assert signed_in(alice).get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


@pytest.mark.django_db(transaction=True)
def test_a_download_is_the_original_as_an_attachment(dana: Person, shelf: Collection) -> None:
    signed_in(dana).post(
        reverse("upload"), {"collection": shelf.pk, "sensitivity": "20", "documents": a_file()}
    )
    document = Document.objects.get()

    async def download() -> tuple[str, str, bytes]:
        client = AsyncClient()
        await client.aforce_login(dana, backend=BACKEND)
        reply = await client.get(reverse("document-file", args=[document.pk]))
        return (
            reply["Content-Disposition"],
            reply["X-Content-Type-Options"],
            b"".join([part async for part in reply]),
        )

    assert asyncio.run(download()) == ('attachment; filename="leave.txt"', "nosniff", CONTENT)


def test_a_deleted_document_is_gone_and_answers_say_so(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    answer = make_answer(alice, document)
    signed_in(dana).post(reverse("document-delete", args=[document.pk]))
    assert page_of(alice, document.get_absolute_url()).status_code == 404
    page = text_of(page_of(alice, chat_of(answer)))
    assert "used a document that you may no longer see" in page
    assert all(hidden not in page for hidden in ("Second class", document.title))
