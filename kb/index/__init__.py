"""The vector index: one contract, three ways to keep it."""

from kb.index.opening import index_name, keeper_answers, open_index

__all__ = ["index_name", "keeper_answers", "open_index"]
