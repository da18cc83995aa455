"""The sample library: a fictional company's documents, people and questions, built from text in this folder."""

PASSWORD = "reading-room"  # noqa: S105  # Of the demo people, who exist on this machine's loopback only.
