"""How routes that send a file as it is are declared."""

from typing import Any

from kb.api.errors import error_replies

FILE_REPLIES: dict[int, Any] = {200: None, 206: None, 416: None, **error_replies(404, 422)}
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
BYTES: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": "Range",
            "required": False,
            "schema": {"type": "string"},
            "description": "One range of bytes (RFC 9110), such as `bytes=0-99`.",
        }
    ],
    "responses": {
        200: {"content": {**_BYTES, "application/pdf": _BYTES["application/octet-stream"]}},
        206: {"content": {**_BYTES, "application/pdf": _BYTES["application/octet-stream"]}},
        416: {"description": "No byte of the file lies in the range."},
    },
}
"""What OpenAPI says of them besides."""
