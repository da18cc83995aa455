"""Asking the question of an answer once more, of all that the documents hold that it is about."""

from inference.survey.begin import begin
from inference.survey.scope import documents_for, documents_of, needs_all
from kb.models import Answer, Leaving, Person, Survey


def ask_of_all(asked: Answer, person: Person) -> Survey:
    """A survey in the same conversation. Where the question names documents, these are read; else what was cited.

    Raises:
        Rejected: it is about no document, or too many.
        IndexUnavailable: the index could not be reached.
    """
    question = asked.question
    text = asked.understood_as or question.text
    documents = documents_for(text, person) if needs_all(text) else documents_of(asked, person)
    return begin(
        person,
        text,
        documents=documents,
        conversation=question.conversation,
        leaving=Leaving(question.leaving),
    )
