"""Who is here and what is open to whom: accounts, groups, access to collections, and why somebody sees a document."""
