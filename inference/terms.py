"""The content words of a text, as the lexical leg sees them: stemmed, without stop words, codes also in parts."""

from inference import registry


def content_terms(text: str) -> frozenset[int]:
    """Term ids; equal ids are the same word in another form."""
    return frozenset(registry.sparse_encoder().encode_query(text).indices)
