"""What an address or a body names, as far as the caller may know of it."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja.errors import HttpError

from kb.api.auth import Request
from kb.models import Collection, Document, Person, Version


def visible(request: Request, document_id: UUID) -> Document:
    return get_object_or_404(Document.objects.visible_to(request.auth), pk=document_id)


def editable(request: Request, document_id: UUID) -> Document:
    """For what only those who may change the document come to know."""
    return get_object_or_404(Document.objects.editable_by(request.auth), pk=document_id)


def latest(document: Document) -> Version:
    if document.latest is None:
        raise Http404
    return document.latest


def collection_named(request: Request, name: str) -> Collection:
    found = Collection.objects.readable_by(request.auth).filter(name=name).first()
    if found is None:
        raise HttpError(
            404, "There is no such collection, or none that you may see. GET /collections lists yours."
        )
    return found


def editor_named(collection: Collection, username: str) -> Person:
    """One of those who may change the collection: of anybody else not even the name is confirmed."""
    mine = Collection.objects.filter(pk=collection.pk)
    found = mine.editors().filter(username=username).first()
    if found is None:
        raise HttpError(
            404, f"Nobody with this user name may change “{collection}”. Choose an owner who may."
        )
    return found
