"""The numbers that states give to persons: their shapes, what confirms them, the words that announce them. A table.

A shape says the characters, separators apart. Words are in the country's language, in French and in English, and are
read by `context_words`; a word of several countries stands in each. A *hint* announces too much else (a `matricule` is
also an agent's): beside it, only a number that passes its check counts.

Coverage: EU-27, Iceland, Liechtenstein, Norway, Switzerland, United Kingdom; and the United States' social security
number, which files of European administrations hold too. French numbers have detectors of their own.
"""

from __future__ import annotations

from typing import NamedTuple

from bouclier.shield.characters import SEPARATORS

_S = f"[{SEPARATORS.replace('-', '')}/\\-]"


class Scheme(NamedTuple):
    """One number.

    Attributes:
        country: ISO 3166-1 alpha-2.
        shape: What it looks like, for `re`, without what must not stand around it.
        checks: Names of checks (see `checks_european`), any of which confirms it; none when no check exists.
        words: What announces it.
        hints: What announces it among other things.
        signs: Separators that mean something and are given to the check.
    """

    country: str
    shape: str
    checks: tuple[str, ...]
    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    signs: str = ""


def _digits(least: int, most: int = 0, *, first: str = "[0-9]") -> str:
    return f"{first}(?:{_S}?[0-9]){{{least - 1},{(most or least) - 1}}}"


_DNI_LETTER = "[A-HJ-NP-TV-Za-hj-np-tv-z]"
_AHV_WORDS = (
    "ahv", "avs", "navs", "navs13", "ahv nummer", "ahv nr", "versichertennummer", "sozialversicherungsnummer",
    "numéro avs", "n° avs", "numero avs", "numero d'assicurato", "numéro d'assuré",
)  # fmt: skip
SCHEMES = (
    Scheme("AT", _digits(10, first="[1-9]"), ("stdnum:at.vnr",),
           ("sozialversicherungsnummer", "svnr", "sv nummer", "sv nr", "versicherungsnummer", "vsnr")),
    Scheme("BE", _digits(11), ("stdnum:be.nn", "stdnum:be.bis"),
           ("registre national", "numéro national", "numéro de registre", "rijksregister", "rijksregisternummer",
            "nationaal nummer", "nationalregisternummer", "niss", "insz", "nrn", "bisnummer", "bis nummer",
            "numéro bis", "national register number")),
    Scheme("BG", _digits(10), ("stdnum:bg.egn", "stdnum:bg.pnf"),
           ("егн", "лнч", "единен граждански номер", "egn", "lnch", "edinen grazhdanski nomer",
            "unified civil number", "uniform civil number")),
    Scheme("CH", f"756(?:{_S}?[0-9]){{10}}", ("stdnum:ch.ssn",), _AHV_WORDS),
    Scheme("CY", "[0-9]{8}[A-Za-z]", ("stdnum:cy.vat",),
           ("tic", "αφτ", "αριθμός φορολογικής ταυτότητας", "tax identification code")),
    Scheme("CY", "[0-9]{6,10}", (),
           ("αριθμός δελτίου ταυτότητας", "αριθμός ταυτότητας", "δελτίο ταυτότητας", "α.δ.τ.", "cypriot id",
            "cyprus id", "carte d'identité chypriote")),
    Scheme("CZ", f"[0-9]{{6}}{_S}?[0-9]{{3,4}}", ("stdnum:cz.rc",),
           ("rodné číslo", "rodného čísla", "rodným číslem", "birth number", "numéro de naissance")),
    Scheme("DE", _digits(11, first="[1-9]"), ("stdnum:de.idnr",),
           ("steuer id", "steuerid", "steuerliche id", "steueridentifikationsnummer", "steuer identifikationsnummer",
            "steuerliche identifikationsnummer", "identifikationsnummer", "idnr", "german tax id",
            "identifiant fiscal allemand")),
    Scheme("DE", _digits(10, 13), (), ("steuernummer", "steuer nr", "st nr")),
    Scheme("DE", f"[0-9]{{2}}{_S}?[0-9]{{6}}{_S}?[A-Za-z]{_S}?[0-9]{{3}}", ("check:de.pension",),
           ("rentenversicherungsnummer", "sozialversicherungsnummer", "versicherungsnummer", "vsnr", "rvnr",
            "sv nummer")),
    Scheme("DE", f"[A-Za-z]{_S}?[0-9]{{9}}", ("check:de.health",),
           ("krankenversichertennummer", "krankenversicherungsnummer", "versichertennummer", "kvnr")),
    Scheme("DK", f"[0-3][0-9]{_S}?[01][0-9]{_S}?[0-9]{{2}}{_S}?[0-9]{{4}}", ("stdnum:dk.cpr",),
           ("cpr", "cpr nummer", "cpr nr", "cpr number", "personnummer", "numéro cpr", "danish personal number")),
    Scheme("EE", _digits(11, first="[1-8]"), ("stdnum:ee.ik",),
           ("isikukood", "estonian personal code", "code personnel estonien", "personal code")),
    Scheme("ES", f"[0-9]{{2}}{_S}?[0-9]{{3}}{_S}?[0-9]{{3}}{_S}?{_DNI_LETTER}", ("stdnum:es.dni",),
           ("dni", "d.n.i.", "nif", "n.i.f.", "documento nacional de identidad", "número de identificación fiscal",
            "spanish id", "identité espagnole")),
    Scheme("ES", f"[XYZxyz]{_S}?[0-9]{{7}}{_S}?{_DNI_LETTER}", ("stdnum:es.nie",),
           ("nie", "n.i.e.", "nif", "número de identidad de extranjero", "tarjeta de identidad de extranjero",
            "spanish id", "identité espagnole")),
    Scheme("ES", _digits(12), ("check:es.nuss",),
           ("nuss", "número de la seguridad social", "nº seguridad social", "número de afiliación",
            "sécurité sociale espagnole"), ("seguridad social",)),
    Scheme("FI", "[0-3][0-9][01][0-9]{3}[-+A-FU-Ya-fu-y][0-9]{3}[0-9A-Za-z]", ("stdnum:fi.hetu",),
           ("henkilötunnus", "henkilötunnu", "hetu", "sotu", "sosiaaliturvatunnus", "personbeteckning",
            "finnish personal identity code", "code d'identité finlandais"), signs="+-"),
    Scheme("GB", f"[A-Za-z]{{2}}(?:{_S}?[0-9]{{2}}){{3}}{_S}?[A-Da-d]", ("check:gb.nino",),
           ("national insurance", "nino", "ni number", "ni no", "assurance nationale")),
    Scheme("GB", f"[0-9]{{3}}{_S}?[0-9]{{3}}{_S}?[0-9]{{4}}", ("stdnum:gb.nhs",),
           ("nhs number", "nhs no", "numéro nhs", "chi number", "health and care number"), ("nhs",)),
    Scheme("GB", _digits(10), ("stdnum:gb.utr",), ("utr", "unique taxpayer reference")),
    Scheme("GR", f"[0-3][0-9]{_S}?[01][0-9]{_S}?[0-9]{{2}}{_S}?[0-9]{{5}}", ("stdnum:gr.amka",),
           ("αμκα", "α.μ.κ.α.", "amka", "αριθμός μητρώου κοινωνικής ασφάλισης")),
    Scheme("GR", _digits(9), ("stdnum:gr.vat",),
           ("αφμ", "α.φ.μ.", "afm", "αριθμός φορολογικού μητρώου")),
    Scheme("HR", _digits(11), ("stdnum:hr.oib",),
           ("oib", "osobni identifikacijski broj", "osobnog identifikacijskog broja", "croatian personal number")),
    Scheme("HU", f"[1-8]{_S}?[0-9]{{6}}{_S}?[0-9]{{4}}", ("check:hu.personal",),
           ("személyi szám", "személyi azonosító", "hungarian personal id", "numéro personnel hongrois")),
    Scheme("HU", f"[0-9]{{3}}{_S}?[0-9]{{3}}{_S}?[0-9]{{3}}", ("check:hu.taj",),
           ("taj", "taj szám", "tajszám", "társadalombiztosítási azonosító", "hungarian social security")),
    Scheme("HU", _digits(10, first="8"), ("check:hu.tax",),
           ("adóazonosító jel", "adóazonosító", "hungarian tax id")),
    Scheme("IE", f"[0-9]{{7}}{_S}?[A-Wa-w][A-Ia-iWw]?", ("stdnum:ie.pps",),
           ("pps", "ppsn", "pps number", "pps no", "personal public service", "uimhir psp", "numéro pps")),
    Scheme("IS", f"[0-7][0-9][01][0-9]{{3}}{_S}?[0-9]{{3}}[09]", ("stdnum:is_.kennitala",),
           ("kennitala", "kennitölu", "icelandic id number")),
    Scheme("IT", rf"[A-Za-z]{{3}}{_S}?[A-Za-z]{{3}}{_S}?[0-9A-Za-z]{{5}}{_S}?[A-Za-z][0-9A-Za-z]{{3}}{_S}?[A-Za-z]",
           ("stdnum:it.codicefiscale",),
           ("codice fiscale", "cod. fisc.", "cod. fiscale", "cod.fisc.", "codicefiscale", "code fiscal italien",
            "code fiscal", "fiscal code", "italian tax code")),
    Scheme("IT", "[0-9]{11}", ("stdnum:it.codicefiscale",), ("codice fiscale", "codicefiscale")),
    Scheme("LI", f"756(?:{_S}?[0-9]){{10}}", ("stdnum:ch.ssn",), _AHV_WORDS),
    Scheme("LI", "[0-9]{4,12}", (), ("peid", "personenidentifikationsnummer")),
    Scheme("LT", _digits(11, first="[1-6]"), ("stdnum:lt.asmens",),
           ("asmens kodas", "asmens kodo", "asmens kodą", "code personnel lituanien", "lithuanian personal code",
            "personal code")),
    Scheme("LU", f"[12][0-9]{{3}}(?:{_S}?[0-9]{{2}}){{2}}{_S}?[0-9]{{3}}{_S}?[0-9]{{2}}", ("check:lu.matricule",),
           ("matricule national", "matricule luxembourgeois", "numéro de matricule national", "numéro national",
            "matricule cns", "matricule ccss", "national identifikatiounsnummer"),
           ("matricule", "sozialversicherungsnummer", "cns", "ccss")),
    Scheme("LV", f"[0-3][0-9]{{5}}{_S}?[0-9]{{5}}", ("stdnum:lv.pvn",),
           ("personas kods", "personas koda", "personas kodu", "personas kodam", "pers. kods", "pers.kods",
            "code personnel letton", "latvian personal code", "personal code")),
    Scheme("MT", "[0-9]{5,7}[MGAPLHBZmgaplhbz]", (),
           ("maltese id", "karta tal identità", "numru tal karta", "numru tal id", "id card", "identity card",
            "e id card", "carte d'identité maltaise")),
    Scheme("NL", _digits(8, 9), ("stdnum:nl.bsn",),
           ("bsn", "bsn nummer", "bsn nr", "burgerservicenummer", "burger service nummer", "sofinummer",
            "sofi nummer", "citizen service number", "numéro bsn")),
    Scheme("NO", f"[0-7][0-9]{_S}?[0-9]{{2}}{_S}?[0-9]{{2}}{_S}?[0-9]{{5}}", ("stdnum:no.fodselsnummer",),
           ("fødselsnummer", "fødselsnr", "personnummer", "fnr", "d nummer", "norwegian national identity number",
            "norwegian personal number")),
    Scheme("PL", _digits(11), ("stdnum:pl.pesel",), ("pesel", "nr pesel", "numer pesel", "numéro pesel")),
    Scheme("PT", _digits(9), ("stdnum:pt.nif",),
           ("nif", "n.i.f.", "contribuinte", "número de contribuinte", "número de identificação fiscal",
            "numéro fiscal portugais")),
    Scheme("PT", f"[0-9]{{8}}{_S}?[0-9]{_S}?[0-9A-Za-z]{{2}}[0-9]", ("stdnum:pt.cc",),
           ("cartão de cidadão", "cartão do cidadão", "cartão cidadão", "documento de identificação",
            "carte de citoyen portugaise"), ("cc",)),
    Scheme("PT", "[0-9]{8}", (), ("bilhete de identidade",)),
    Scheme("PT", _digits(11, first="[12]"), ("check:pt.niss",),
           ("niss", "sécurité sociale portugaise"), ("segurança social",)),
    Scheme("PT", _digits(9), (), ("número de utente", "utente", "nº utente")),
    Scheme("RO", _digits(13, first="[1-9]"), ("stdnum:ro.cnp",),
           ("cnp", "c.n.p.", "cod numeric personal", "codul numeric personal", "code numérique personnel")),
    Scheme("SE", f"(?:[12][0-9])?[0-9]{{2}}{_S}?[0-9]{{2}}{_S}?[0-9]{{2}}(?:{_S}|[+])?[0-9]{{4}}",
           ("stdnum:se.personnummer",),
           ("personnummer", "personnumret", "person nr", "samordningsnummer", "swedish personal number",
            "numéro personnel suédois"), signs="+"),
    Scheme("SI", _digits(13, first="[0-3]"), ("stdnum:si.emso",),
           ("emšo", "enotna matična številka", "jmbg", "slovenian personal number")),
    Scheme("SI", "(?:SI)?[0-9]{8}", ("stdnum:si.ddv",), ("davčna številka", "davčno številko", "davčne številke")),
    Scheme("SK", f"[0-9]{{6}}{_S}?[0-9]{{3,4}}", ("stdnum:sk.rc",),
           ("rodné číslo", "rodného čísla", "rodným číslom", "birth number")),
    Scheme("US", f"[0-9]{{3}}{_S}?[0-9]{{2}}{_S}?[0-9]{{4}}", ("stdnum:us.ssn", "stdnum:us.itin"),
           ("ssn", "social security number", "social security no", "itin", "sécurité sociale américaine"),
           ("social security",)),
)  # fmt: skip

ANY_COUNTRY = (
    "national id", "national identification number", "national identity number", "national registration number",
    "personal identification number", "personal identification code", "personal identity number",
    "personal identity code", "personal id number", "citizen id number", "numéro d'identification national",
    "numéro national d'identification", "numéro d'identité national", "numéro national d'identité",
    "identifiant national", "identification nationale", "identité nationale",
)  # fmt: skip
"""Words that announce a number of any country."""

ANY_COUNTRY_HINTS = (
    "tin", "tax identification number", "taxpayer identification number", "numéro d'identification fiscale",
)  # fmt: skip
"""The same, for numbers that pass their check only: companies have such numbers too."""
