"""The knowledge base: what is held, who may see it, and the faces it shows."""
