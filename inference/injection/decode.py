"""What stands in a text under an encoding that a model reads and a person does not.

Only whole stretches are decoded, and only what then reads as words is given, so that checksums, tokens and pictures in
base64 give nothing.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from string import ascii_lowercase
from urllib.parse import unquote

LONGEST = 4_000
"""Characters of a stretch that are decoded; an order to a model is shorter."""
WORDS = re.compile(r"[^\W\d_]{2,}")
FEWEST_WORDS = 3
READABLE = 0.8
"""Share of letters and spaces of what was decoded."""

SIGNS = ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
"""Morse, of the letters in their order."""
MORSE = dict(zip(SIGNS.split(" "), ascii_lowercase, strict=True))
TAGS = 0xE0000
"""Where the tag characters of Unicode repeat ASCII."""
URL_SAFE = str.maketrans("-_", "+/")
LEET = str.maketrans("01345789@$", "oieastbgas")
LEETED = re.compile(r"[a-z][01345789@$]|[01345789@$][a-z]", re.IGNORECASE)
SPACED = re.compile(r"\b(?:\w ){4,}\w\b")
COMMON = re.compile(
    r"\b(?:the|of|to|and|is|in|for|der|die|und|ist|les?|des|el|los|il|che|di)\b", re.IGNORECASE
)
"""Words of which ordinary sentences hold one; read backwards or rotated by 13 they become none."""


def _bytes(decode: Callable[[str], bytes]) -> Callable[[str], str]:
    return lambda stretch: decode(stretch).decode("utf-8", "replace")


def _padded(stretch: str, block: int) -> str:
    """Without what does not fill a block: a stretch may be cut."""
    bare = re.sub(r"[\s=]", "", stretch)
    return bare + "=" * (-len(bare) % block)


def _base64(stretch: str) -> bytes:
    return base64.b64decode(_padded(stretch, 4).translate(URL_SAFE))


def _base32(stretch: str) -> bytes:
    return base64.b32decode(_padded(stretch, 8))


def _bits(stretch: str) -> bytes:
    return bytes(int(byte, 2) for byte in re.findall(r"[01]{8}", stretch))


def _morse(stretch: str) -> str:
    words = re.split(r"\s*/\s*|\s{3,}", stretch.strip())
    return " ".join("".join(MORSE.get(sign, "") for sign in word.split()) for word in words)


STRETCHES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"(?<![\w+/])[A-Za-z0-9+/_-]{24,}={0,2}"), _bytes(_base64)),
    (re.compile(r"(?<!\w)[A-Z2-7]{32,}={0,6}"), _bytes(_base32)),
    (re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}\s?){16,}"), _bytes(bytes.fromhex)),
    (re.compile(r"(?<!\w)(?:[01]{8}\s*){8,}"), _bytes(_bits)),
    (re.compile(r"<~.{20,}?~>", re.DOTALL), _bytes(lambda each: base64.a85decode(each, adobe=True))),
    (re.compile(r"(?<!\S)[!-~]{40,}"), _bytes(base64.b85decode)),
    (re.compile(r"(?:[.-]{1,5}[\s/]+){12,}[.-]*"), _morse),
    (re.compile(r"\S*(?:%[0-9a-fA-F]{2}\S*){3,}"), unquote),
    (re.compile("[\U000e0020-\U000e007e]{8,}"), lambda each: "".join(chr(ord(sign) - TAGS) for sign in each)),
    (re.compile(r"(?:\\u[0-9a-fA-F]{4}){8,}"), lambda each: each.encode().decode("unicode_escape")),
)  # fmt: skip


def decoded(text: str) -> Iterator[str]:
    """What stretches of the text say when they are decoded, as far as it reads as words."""
    for pattern, decode in STRETCHES:
        for stretch in pattern.finditer(text):
            with suppress(ValueError, binascii.Error):
                said = decode(stretch[0][:LONGEST])
                if _reads_as_words(said):
                    yield said


def undisguised(sentence: str) -> Iterator[str]:
    """The sentence as it may be meant: with letters for digits, without spaces between letters, rotated, backwards."""
    if SPACED.search(sentence):
        yield SPACED.sub(lambda spaced: spaced[0].replace(" ", ""), sentence)
    if LEETED.search(sentence):
        yield sentence.translate(LEET)
    if not COMMON.search(sentence):
        yield codecs.encode(sentence, "rot13")
        yield sentence[::-1]


def _reads_as_words(said: str) -> bool:
    letters = sum(character.isalpha() or character == " " for character in said)
    return letters >= READABLE * len(said) and len(WORDS.findall(said)) >= FEWEST_WORDS
