"""Words of office English and German that ask for one thing and are written as another."""

_SAME = """
    phone telephone mobile
    error fault failure
    loud noise sound
    price cost charge fee pay
    pays paid pay costs price repaid
    salary pay wage
    holiday holidays leave vacation
    bought purchased customer orders
    buy purchase
    wrote written author
    writes written
    deadline until latest due
    heavy weight
    weigh weighs weight
    big size dimensions
    boss manager
    lost lose loss
    send return
    start begins
    starts begins
    end ends expires
    car vehicle
    photo photograph picture
    email mail
    e-mail mail
    boss manager supervisor
    leads head
    allowed may permitted
    forbidden prohibited
    yearly annual year
    monthly month
    hired employed
    recommended referred referral
    sell supply
    private personal
    delete deleted erased
    lives address
    location place
    faulty defective
    broken damaged
    urlaubstage urlaub
    auto wagen
    eigenen privatwagen
    eigenes privat
    handy telefon mobiltelefon
    kosten preis
    chef vorgesetzte geschäftsführung
    anfang beginn
    ende ablauf
"""
"""A line begins with the word that is asked; the others may answer for it."""
SAME: dict[str, tuple[str, ...]] = {}
for _line in _SAME.strip().splitlines():
    _asked, *_others = _line.split()
    SAME[_asked] = (*SAME.get(_asked, ()), *_others)


def synonyms(word: str) -> tuple[str, ...]:
    """What may be written in place of a word."""
    return SAME.get(word.casefold(), ())
