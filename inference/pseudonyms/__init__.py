"""Personal data → aliases before a text goes to the cloud, and back in what comes from there.

hide:    findings ─▶ whole words ─▶ entities (kept with the conversation) ─▶ further sightings ─▶ aliases
restore: aliases ─▶ what stood there, also when a stream cuts an alias in two
"""

from inference.pseudonyms.hide import Pseudonyms, Spotted
from inference.pseudonyms.restore import Restorer, restored

__all__ = ["Pseudonyms", "Restorer", "Spotted", "restored"]
