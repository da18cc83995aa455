"""A conversation → Markdown, as one person may read it: questions, answers, and numbered sources with their quotes."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kb.models import Answer, Conversation
from kb.portal.readings import Edited, Reading, Source


def as_markdown(thread: Conversation, readings: Sequence[Reading]) -> str:
    parts = [f"# {_line(thread.title)}", *(part for reading in readings for part in _exchange(reading))]
    return "\n\n".join(parts) + "\n"


def _exchange(reading: Reading) -> Iterator[str]:
    answer = reading.answer
    yield f"## {_line(answer.question.text)}"
    if reading.withheld:
        yield _("*This answer used a document that you may no longer see.*")
        return
    if answer.state != Answer.State.DONE:
        yield _("*This question was not answered.*")
        return
    if answer.understood_as:
        yield f"*{_('Understood as:')} {_line(answer.understood_as)}*"
    yield answer.text
    if reading.sources:
        yield f"**{_('Sources')}**"
        yield "\n".join(_source(source) for source in reading.sources)


def _source(source: Source) -> str:
    where = f", {pages}" if (pages := _pages(source)) else ""
    said = f"{source.marker}. {_line(source.title)}{where}: “{_line(source.quote)}”"
    return f"{said} ({_edited(source.edited)})" if source.edited else said


def _edited(edited: Edited) -> str:
    words = _("edited by %(person)s after it was quoted") if edited.since else _("edited by %(person)s")
    return words % {"person": edited.by}


def _pages(source: Source) -> str:
    first, last = source.first_page, source.last_page
    if first is None:
        return ""
    count = 1 if last is None else last - first + 1
    words = ngettext("page %(pages)s", "pages %(pages)s", count)
    return words % {"pages": first if count == 1 else f"{first}–{last}"}


def _line(text: str) -> str:
    """On one line, because a line break would end a heading or an item."""
    return " ".join(text.split())
