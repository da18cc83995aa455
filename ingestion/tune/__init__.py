"""The embedder, taught on what this company knows to answer its questions."""
