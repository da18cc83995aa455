"""The Model Context Protocol: documents and answers for a person's AI client, with his rights and within the routes.

A request comes in by `http` or `stdio`, `server` gives it to one of `tools` or to `resources`, and what they found
is handed over by `inference.outside`, which decides whether it may leave and writes it down.
"""
