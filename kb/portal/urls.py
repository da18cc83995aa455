"""The addresses of the employees' pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from kb.portal import (
    asking,
    complaints,
    documents,
    feedback,
    health,
    library,
    notices,
    search,
    searches,
    signing,
    uploads,
)

urlpatterns = [
    path("", asking.ask, name="ask"),
    path("ask/preview", asking.preview, name="preview"),
    path("conversations/<uuid:pk>/", asking.conversation, name="conversation"),
    path("conversations/<uuid:pk>/preview", asking.preview, name="conversation-preview"),
    path("conversations/<uuid:pk>/delete/", asking.conversation_delete, name="conversation-delete"),
    path("answers/<uuid:pk>/", asking.answer, name="answer"),
    path("answers/<uuid:pk>/stream", asking.answer_stream, name="answer-stream"),
    path("answers/<uuid:pk>/feedback/", feedback.answer_feedback, name="answer-feedback"),
    path("answers/<uuid:pk>/feedback/<int:marker>/", feedback.citation_feedback, name="citation-feedback"),
    path("feedback/", complaints.complaints, name="complaints"),
    path("feedback/<int:pk>/resolve/", complaints.resolve, name="complaint-resolve"),
    path("library/", library.library, name="library"),
    path("search/", search.search, name="search"),
    path("search/recent/", searches.search_remember, name="search-remember"),
    path("search/recent/forget/", searches.search_forget, name="search-forget"),
    path("search/saved/", searches.search_save, name="search-save"),
    path("search/saved/<uuid:pk>/delete/", searches.search_delete, name="search-delete"),
    path("documents/<uuid:pk>/", documents.document, name="document"),
    path("documents/<uuid:pk>/stage/", documents.document_stage, name="document-stage"),
    path("documents/<uuid:pk>/file/", documents.document_file, name="document-file"),
    path("documents/<uuid:pk>/retry/", documents.document_retry, name="document-retry"),
    path("documents/<uuid:pk>/tags/", documents.document_tags, name="document-tags"),
    path("documents/<uuid:pk>/label/", documents.document_label, name="document-label"),
    path("documents/<uuid:pk>/delete/", documents.document_delete, name="document-delete"),
    path("upload/", uploads.upload_page, name="upload"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("sign-in/", signing.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("reveals/<uuid:pk>/seen/", notices.reveal_seen, name="reveal-seen"),
    path("theme/", signing.theme, name="theme"),
    path("healthz", health.healthz, name="healthz"),
]
