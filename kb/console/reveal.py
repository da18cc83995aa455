"""The door to a document that an administrator may not read: by its address, with a reason."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ingestion.reveal import reveal as break_glass
from kb.console.access import administrators_only
from kb.console.forms import RevealForm
from kb.errors import Rejected
from kb.models import Reveal
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def reveal(request: PersonRequest) -> HttpResponse:
    """Lists what is open to this person now; POST opens one more."""
    form = RevealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = break_glass(
                form.cleaned_data["document"], request.user, reason=form.cleaned_data["reason"]
            )
        except Rejected as error:
            form.add_error(None, str(error))
        else:
            return redirect(opened.document)
    running = Reveal.objects.open_to(request.user).select_related("document")
    return render(request, "console/reveal.html", {"form": form, "running": running})
