"""A conversation → Markdown, as one person may read it: questions, answers, and numbered sources with their quotes."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kb.models import Answer, Chunk, Citation, Conversation, Person
from kb.reading.cited import Edited, chunk_of, cited, edited


def as_markdown(thread: Conversation, person: Person) -> str:
    answers = Answer.objects.filter(question__conversation=thread).select_related("question")
    told = (part for answer in answers.order_by("question__created_at") for part in _exchange(answer, person))
    return "\n\n".join([f"# {_line(thread.title)}", *told]) + "\n"


def _exchange(answer: Answer, person: Person) -> Iterator[str]:
    yield f"## {_line(answer.question.text)}"
    if not answer.readable_by(person):
        yield _("*This answer used a document that you may no longer see.*")
        return
    if answer.state != Answer.State.DONE:
        yield _("*This question was not answered.*")
        return
    if answer.understood_as:
        yield f"*{_('Understood as:')} {_line(answer.understood_as)}*"
    yield answer.text
    if sources := [_source(citation) for citation in cited(answer, person)]:
        yield f"**{_('Sources')}**"
        yield "\n".join(sources)


def _source(citation: Citation) -> str:
    chunk = chunk_of(citation)
    where = f", {pages}" if (pages := _pages(chunk)) else ""
    said = f"{citation.marker}. {_line(chunk.version.document.title)}{where}: “{_line(citation.quote)}”"
    changed = edited(citation)
    return f"{said} ({_edited(changed)})" if changed else said


def _edited(edited: Edited) -> str:
    words = _("edited by %(person)s after it was quoted") if edited.since else _("edited by %(person)s")
    return words % {"person": edited.by}


def _pages(chunk: Chunk) -> str:
    first, last = chunk.first_page, chunk.last_page
    if first is None:
        return ""
    count = 1 if last is None else last - first + 1
    words = ngettext("page %(pages)s", "pages %(pages)s", count)
    return words % {"pages": first if count == 1 else f"{first}–{last}"}


def _line(text: str) -> str:
    """On one line, because a line break would end a heading or an item."""
    return " ".join(text.split())
