"""Until when a document is valid, as its editors say."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ingestion.validity import set_validity
from kb.models import Document
from kb.visitor import PersonRequest


class ValidityForm(forms.Form):
    """The last day; an empty one takes it away."""

    until = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Write the day like 2027-01-31.")},
    )


@login_required
@require_POST
def document_validity(request: PersonRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    form = ValidityForm(request.POST)
    if form.is_valid():
        set_validity(found, request.user, form.cleaned_data["until"])
        messages.success(request, _("It was saved until when the document is valid."))
    else:
        messages.error(request, str(form.errors["until"][0]))
    return redirect(found)
