"""The small words of English and German that show how a question is built."""

import re
from dataclasses import dataclass
from functools import cached_property

WORD = re.compile(r"\w+(?:[-./’'&,]\w+)*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Lexicon:
    """One language's small words, in lower case."""

    questions: frozenset[str]
    auxiliaries: frozenset[str]
    copulas: frozenset[str]
    """Auxiliaries after which the rest of the question is what it is about: “What is the price of …?”"""
    subjects: frozenset[str]
    """Pronouns that name nobody who was spoken of."""
    determiners: frozenset[str]
    prepositions: frozenset[str]
    others: frozenset[str]
    people: frozenset[str]
    """“Who is she?”"""
    things: frozenset[str]
    """“How heavy is it?”"""
    asked: frozenset[str]
    """Pronouns that rather mean what was asked for: “Which oil …?” “How often is that changed?”"""
    owners: frozenset[str]
    places: frozenset[str]
    ones: frozenset[str]
    openers: re.Pattern[str]
    """What a question that goes on with the one before begins with."""
    idle: re.Pattern[str]
    """Uses of the pronouns in which they mean nothing: “Is it allowed to …?”"""
    nouns_are_capitalised: bool

    @cached_property
    def leaning(self) -> frozenset[str]:
        return self.people | self.things | self.asked | self.owners | self.places | self.ones

    @cached_property
    def small(self) -> frozenset[str]:
        """All that is no part of a name for something."""
        grammar = self.questions | self.auxiliaries | self.copulas | self.subjects | self.determiners
        return grammar | self.prepositions | self.others | self.leaning


ENGLISH = Lexicon(
    questions=_words(
        "what which who whom whose when where why how many much often long far large big heavy high old"
    ),
    auxiliaries=_words(
        "do does did has had have can could may might must shall should will would what's who's"
    ),
    copulas=_words("is are was were be been being"),
    subjects=_words("i we you us me somebody anybody someone anyone anything"),
    determiners=_words("the a an my our your any each every some no all one"),
    prepositions=_words(
        "of in on at for from to with by about under above over after before during without within outside inside "
        "per between beyond towards into onto since until till as than against near beside via"
    ),
    others=_words(
        "and or but so then also too not only please tell say if that's it's ahead exactly again still just else "
        "more less most least well once likely"
    ),
    people=_words("he she him"),
    things=_words("it they them"),
    asked=_words("that this those these"),
    owners=_words("its their his her"),
    places=_words("there"),
    ones=_words("ones"),
    openers=re.compile(r"(?:(?:and|but|so|or|then)\b[ ,]*)?(?:(?:what|how) about\b)?", re.IGNORECASE),
    idle=re.compile(
        r"\b(?:is|was) it (?:\w+ )?(?:that|to|for)\b"
        r"|\bis it (?:allowed|possible|necessary|true|ok|okay)\b"
        r"|\b(?:does|did|would) it (?:cost|take|help|make|need) (?:\w+ )?to\b"
        r"|\bthere (?:is|are|was|were)\b|\b(?:is|are|was|were) there\b"
        r"|(?<=\w )that (?=(?:a|an|the|we|i|you)\b)"
        r"|\b(?:this|these|those|that) (?:year|month|week|quarter|company|policy|document)\b",
        re.IGNORECASE,
    ),
    nouns_are_capitalised=False,
)
GERMAN = Lexicon(
    questions=_words(
        "was wer wen wem wessen wann wo wohin woher warum weshalb wieso wie viel viele oft lange hoch groß weit welche "
        "welcher welches welchen welchem wozu womit wofür"
    ),
    auxiliaries=_words(
        "hat haben hatte habe kann können darf dürfen muss müssen soll sollen wird werden wurde wurden würde möchte"
    ),
    copulas=_words("ist sind war waren sei"),
    subjects=_words("ich wir du man uns mir mich jemand"),
    determiners=_words(
        "der die das den dem des ein eine einen einem einer eines mein meine meinen unser unsere unseren kein keine "
        "jede jeder jedes jeden alle"
    ),
    prepositions=_words(
        "in im an am auf aus bei beim bis durch für gegen mit nach ohne über um unter von vom vor zu zum zur zwischen "
        "je pro ab seit während laut außerhalb innerhalb"
    ),
    others=_words(
        "und oder aber auch noch nur nicht denn dann bitte wenn ob mehr weniger etwa genau sonst so"
    ),
    people=_words("er ihn ihm ihr"),
    things=_words("es sie ihnen"),
    asked=_words("das dies dieser diese dieses diesen diesem"),
    owners=_words("sein seine seinen seiner ihre ihren ihrer ihrem dessen deren"),
    places=_words("dort da"),
    ones=frozenset(),
    openers=re.compile(
        r"(?:(?:und|aber|oder)\b[ ,]*)?(?:(?:was ist mit|wie ist es mit|wie steht es mit|wie sieht es mit)\b)?",
        re.IGNORECASE,
    ),
    idle=re.compile(
        r"\b(?:ist|war) es (?:erlaubt|möglich|nötig|verboten)\b|\b(?:gibt es|es gibt)\b"
        r"|\b(?:das|diese[rsnm]?) (?:\w+ )?(?=[A-ZÄÖÜ])",
    ),
    nouns_are_capitalised=True,
)
TOGETHER = re.compile(
    r"\bda(r(?=[aeiouü]))?(an|auf|aus|bei|durch|für|gegen|mit|nach|über|um|von|vor|zu)\b", re.IGNORECASE
)
"""“darüber” is “über das”."""


def lexicon_of(*texts: str) -> Lexicon:
    """The language whose small words the first of the texts has more of, that decides it; else English."""
    for text in texts:
        words = [word.lower() for word in WORD.findall(text)]
        german, english = (sum(word in each.small for word in words) for each in (GERMAN, ENGLISH))
        if german != english:
            return GERMAN if german > english else ENGLISH
    return ENGLISH
