"""Words that tell whom a text is meant for, in English and German: the best single sign of its sensitivity."""

import re
from collections.abc import Mapping

from kb.models import Sensitivity

MOST = 2
"""Different words for one label that count; more say nothing new."""

WORDS: Mapping[Sensitivity, str] = {
    Sensitivity.RESTRICTED: r"""
        nobody\ (?:else|outside) | not\ (?:yet\ )?(?:know|been\ told|released)\b
        | so\ far\ (?:only\ )?\w+\ (?:people|persons)
        | only\ (?:the\ )?(?:two|three|four|five|six|\w+\ members?)\ (?:people|persons?|members?)?\ ?(?:know|may)
        | known\ to\ (?:two|three|four|a\ few) | no\ copies | numbered\ cop | code\ ?name | insider
        | severance | leniency
        | without\ prejudice | legally\ privileged | privileged\ and | opening\ offer
        | whistle-?blow | trade\ secret | secret\ (?:recipe|formula) | until\ the\ announcement
        | in\ the\ safe\b
        | handed\ over\ in\ person | exploit\ code | covenant | acquisition | takeover | merger
        | diagnos[ie]s | medical\ (?:file|record)
        | patient | (?:salary|redundancy)\ (?:list|round) | gross[ _]salary | payroll
        | account\ numbers? | bribe | fraud
        | blackmail | criminal | supervisory\ board | named\ persons | niemand\ (?:sonst|außer)
        | gehaltsliste | kündigungsliste
        | aufsichtsrat | übernahme\ (?:der|des|von)""",
    Sensitivity.CONFIDENTIAL: r"""
        (?:do|must|may|should|shall|can)\ not\ (?:be\ )?
            (?:forward|pass|disclos|mention|hand|shar|show|leave|discuss|tell|circulat)
        | not\ to\ be\ (?:passed|forwarded|disclosed|shared) | non-disclosure
        | (?<!strictly\ )confidential | \bNDA\b
        | for\ the\ (?:members|management\ team|committee|panel|buyers)
        | (?:team|group|members|panel|committee|department)\ only
        | discount\ of | net\ prices? | target\ (?:price|saving) | (?:our|the)\ lawyers | settlement
        | withhold | damages?\b
        | complain | candidate | forecast | negotiat | reserve\b | root[- ]cause | vertraulich
        | nicht\ weiter(?:geben|leiten)
        | beschwer | schadensersatz | reklam | sonderkonditionen""",
    Sensitivity.INTERNAL: r"""
        colleagues? | all\ (?:employees|staff|offices?) | everyone | intranet | team\ leads?
        | cost\ cent(?:re|er) | canteen
        | team\ meeting | works\ council | line\ manager | your\ (?:manager|supervisor) | reminder
        | sales\ force | extension\ \d
        | help\ ?desk | it\ desk | training | \bshift
        | please\ (?:enter|ask|agree|leave|use|book|register) | kolleg
        | mitarbeitende | kantine | vorgesetzt""",
    Sensitivity.PUBLIC: r"""
        website | published | for\ publication | press\ (?:release|contact)
        | open\ to\ (?:all|everyone|the\ public)
        | public\ (?:meeting|notice) | download | customers\ (?:say|can) | visitors
        | apply\ (?:now|online) | we\ are\ (?:looking|hiring)
        | recommended\ retail | general\ terms | available\ (?:from|at|since) | our\ products
        | read\ these\ instructions | warranty
        | annual\ meeting | imprint | shareholders | anyone | pressemitteilung | veröffentlich
        | stellenanzeige | wir\ suchen""",
}
PATTERNS = {label: re.compile(words, re.IGNORECASE | re.VERBOSE) for label, words in WORDS.items()}


def audience_words(text: str) -> dict[Sensitivity, tuple[str, ...]]:
    """For each label the different words that point to it, in their order, at most `MOST`."""
    return {
        label: tuple(dict.fromkeys(match.group().lower() for match in pattern.finditer(text)))[:MOST]
        for label, pattern in PATTERNS.items()
    }
