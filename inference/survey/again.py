"""Reading all of what somebody has before him: the documents that an answer is about, or one document."""

from django.utils.translation import gettext as _

from inference.survey.begin import begin
from inference.survey.scope import documents_for, documents_of, needs_all
from kb.models import Answer, Document, Leaving, Person, Survey


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


def summarise(document: Document, person: Person) -> Survey:
    """A survey in a new conversation that sums up all of the document that the person may see, section by section.

    Raises:
        Rejected: the document is too long.
        BudgetSpent: the person has used up what he may.
    """
    text = _("Summarise “%(title)s”.") % {"title": document.title}
    return begin(person, text, documents=[document])
