"""Questions that need more than a window: each document or section is read by itself, then all findings are merged.

    begin (scope, units, estimate) ─▶ run: read, step by step ─▶ merge ─▶ record

Every step and the merging is a call through the gateway, routed by its own chunks alone.
"""
