"""What a text calls by name: capitalised words, in languages that do not capitalise every noun, and codes."""

import re
from collections.abc import Iterator

WORD = re.compile(r"[^\W_](?:[\w’'&/-]*\w)?(?:\.(?=\w)[\w’'&/-]*\w)*")
LINKS = frozenset(["of", "de", "van", "von", "der", "la", "le", "the", "and", "&", "for"])
"""Words that stand inside names, in lower case."""
BEFORE_A_SENTENCE = "\"'“”„«»([*_# \t"
NOUNS_ARE_CAPITALISED = "de"
SHORTEST = 3
"""Characters of a word that says by itself who or what is meant."""

Name = tuple[str, ...]
"""Its words, in order, without those that only link them."""


def names(text: str, language: str) -> tuple[Name, ...]:
    """What only begins a sentence is none, unless more follows. In German only codes are."""
    if language == NOUNS_ARE_CAPITALISED:
        return tuple((word,) for word in WORD.findall(text) if is_code(word))
    return tuple(_names(text))


def is_telling(word: str) -> bool:
    """Whether a source that means the same would write it too: “Delhi” and AX-4471-B, but not “UK” or “DNA”."""
    return len(word) >= SHORTEST and (is_code(word) or not word.isupper())


def _names(text: str) -> Iterator[Name]:
    run, begins, end = list[str](), False, 0
    for match in WORD.finditer(text):
        word = match[0]
        named = word[0].isupper() or is_code(word)
        if run and text[end : match.start()] == " " and (named or word in LINKS):
            run.append(word)
        else:
            yield from _named(run, begins=begins)
            run, begins = ([word], _begins_sentence(text[: match.start()])) if named else ([], False)
        end = match.end()
    yield from _named(run, begins=begins)


def _named(run: list[str], *, begins: bool) -> Iterator[Name]:
    words = [word for word in run if word not in LINKS and len(word) > 1]
    if begins and words and not (words[0].isupper() or is_code(words[0])):
        del words[0]
    if words:
        yield tuple(words)


def _begins_sentence(before: str) -> bool:
    rest = before.rstrip(BEFORE_A_SENTENCE)
    return not rest or rest[-1] in ".!?:;\n•–—-|"


def is_code(word: str) -> bool:
    return len(word) > SHORTEST and any(map(str.isdigit, word)) and any(map(str.isupper, word))
