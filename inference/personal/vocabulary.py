"""Words that say what stands beside them. English and German."""

from functools import cache

import regex
from babel import Locale

HONORIFICS = "Mr Mrs Ms Miss Mx Dr Prof Professor Sir Dame Rev Hon Herr Herrn Frau Mme Mlle Sra Sr"

STREET_TYPES = """
    Alley Avenue Ave Boulevard Blvd Bypass Causeway Circle Cir Close Court Ct Courts Crescent Cres Drive Dr Drives
    Esplanade Expressway Freeway Gardens Gate Grove Heights Highway Hwy Hill Island Junction Lane Ln Loop Mall Manor
    Mews Motorway Parade Park Parkway Pkwy Path Pike Place Pl Plaza Point Promenade Quay Ridge Road Rd Roads Row Square
    Squares Sq Street St Str Streets Terrace Trail Turnpike Union Unions View Villas Vista Walk Walks Way Wharf Yard
    Straße Strasse Gasse Weg Platz Allee Ring Ufer Damm
"""
"""After the name, with a house number before it; most are from USPS Publication 28, appendix C1."""

PLAIN_STREETS = "Street Avenue Road Boulevard Lane Crescent Terrace Highway Straße Strasse"
"""Those that make a name a street's without a house number too."""

STREET_OPENERS = """
    Rue rue Avenue avenue Boulevard Chemin Allée Impasse Quai Route Via Viale Corso Piazza Vicolo Calle calle Avenida
    avenida Avda Plaza Paseo Camino Carrer Carretera Rua rua Rúa Travessa Praça Estrada Largo Quadra Ulica Ul Aleja
    Strada Bulevardul
"""
"""Before the name."""

STREET_ENDINGS = """
    straße strasse str weg platz allee gasse ring ufer damm steig graben hof markt berg
    gata gatan gatu vägen vegen veien vej vejen gade allé stræti braut straat laan plein kade dijk katu tie polku kuja
"""
"""Within the last word of the name, before the house number."""

STREET_WORDS_BEFORE_NUMBER = (
    "utca út útja tér rkp körút krt kapu u ulice nám náměstí trg ulica cesta Straße Str Weg Platz"
)

UNITS = "Suite Ste Apt Apartment Unit Flat Floor Room Wohnung Whg Stiege"

LEGAL_FORMS = """
    Inc Incorporated Corp Corporation Company LLC LLP LP Ltd Limited PLC Group Holdings Partners Associates
    GmbH AG KG SE OHG UG KGaA mbH gGmbH eG Stiftung SA SAS SARL BV NV AB AS ASA Oy Oyj ApS SpA Srl Kft
"""

NATIONALITIES = """
    Afghan Albanian Algerian American Andorran Angolan Argentine Argentinian Armenian Australian Austrian
    Azerbaijani Antiguan Argentinean Bahamian Bahraini Bangladeshi Barbadian Belarusian Belgian Belizean Belizian
    Beninese Bhutanese Bolivian Bosnian Brazilian British Bruneian Bulgarian Burmese Burundian Cambodian Cameroonian
    Canadian Chadian Chilean Chinese Colombian Congolese Croatian Cuban Cypriot Czech Danish Dominican Dutch
    Ecuadorean Ecuadorian Egyptian English Eritrean Estonian Ethiopian Fijian Filipino Finnish French Gabonese
    Gambian Georgian German Ghanaian Greek Greenlandic Grenadian Guatemalan Guinean Guyanese Haitian Honduran
    Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish Israeli Italian Ivorian Jamaican Japanese Jordanian
    Kazakh Kenyan Korean Kosovar Kuwaiti Kyrgyz Laotian Latvian Lebanese Liberian Libyan Lithuanian Luxembourgish
    Macedonian Malagasy Malawian Malaysian Maldivian Malian Maltese Mauritanian Mauritian Mexican Moldovan Mongolian
    Montenegrin Moroccan Mozambican Namibian Nepalese Nepali Nicaraguan Nigerian Norwegian Omani Pakistani
    Palestinian Panamanian Paraguayan Peruvian Polish Portuguese Qatari Romanian Russian Rwandan Salvadoran Samoan
    Saudi Saudi-Arabian Scottish Senegalese Serbian Singaporean Slovak Slovakian Slovene Slovenian Somali Spanish
    Sudanese Surinamese Swazi Swedish Swiss Syrian Taiwanese Tajik Tanzanian Thai Togolese Tongan Tunisian Turkish
    Turkmen Ugandan Ukrainian Uruguayan Uzbek Venezuelan Vietnamese Welsh Yemeni Yemenite Zambian Zimbabwean African
    Asian European Arab Kurdish Roma Sinti Yazidi Brit Briton Cambodian Caribbean Croat Dane Englishman Englishmen
    Englishwoman Equatoguinean Finn Frenchman Frenchmen Frenchwoman Greenlander Hispanic Icelander Irishman Irishmen
    Irishwoman Ivoirian Kosovan Kurd Lao Latino Latina Liechtensteiner Luxembourger Micronesian Monegasque Mosotho
    Motswana Netherlander Nigerien Pole Sammarinese Scot Serb Spaniard Swede Tibetan Tobagonian Trinidadian Turk
    Tuvaluan Uighur Uzbekistani Vanuatuan Welshman Anglican Baptist Bahai Calvinist Christian Catholic Evangelical
    Hindu Buddhist Jew Jewish Lutheran Methodist Mormon Muslim Orthodox Pentecostal Presbyterian Protestant Quaker
    Shia Shii Shiite Sikh Sunni Sunnite Zoroastrian deutsch österreichisch schweizerisch englisch britisch
    französisch italienisch spanisch polnisch russisch türkisch ukrainisch amerikanisch chinesisch japanisch indisch
    griechisch ungarisch rumänisch kroatisch serbisch bosnisch
"""
"""Origins and religions; the second are data of a special category (GDPR, article 9)."""

COMMON_NAMES = (
    "Czech Republic",
    "Turkey",
    "USA",
    "UK",
    "Ivory Coast",
    "Burma",
    "Swaziland",
    "Deutschland",
)
"""Beside those that CLDR has as its own."""


def any_of(words: str) -> str:
    """A pattern for one of the words, longest first, without a group of its own."""
    return "|".join(sorted(words.split(), key=len, reverse=True))


def any_phrase(phrases: str) -> str:
    """A group for one of the phrases, which commas part; longest first, for a verbose pattern."""
    listed = [" ".join(phrase.split()) for phrase in phrases.split(",")]
    return rf"(?:{'|'.join(_escaped(phrase) for phrase in sorted(listed, key=len, reverse=True))})"


@cache
def countries() -> str:
    """A pattern for the name of a country, in English or German (CLDR)."""
    names = {
        name
        for language in ("en", "de")
        for code, name in Locale(language).territories.items()
        if code.isalpha() and len(code) == 2
    }
    names |= set(COMMON_NAMES)
    return "|".join(_escaped(name) for name in sorted(names, key=len, reverse=True))


def _escaped(phrase: str) -> str:
    escaped: str = regex.escape(phrase)
    return escaped.replace("'", "['’]")
