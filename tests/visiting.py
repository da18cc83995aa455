"""Visiting the pages as somebody, and reading what comes back."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from inference.ask import pose
from kb.models import Answer, Citation, Document, Person

BACKEND = "kb.signin.backend.Backend"
CONTENT = b"Employees have 28 days of annual leave. Requests go to the line manager two weeks ahead."


def page_of(person: Person, address: str, **headers: str):
    return signed_in(person).get(address, headers=headers)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def text_of(response) -> str:
    return response.content.decode()


def make_answer(
    person: Person, document: Document, *, quote: str = "", text: str = "Second class. [1]"
) -> Answer:
    """A finished answer to this person that cites the document's first chunk."""
    answer = pose(person, "Which class do we travel?").answer
    chunk = document.current_version.chunks.get(ordinal=0)
    answer.text, answer.state, answer.found = text, Answer.State.DONE, True
    answer.sensitivity, answer.location, answer.drew_on_count = document.sensitivity, "on-premises", 1
    answer.save()
    answer.drew_on.add(document)
    Citation.objects.create(answer=answer, marker=1, chunk=chunk, quote=quote or chunk.text)
    return answer


def chat_of(answer: Answer) -> str:
    return answer.question.conversation.get_absolute_url()


def a_file(content: bytes = CONTENT, name: str = "leave.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
