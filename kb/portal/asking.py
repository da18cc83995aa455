"""Asking, and reading what was answered."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inference import registry
from inference.ask import ask as answer_question
from inference.ask import pose
from inference.ask import preview as look_ahead
from kb.errors import BudgetSpent, Rejected
from kb.hung_up import while_listening
from kb.models import Answer, Conversation, Document, Person, Question, Survey
from kb.portal.conversations import former_title
from kb.portal.examples import example_questions
from kb.portal.expecting import expected
from kb.portal.forms import QuestionForm
from kb.portal.keeping import keeping, kept_in
from kb.portal.previews import previewed
from kb.portal.readings import read, readings
from kb.portal.stream import follow
from kb.portal.writing import write
from kb.sse import event_stream
from kb.visitor import PersonRequest

RECENT = 6
"""Conversations that the home page lists."""


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: PersonRequest) -> HttpResponse:
    # Without a POST, `q` is what the field begins with.
    sent = request.POST if request.method == "POST" else None
    form = QuestionForm(sent, initial={"text": request.GET.get("q", "")})
    if request.method == "POST" and (question := _posed(request, form)):
        return redirect(question.conversation)
    mine = Conversation.objects.visible_to(request.user)
    context = {
        "form": form,
        "outside": registry.is_outside("llm"),
        "kept": kept_in(),
        "expected": expected(),
        "recent": mine[:RECENT],
        "shared": Conversation.objects.shared_with(request.user).exists(),
        "examples": example_questions(request.user),
        "documents": Document.objects.visible_to(request.user).count(),
    }
    return render(request, "portal/ask.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def conversation(request: PersonRequest, pk: UUID) -> HttpResponse:
    thread = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (question := _posed(request, form, thread)):
        return redirect(f"{thread.get_absolute_url()}#answer-{question.answer.pk}")
    context = {
        "conversation": thread,
        "form": form,
        "former": former_title(request, thread),
        "readings": readings(thread, request.user),
        **keeping(thread),
    }
    return render(request, "portal/conversation.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def preview(request: PersonRequest, pk: UUID | None = None) -> HttpResponse:
    """What would be sent for the question, a follow-up where `pk` names a conversation. Keeps and sends nothing."""
    thread = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk) if pk else None
    form = QuestionForm(request.POST)
    form.is_valid()
    text, leaving = form.cleaned_data["text"], form.leaving
    context: dict[str, object] = {"form": form, "conversation": thread}
    try:
        planned = look_ahead(request.user, text, conversation=thread, leaving=leaving)
    except Rejected as error:
        form.add_error("text", str(error))
    else:
        context["preview"] = previewed(planned)
    template = "portal/_preview.html" if request.htmx else "portal/preview.html"
    return render(request, template, context)


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One answer as a fragment. POST has it written once more, or at all for those without script.

    With `leaving` = “never” the question stays in the building from then on.
    """
    asked = _answer_of(request.user, pk)
    if request.method == "POST":
        if request.POST.get("leaving") == "never":
            asked.question.keep_in()
        asked.reopen()
        if not request.htmx:
            _write(request, asked.question)
            return _back_to(asked)
    return render(request, "portal/_answer.html", {"reading": read(asked, request.user)})


@login_required
@require_POST
def answer_stop(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Stops the model. Whoever follows the answer is told when that is done."""
    asked = _answer_of(request.user, pk)
    asked.stop()
    return HttpResponse(status=204) if request.htmx else _back_to(asked)


@login_required
@never_cache
@require_GET
def answer_stream(request: PersonRequest, pk: UUID) -> HttpResponseBase:
    question = _answer_of(request.user, pk).question
    return event_stream(follow(question, request.user, request))


def _back_to(answer: Answer) -> HttpResponse:
    return redirect(f"{answer.question.conversation.get_absolute_url()}#answer-{answer.pk}")


def _posed(request: PersonRequest, form: QuestionForm, thread: Conversation | None = None) -> Question | None:
    """The question as a row, or None with the reason in the form. Answers it, unless the page follows it."""
    form.is_valid()
    try:
        question = pose(request.user, form.cleaned_data["text"], conversation=thread, leaving=form.leaving)
    except (Rejected, BudgetSpent) as error:
        form.add_error("text", str(error))
        return None
    if not form.cleaned_data["follow"]:
        _write(request, question)
    return question


def _write(request: PersonRequest, question: Question) -> None:
    """For those without script, while they wait for the page. What many documents are read for is the workers'."""
    if Survey.objects.filter(answer__question=question).exists():
        write(question)
        return
    for _event in while_listening(request, answer_question(question)):
        pass  # Each step is recorded as it is taken.


def _answer_of(person: Person, pk: UUID) -> Answer:
    mine = Answer.objects.filter(question__conversation__in=Conversation.objects.visible_to(person))
    return get_object_or_404(mine.select_related("question__conversation__person"), pk=pk)
