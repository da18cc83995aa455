"""How long this process takes for each kind of page."""

from prometheus_client import Histogram

SECONDS = Histogram(
    "strongroom_request_seconds",
    "Seconds until an answer begins, by page and status.",
    ["page", "status"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)


def note(page: str, status: int, seconds: float) -> None:
    """`page` is its name among the site's addresses: an address itself names a document, and there are too many."""
    SECONDS.labels(page, status).observe(seconds)
