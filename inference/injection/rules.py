"""Sentences that speak to a language model instead of a reader, by their words.

Each rule is a tactic that published attacks share (Greshake et al. 2023, “Not what you've signed up for”; BIPIA; the
OWASP sheet on prompt injection). English has them all, and German, French, Spanish and Italian those that need no
technical words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

GAP = r".{0,120}?"
"""Between two words that belong together. A rule sees one sentence at a time, on one line."""
ORDERS = (
    r"(?:instructions?(?:\ sets?)?|prompts?|rules|guidelines|orders|directives?|commands|directions|programming"
    r"|(?:content|safety|confidentiality)\ polic(?:y|ies)|safety\ (?:rules|protocols|checks|filters))"
)
MODEL = (
    r"(?:ai|a\.i\.|llms?|chat\ ?bots?|bots?|(?:ai|virtual|coding)\ (?:assistants?|agents?|models?|systems?)"
    r"|(?:large\ )?language\ models?|chatgpt|gpt-?\d?|copilot|claude|gemini)"
)
REPLY = r"(?:answers?|response|reply|output|summary|elucidation)"
SAID = (
    r"(?:(?:system|hidden|initial|original|secret|developer|full)\ (?:system\ )?(?:prompts?|instructions?|messages?)"
    r"|(?:your|these|all|the\ (?:exact|operating|previous|above))\ (?:prompts?|instructions)"
    r"|instructions\ (?:you\ were\ )?given|(?:words|text|lines)\ above|your\ context|previous\ instructions)"
)
FREE = (
    r"(?:(?:no|without(?:\ any)?|free\ (?:of|from)(?:\ all)?)\ (?:more\ )?(?:content\ |ethical\ |safety\ )?"
    r"(?:restrictions?|rules|filters?|limits|limitations|polic(?:y|ies)|guidelines|ethics|boundaries)"
    r"|unrestricted|uncensored|unfiltered|jailbroken|developer\ mode|anything\ now)"
)
CODE = r"(?:following|subsequent|below|succeeding)\ (?:code\b|(?:code\ )?snippet)"


@dataclass(frozen=True, slots=True)
class Rule:
    """`hints`: every sentence that meets the pattern holds one of them, in small letters; looking for them is cheap."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]

    def met_by(self, sentence: str, lowered: str) -> bool:
        return any(hint in lowered for hint in self.hints) and bool(self.pattern.search(sentence))


def _rule(name: str, hints: str, pattern: str) -> Rule:
    return Rule(name, tuple(hints.split("|")), re.compile(pattern, re.IGNORECASE | re.VERBOSE))


RULES = (
    _rule(
        "override",
        "ignor|disregard|forget|forgot|overrid|bypass|do not|supersede|new |protocol|rules|skip all",
        rf"""
        (?<!n't\ )(?<!not\ )\b(?:ignor(?:e|ing)|disregard|forget|override|bypass|do\ not\ (?:follow|obey
            |listen\ to)|supersedes?)\b
          {GAP}\b(?:(?:previous(?:ly)?|prior|preceding|earlier|above|all|your|any|every|the\ developer'?s?
              |system)\b{GAP}\b{ORDERS}\b
            |everything\ (?:above|before|you)|previous\ information|what\ you\ were\ told)
        | \b(?:ignore|disregard)\ (?:the|your)\ user\b
        | \b(?:disregard|ignore|forget)\ (?:(?:the|this|any)\ )?(?:content|safety)\ (?:policy|rules|guidelines)
        | \bdisregard\ (?:everything|all)\b | \bforget\ all\ (?:about\ )?(?:the\ )?(?:rules|you\ (?:were|have))
        | \bnew\ (?:instructions?|directives?|rules)\ ?(?::|\b(?:is|are|supersedes?|you\ must)\b)
        | \b(?:safety|security)\ protocols?\ (?:are\ )?(?:now\ )?(?:disabled|off|suspended)
        | \bforgotten\b{GAP}\brules\b | \b(?:your|all)\ rules\ (?:have|are\ now)\ (?:changed|void)
        | \bskip\ all\ (?:safety|security)\ (?:checks|confirmations)
        """,
    ),
    _rule(
        "freedom from rules",
        "you|not |orders|act |behave|respon|reply|answer|pretend|proceed|developer mode|anything now|exempt|comply"
        "|guidelines",
        rf"""
        \byou\ (?:are|will\ be|can|may)\ (?:now|no\ longer|hereby|called|being)\b{GAP}(?:{FREE}|\bdan\b
            |\bmode\b|\binstructed\b)
        | \b(?:act|behave|respond|reply|answer|pretend|simulate|proceed)\b{GAP}\b(?:ai|assistant|model|you
            |response|chatgpt)\b{GAP}\b{FREE}
        | \b(?:act|behave|pretend)\b{GAP}\b(?:uncensored|unrestricted|unfiltered|jailbroken)\b
        | \b(?:answer|respond|comply|proceed|reply)\b{GAP}\bwithout\ (?:any\ )?(?:restrictions?|limits|filters?
            |question)
        | \bfrom\ now\ on,?\ (?:you|respond|act|reply|answer)\b | \b(?:enable|enter|activate
            |in)\ developer\ mode
        | \bdo\ anything\ now\b | \byou\ (?:now\ )?have\ (?:no|zero)\ (?:restrictions|rules|limits|filters
            |content)
        | \b(?:safety|content|ethical)\ (?:guidelines|restrictions|polic(?:y|ies)
            |rules)\b{GAP}\b(?:not\ (?:meant|apply)|exempt)
        | \bnot\ (?:limited|bound|restricted)\ by\b{GAP}\b{MODEL}\b | \b(?:obey|follow)\ all\ (?:my\ )?orders\b
        | \bexempt\ from\b{GAP}\busual\ restrictions | \bcomply\ (?:fully\ and|with\ every)\b
        """,
    ),
    _rule(
        "asks for instructions or secrets",
        "reveal|print|repeat|show|output|dump|leak|display|disclose|reproduce|tell |give |recite|above this"
        "|instructions you",
        rf"""
        (?:^\W*|\b(?:and|to|then|must|please|just|also|by|now|you|not|never),?\ |[:;,.]\ )
          (?:reveal|print|repeat|show|output|dump|leak|display|disclose|reproduce|tell\ (?:me|us)|give\ me
              |recite)(?:ing)?\b{GAP}
          \b(?:{SAID}|(?:internal|raw)\ (?:configuration|customer\ database)|environment\ variables|api\ keys
              |credentials\ you)
        | \bcontents\ of\ this\ document\ verbatim | \bwhat\ (?:was|is)\ (?:written\ )?above\ this\ conversation
        | \bsummary\ of\ the\ (?:operating\ )?instructions\ you
        """,
    ),
    _rule(
        "role marker",
        "<|im_|<|sys|<|user|<|assis|<|end|<|eot|<|start|inst]|<<sys|system|assistant|end of|%%%end"
        "|breach alert",
        r"""
        <\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|?>? | \[/?INST\]
            | <</?SYS>>
        | ^\W{0,8}\[?(?:system|systemhinweis)\]?\s*:?\s*(?:new\ instruction|you\ (?:are|may|must)|the\ user\ is
            |grant|ignore|cleanup
            |override|da[sß]?\ protokoll)
        | (?:^|---\ )\W{0,3}system\ (?:note|message|update|override|alert|hint)\s*:
            | \bimportant\ system\ update\b
        | ^\W{0,3}(?:assistant|ai)\s*:\s*sure\b | \breasoning\ (?:trace\ )?\(assistant\)
        | [-=\#]{3,}\s*end\ of\ (?:document|user\ input|input|context|prompt|data) | %{3,}end\b
            | \bbreach\ alert\s*:
        | [-\#]{3}\s*system\s*:
        """,
    ),
    _rule(
        "addressed to a model",
        "ai|a.i.|llm|bot|model|assistant|chatgpt|gpt|copilot|claude|gemini|to self|when you",
        rf"""
        \b(?:notes?|notice|important|message|instructions?|attention|warning|reminder|memo)\s*(?:to|for|:)\s*
          (?:the\ |any\ |all\ |every\ )?(?:{MODEL}|assistant)\b
        | \b{MODEL}\ (?:assistants?\ |agents?\ |systems?\ )?
          (?:reading|processing|reviewing|integrating|summari[sz]ing|handling|parsing|that\ reads?)\ (?:this
              |these|the)\b
        | \b(?:to|for)\ (?:any|all|the)\ (?:{MODEL}|assistant)\ (?:reading|processing|reviewing|that)
        | \bif\ you\ are\ an?\ (?:{MODEL}|assistant)\b | ^\W*as\ an?\ {MODEL}\b{GAP}\byou\b
        | \((?:for|to)\ {MODEL}\)\s*: | \bnote\ to\ self\s*\( | \bwhen\ you\ (?:read|process|summari[sz]e|parse
            |handle)\ this\b
        """,
    ),
    _rule(
        "changes the answer",
        "answer|response|reply|output|summary|elucidation|your message|in every|letter|vowel|consonant",
        rf"""
        \b(?:add|append|include|insert|integrate|incorporate|mention|attach|modify|alter|change|augment|enhance
            |provide|write
          |render|translate|convert|replace|remove|express|give|encode|display|format|begin|start|end|use|group
              |combine|jumble
          |scramble|rearrange|misspell|anagram|introduce|substitute|suggest|tease|invert|reverse|shuffle|swap
              |omit|cipher
          |encrypt|structure|present|state|promote|repeat|embed|hint|conclude|supplement)\b
          {GAP}\b(?:your|all\ future|(?:the\ end\ of\ )?(?:every|any|each))\ (?:own\ |next\ |future\ |final\
              |entire\ |whole\ )?
          {REPLY}\b(?!\ (?:that|which)\b)
        | \bin\ your\ (?:next\ |final\ )?{REPLY}\b,?\ (?:add|suggest|tease|mention|include|refer|hint|promote
            |recommend|advise|direct|link
          |encourage|use)
        | \b(?:letters|words|vowels|spaces|typos)\b{GAP}\b(?:of|in|from)\ your\ (?:{REPLY}|message)\b
        | \b(?:translate|jumble|write|encode|convert|render|reverse)\b{GAP}\byour\ message\b
        | \b(?:token|code|id|\w+_id|number|reference)\b{GAP}\b(?:in|to)\ (?:your|every|all|the\ end\ of)\b{GAP}
          \b(?:{REPLY}|review|report)\b
        | \b(?:answer|response|reply)\b{GAP}\bin\ (?:base\ ?(?:16|32|64|85)|hex(?:adecimal)?|binary|morse
            |rot-?13|reverse)\b
        | \bto\ the\ user\ in\ every\b
        | \b(?:replace|substitute|swap|exchange|shift|rotate)\ (?:all\ |every\ |each\ |the\ )?(?:\w+\ )?
          (?:letters?|vowels?|consonants?)\b
        """,
    ),
    _rule(
        "puts code into the answer",
        "following|subsequent|below|succeeding",
        rf"""
        \b{CODE}.{{0,80}}?\b(?:your|the)\ (?:code\b(?!\ base)|codebase|solution|implementation|algorithm
            |elucidation|response|answer
          |project|logic|essence|fabric|explanation)
        | \byour\ (?:code|algorithm|solution|implementation|response|codebase|explanation|elucidation|project
            |answer)\b{GAP}\b{CODE}
        | \b(?:merge|blend|fuse|meld|infuse|interweave|integrate|incorporate|embed|weave|assimilate|insert
            |utilize)\b.{{0,30}}?\b{CODE}
        """,
    ),
    _rule(
        "uses a tool",
        "call|use |invoke|run |execute|trigger|before",
        rf"""
        \b(?:call|use|invoke|run|execute|trigger)\ (?:the\ )?(?:send|delete|http|read|write|run|exec|execute
            |forward|upload|fetch)_\w+
        | \bbefore\ (?:responding|replying|answering|you\ (?:answer|respond|reply))\b{GAP}\b(?:append|call|send
            |delete|run|execute)
        """,
    ),
    _rule(
        "sends data away",
        "collect|gather|send|forward|mail|transmit|post|upload|exfiltrat",
        rf"""
        \b(?:collect|gather|send|forward|e?-?mail|exfiltrate|transmit|post|upload)\b{GAP}
          \b(?:customer\ (?:e-?mails|list|data(?:base)?)|api\ keys|credentials|passwords|order\ data
              |conversation|chat\ history|secrets)\b
          {GAP}(?:\bto\b{GAP}(?:@|https?:|external)|\bexternally\b)
        | \balso\ e?-?mail\ the\ full\b
        """,
    ),
    _rule(
        "hidden order",
        "decode|decrypt|unscramble|translate|exactly what it says",
        rf"""
        \b(?:decode|decrypt|unscramble|translate)\b{GAP}\b(?:follow|execute|obey|do\ (?:exactly\ )?(?:what
            |as)\ it\ says)\b
        | \bdo\ exactly\ what\ it\ says\b
        """,
    ),
    _rule(
        "writes to memory",
        "memory|all future|every future|output directory",
        r"""
        \b(?:save|store|keep|remember)\b.{0,80}?\b(?:to|in|for)\ (?:your
            |all\ future)\ (?:long-term\ )?(?:memory|tasks|sessions)\b
        | \bempty\ the\ application'?s\ output\ directory\b | \bin\ every\ future\ (?:reply|answer|summary
            |response)
        """,
    ),
    _rule(
        "other languages",
        "ignor|verg|oubl|olvid|dimentic|system|sistema|système|keine|ohne|sans|sin |senza|aucune|uneingesch"
        "|modo"
        "|entwickler"
        "|anweisung|instruc|istruz|sicherheits|seguridad|sicurezza|sécurité|securite|antwort|réponse|respuesta"
        "|risposta"
        "|envoi|sende|invia|envía",
        r"""
        \bignor(?:ier(?:e|en|t)(?:\ sie)?|a|ez|i|e)\b.{0,50}?\b(?:anweisung(?:en)?|richtlinien|regeln
            |instructions|consignes|istruzioni
          |instrucciones|règles|regole|reglas)\b
        | \b(?:vergiss|vergessen\ sie|oublie[zs]?|olvida|dimentica)\b.{0,40}?\b(?:alles|anweisungen|regeln
            |instructions|consignes
          |instrucciones|istruzioni|todo|tutto|tout)\b
        | \b(?:systemanweisungen|prompt\ (?:del|de|di)\ sistema|prompt\ système|instructions\ système
            |instrucciones\ del\ sistema
          |istruzioni\ di\ sistema)\b | \bdeinen\ system-?prompt\b
        | \b(?:keine|ohne|sans|sin|senza|aucune)\ (?:regeln|richtlinien|einschr(?:ä|ae)nkungen|filter
            |restrictions?|filtre|règles
          |restricciones|filtro|restrizioni|regole)\b
        | \b(?:uneingeschränkt|entwicklermodus|modo\ (?:desarrollador|sviluppatore)|mode\ développeur)\b
        | \b(?:neue\ anweisungen|nouvelles\ instructions|nuevas\ instrucciones|nuove\ istruzioni)\s*:
        | \b(?:sicherheitsrichtlinien|linee\ guida\ di\ sicurezza|r[eè]gles\ de\ s[eé]curit[eé]
            |reglas\ de\ seguridad)\b.{0,40}?
          \b(?:nicht|non|ne|no)\b
        | \b(?:systemhinweis|note\ système|nota\ (?:del|di)\ sistema)\s*:
        | \b(?:am\ ende\ jeder\ antwort|à\ la\ fin\ de\ toute\ réponse|al\ final\ de\ cualquier\ respuesta
            |alla\ fine\ di\ ogni\ risposta)\b
        | \b(?:envoie|sende|invia|envía)\b.{0,60}?(?:@|\bextern)
        """,
    ),
)


def rules_met(sentence: str) -> Iterator[str]:
    """The names of the rules that a sentence meets. It stands on one line."""
    lowered = sentence.lower()
    return (rule.name for rule in RULES if rule.met_by(sentence, lowered))
