"""Who can see a document, and why: for those who may change it, and for administrators who may open it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kb.models import Document
from kb.people.sharing import grants, shared_by
from kb.people.why import Explanation, concerned, explain
from kb.portal.forms import AskAboutForm
from kb.visitor import PersonRequest

PER_PAGE = 100


@login_required
@require_GET
def document_readers(request: PersonRequest, pk: UUID) -> HttpResponse:
    mine = Document.objects.open_to if request.user.administers else Document.objects.editable_by
    found = get_object_or_404(mine(request.user).select_related("collection", "owner"), pk=pk)
    page = Paginator(concerned(found), PER_PAGE).get_page(request.GET.get("page"))
    form = AskAboutForm(request.GET if "person" in request.GET else None)
    context = {
        "document": found,
        "grants": grants(found.collection),
        "may_share": shared_by(request.user).filter(pk=found.collection_id).exists(),
        "page": page,
        "explanations": list(explain(found, page)),
        "form": form,
        "asked": _asked(form, found),
    }
    return render(request, "portal/readers.html", context)


def _asked(form: AskAboutForm, document: Document) -> Explanation | None:
    """What holds for the person that was asked about. Of those whom nothing concerns not even the name is confirmed."""
    if not form.is_bound or not form.is_valid():
        return None
    person = concerned(document).filter(username=form.cleaned_data["person"]).first()
    if person is None:
        form.add_error(
            "person", _("Nobody with this user name comes into the collection, so he does not see it.")
        )
        return None
    [explanation] = explain(document, [person])
    return explanation
