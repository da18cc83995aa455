"""People, organisations, places and origins, by the words beside them."""

from inference.personal.kinds import Kind
from inference.personal.rules import CUED, rule
from inference.personal.vocabulary import HONORIFICS, LEGAL_FORMS, NATIONALITIES, any_of, any_phrase

WORD = r"\p{Lu}[\p{L}\p{M}]*(?:['’]\p{Lu}\p{L}+)?(?:-\p{Lu}\p{L}+)*"
INITIAL = r"\p{Lu}\."
SMALL = r"(?:de|da|di|do|dos|del|della|van|von|vom|der|den|zu|zur|la|le|al|el|bin|ibn|ten|ter)"
NAME = rf"{WORD}(?:[ ](?:{SMALL}[ ]){{0,2}}(?:{INITIAL}|{WORD})){{0,3}}"
FULL_NAME = rf"{WORD}[ ]+(?:{INITIAL}[ ])?{NAME}"
HONORIFIC = rf"(?:{any_of(HONORIFICS)})"
OCCUPATION = r"(?:\p{L}+(?:er|or|ist|ian|ant|eur|in)|clerk|nurse|chef|head|assistant|officer|Leitung|Referent|Vorstand)"
JOB = rf"(?:\p{{Lu}}[\p{{L}} ,'’-]{{0,40}}\b{OCCUPATION}|\p{{Lu}}\p{{Ll}}{{2,}}(?:er|or|ist|ant|ian))"
"""A line of a signature that says what somebody does."""

INTRODUCED = any_phrase("""
    name is, Name is, name's, Name:, name:, I'm, I am, This is, this is, call me, Hi, Hello, Dear, named him, named her,
    it's under, signed by, Signed by, Attn, Attn:, Hallo, Liebe, Lieber, Name ist, ich bin, Ich bin, ich heiße, heißt,
    z. Hd., unterzeichnet von
""")
CLOSING = any_phrase("regards, Regards, sincerely, Sincerely, Grüßen, Gruß")
RELATIVES = any_phrase("""
    kid, child, son, daughter, wife, husband, spouse, brother, sister, mother, father, partner, friend, colleague, boss,
    manager, assistant, neighbour, neighbor, aunt, uncle, cousin, landlord, Sohn, Tochter, Frau, Mann, Bruder,
    Schwester, Mutter, Vater, Kollegin, Kollege, Kollegen, Chefin, Chef, Kind, Partnerin, Freundin, Freund
""")
OWNERS = r"(?:my|his|her|our|their|your|(?:mein|sein|ihr|unser)e?[mnr]?)"
CALLED = any_phrase("""
    he, she, who, father, mother, son, daughter, grandfather, grandmother, wife, husband, brother, sister, baby, boy,
    girl, man, woman
""")
MAKERS = any_phrase("""
    written by, directed by, sung by, arranged by, composed by, painted by, signed by, starring, songwriter, singer,
    actor, author, artist, player
""")
NO_NAMES = any_phrase("Yes, No, Ok, Okay, Sorry, Thanks, Please, Well, So, Also, However, Now, Today, If so")
ASKED = any_phrase(
    "can I, can you, can we, could I, could you, could we, would you, will you, may I, may we, please"
)
PLACED = any_phrase("""
    originally from, moved from, moved here from, grew up in, born in, live in, lives in, lived in, living in, flew to,
    traveling to, travelling to, coming to, trip to, based in, city of, home city, University of, arrived at, am in,
    I'm in, bin in, wohnt in, wohnhaft in, lebt in, geboren in
""")
EMPLOYED = any_phrase("""
    work for, work at, works for, works at, worked for, worked at, working for, working at, employed by, employee of,
    arbeitet bei, arbeitet für, angestellt bei
""")
PREMISES = any_phrase("office, website, headquarters")

NAMES = (
    rule(Kind.TITLE, rf"(?<!\w)(?i:{HONORIFIC})\.?(?=[ ](?:{HONORIFIC}\.?[ ])?\p{{L}})", CUED),
    rule(Kind.TITLE, rf"^{FULL_NAME}\n+(?P<value>{JOB})$", CUED),
    rule(
        Kind.TITLE,
        rf"{WORD},[ ](?:the|our|your|der|die|unsere?)[ ](?P<value>(?:\p{{L}}+[ ]){{0,4}}{OCCUPATION}),",
        CUED,
    ),
    rule(Kind.PERSON, rf"(?<!\w){HONORIFIC}\.?[ ](?:{HONORIFIC}\.?[ ])?(?P<value>{NAME})", CUED),
    rule(Kind.PERSON, rf"^(?P<value>{FULL_NAME})\n+(?={JOB}$)", CUED),
    rule(Kind.PERSON, rf"(?<!\w){INTRODUCED}[ ](?!{HONORIFIC}\b)(?P<value>{NAME})", CUED),
    rule(Kind.PERSON, rf"\b{CLOSING},?\s*\n+[ ]?(?P<value>{NAME})", CUED),
    rule(Kind.PERSON, rf"\b(?i:{OWNERS}[ ]{RELATIVES})[ ](?P<value>{NAME})", CUED),
    rule(Kind.PERSON, rf"\b(?i:{CALLED}[ ](?:was|is|were)[ ](?:called|named))[ ](?P<value>{NAME})", CUED),
    rule(Kind.PERSON, rf"\b{MAKERS}[ ](?P<value>{NAME})", CUED),
    rule(Kind.PERSON, rf"^(?!{NO_NAMES}\b)(?P<value>{NAME}),[ ]{ASKED}\b", CUED),
    rule(Kind.LOCATION, rf"\b{PLACED}[ ](?P<value>{NAME})", CUED),
    rule(Kind.ORGANISATION, rf"\b{EMPLOYED}[ ](?P<value>{NAME})", CUED),
    rule(Kind.ORGANISATION, rf"\b[Tt]he[ ](?P<value>{NAME})[ ]{PREMISES}\b", CUED),
    rule(
        Kind.ORGANISATION,
        rf"\b{WORD}(?:[ ](?:&|and|und|of|{WORD})){{0,4}},?[ ](?:{any_of(LEGAL_FORMS)})\b",
        CUED,
    ),
    rule(Kind.NATIONALITY, rf"\b(?i:{any_of(NATIONALITIES)})(?:s|e[rnms]?)?\b(?![ ]Republic)", CUED),
)
