"""One suite per protocol; every implementation passes it."""

import pytest

# Pytest explains a failed assert only in files that it rewrites, and these do not look like tests.
pytest.register_assert_rewrite(f"{__name__}.vector_index", f"{__name__}.language_model")
