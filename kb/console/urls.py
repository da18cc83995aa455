"""The addresses of the administrators' pages."""

from django.urls import path

from kb.console import (
    boundary,
    categories,
    confirmed,
    gaps,
    ledger,
    ledger_export,
    quality,
    reveal,
    review,
    routes,
    shelves,
    suspicious,
)

urlpatterns = [
    path("review/", review.review, name="review"),
    path("review/passages/", review.review_passages, name="review-passages"),
    path("review/suspicious/", suspicious.suspicious, name="review-suspicious"),
    path("review/undo/", review.review_undo, name="review-undo"),
    path("collections/", shelves.shelves, name="shelves"),
    path("collections/<int:pk>/", shelves.shelf_rules, name="shelf-rules"),
    path("reveal/", reveal.reveal, name="reveal"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("boundary/", boundary.boundary, name="boundary"),
    path("routes/", routes.routes, name="routes"),
    path("ledger/export.csv", ledger_export.ledger_csv, name="ledger-csv"),
    path("ledger/export.jsonl", ledger_export.ledger_json_lines, name="ledger-json-lines"),
    path("ledger/<int:sequence>/payload/", ledger.payload, name="ledger-payload"),
    path("categories/", categories.categories, name="categories"),
    path("categories/<int:pk>/", categories.category, name="category"),
    path("categories/<int:pk>/delete/", categories.category_delete, name="category-delete"),
    path("quality/", quality.quality, name="quality"),
    path("quality/golden-questions.csv", quality.golden_template, name="golden-template"),
    path("quality/confirmed/", confirmed.confirmed, name="confirmed"),
    path("quality/gaps/", gaps.gaps_report, name="gaps"),
    path("quality/gaps.csv", gaps.gaps_csv, name="gaps-csv"),
    path("quality/<uuid:pk>/questions/", confirmed.golden_add, name="golden-add"),
    path("quality/<uuid:pk>/runs/<uuid:run>/accept/", quality.run_accept, name="run-accept"),
    path("quality/<uuid:pk>/", quality.golden_set, name="golden-set"),
    path("quality/<uuid:pk>/runs/", quality.golden_runs, name="golden-runs"),
    path("quality/<uuid:pk>/delete/", quality.golden_delete, name="golden-delete"),
]
