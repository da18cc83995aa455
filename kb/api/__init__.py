"""REST v1: what the portal can do, for tools. `kb.api.urls` has its routes."""
