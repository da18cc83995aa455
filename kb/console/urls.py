"""The addresses of the administrators' pages."""

from django.urls import path

from kb.console import boundary, categories, ledger, quality, routes

urlpatterns = [
    path("ledger/", ledger.ledger, name="ledger"),
    path("boundary/", boundary.boundary, name="boundary"),
    path("routes/", routes.routes, name="routes"),
    path("categories/", categories.categories, name="categories"),
    path("categories/<int:pk>/", categories.category, name="category"),
    path("categories/<int:pk>/delete/", categories.category_delete, name="category-delete"),
    path("quality/", quality.quality, name="quality"),
    path("quality/golden-questions.csv", quality.golden_template, name="golden-template"),
    path("quality/<uuid:pk>/", quality.golden_set, name="golden-set"),
    path("quality/<uuid:pk>/runs/", quality.golden_runs, name="golden-runs"),
    path("quality/<uuid:pk>/delete/", quality.golden_delete, name="golden-delete"),
]
