"""One writer for each format: a manuscript in, the bytes of a real file out, the same each time."""
