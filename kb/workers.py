"""What scripts that run as workers may do: they do not inherit the policy of the page that starts them."""

from wsgiref.headers import Headers

POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""Of the worker that reads PDFs: it runs its decoders of images (WebAssembly) and reaches this site alone."""


def confine(headers: Headers, path: str, url: str) -> None:
    """For WHITENOISE_ADD_HEADERS_FUNCTION."""
    if url.endswith(".worker.min.mjs"):
        headers["Content-Security-Policy"] = POLICY
