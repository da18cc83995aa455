"""Who may do what: one table of verbs, and the verb of every address.

An address that has no verb here is answered to nobody who comes with a key, and fails the tests.
"""

from kb.rights.operations import OPERATIONS
from kb.rights.pages import FORMS, LIBRARIES, PAGES, verb_of_page
from kb.rights.verbs import ROLES, VERBS, Place, Role, Scope, Verb, included

__all__ = [
    "FORMS",
    "LIBRARIES",
    "OPERATIONS",
    "PAGES",
    "ROLES",
    "VERBS",
    "Place",
    "Role",
    "Scope",
    "Verb",
    "included",
    "verb_of_page",
]
