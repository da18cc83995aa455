"""Whether what a language model wrote stands on its sources; where it does not, quotes take its place.

A small model often names no source, or says what none of them does. A model that says so is believed instead.
"""

from inference.cite import CitedAnswer
from inference.cited_sentences import markers_in, without_markers
from inference.language import language_of
from inference.plan import Plan
from inference.sentences import split
from inference.support.amounts import amounts
from inference.support.polarity import denies

LONGEST_REFUSAL = 2
"""Sentences of a text that says no more than that the sources do not answer."""
_SPOKEN_OF = """
    source sources document documents passage passages text texts information context
    quelle quellen dokument dokumente dokumenten unterlagen text texte texten informationen angaben
"""
SPOKEN_OF = frozenset(_SPOKEN_OF.split())
"""What a model says that it found nothing in; English and German."""


def shortfall(chosen: Plan, cited: CitedAnswer) -> str:
    """Why quotes take the place of what the language model wrote, as a clause; empty where it stands.

    A text in another language than its sources cannot be checked, and stands with its marks.
    """
    first = cited.parts[0]
    text = cited.text[first.start : first.end]
    if chosen.only_quotes or first.holds:
        return ""
    if not without_markers(text):
        return "the language model wrote nothing"
    if declines(text, chosen.asked.query):
        alone = len(chosen.parts) == 1
        return "" if alone else "the language model found nothing in what it was shown"
    if not markers_in(text):
        return "the language model named no source for what it wrote"
    return "" if _in_another_language(text, chosen) else "no source says what the language model wrote"


def declines(text: str, question: str) -> bool:
    """Whether the text says, in English or German, that the sources do not answer, and no figure but the question's."""
    said = without_markers(text)
    if len(split(said)) > LONGEST_REFUSAL or not (denies(said) and _speaks_of_sources(said)):
        return False
    asked = amounts(question)
    return all(amount.is_in(asked) for amount in amounts(said))


def _speaks_of_sources(text: str) -> bool:
    return not SPOKEN_OF.isdisjoint(word.strip(".,;:!?()“”\"'") for word in text.casefold().split())


def _in_another_language(text: str, chosen: Plan) -> bool:
    sources = "\n".join(source.shown.text for source in chosen.parts[0].packed)
    ours, theirs = language_of(without_markers(text)), language_of(sources)
    return ours is not None and theirs is not None and ours != theirs
