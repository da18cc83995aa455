"""The addresses of the administrators' pages."""

from django.urls import path

from kb.console import ledger

urlpatterns = [path("ledger/", ledger.ledger, name="ledger")]
