"""Chunks that a person changes: split, joined, edited, left out of the search; and taking each change back."""
