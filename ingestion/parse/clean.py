"""Text as the rest of the house wants it: one kind of space, nothing invisible, words whole."""

import re
import unicodedata

INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
    # Joiners mean something inside Arabic, Indic and emoji sequences, and nothing in Latin.
    "|(?<![\u0590-\U000dffff])[\u200c\u200d]"
)
"""Soft hyphens, zero-width and direction marks, tags and control characters: what can hide or split words."""

LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
SPACES = re.compile(r"[^\S\n]+")
LINE_ENDS = re.compile(r" ?\r?\n\s*")
MENDED_HYPHEN = re.compile(r"(?<=[^\W\d_A-Z])[-‐]\n(?=[^\W\d_A-Z])")
KEPT_HYPHEN = re.compile(r"(?<=\w)([-‐])\n(?=\w)")


def visible(text: str) -> str:
    """The text without invisible characters, ligatures undone and accents composed; white space stays."""
    composed = unicodedata.normalize("NFC", text.translate(LIGATURES))
    return INVISIBLE.sub("", composed.replace("\r\n", "\n").replace("\r", "\n"))


def tidy(text: str) -> str:
    """Visible text with single spaces; lines stay apart, blank lines go."""
    return LINE_ENDS.sub("\n", SPACES.sub(" ", visible(text))).strip()


def flow(text: str) -> str:
    """Visible text on one line: words that a line end had broken are whole again."""
    whole = KEPT_HYPHEN.sub(r"\1", MENDED_HYPHEN.sub("", tidy(text)))
    return whole.replace("\n", " ")


def code(text: str) -> str:
    """Visible text with its indentation."""
    return visible(text).strip("\n").expandtabs(4)
