"""The addresses of the administrators' pages."""

from django.urls import path

from kb.console import categories, ledger

urlpatterns = [
    path("ledger/", ledger.ledger, name="ledger"),
    path("categories/", categories.categories, name="categories"),
    path("categories/<int:pk>/", categories.category, name="category"),
    path("categories/<int:pk>/delete/", categories.category_delete, name="category-delete"),
]
