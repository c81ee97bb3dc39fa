"""Invented French identifiers of every structured kind, as letters, forms, notes and judgments write them.

`generate(seed, count)` gives `count` texts for each class; the same seed gives the same texts. Numbers are right in
form, keys included where the rule is public; telephones and addresses are from ranges kept for fiction.
`spoil=True` breaks
the last digit of those that have a key: they must still be found beside their word.
"""

from __future__ import annotations

import random
import unicodedata
from string import ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Make = Callable[[random.Random], str]


class Sample(NamedTuple):
    """One identifier in its text.

    Attributes:
        name: Its class.
        text: What surrounds it included.
        start: First code point of the identifier.
        end: One past its last.
    """

    name: str
    text: str
    start: int
    end: int


_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
_VIN_CHARS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_FIRST_NAMES = ("Jeanne", "Zoé", "Leïla", "Amadou", "Yann", "Inès", "Bertrand", "Thi Mai")
_SURNAMES = ("Vasseur", "Benali", "Le Goff", "Diallo", "Nguyen", "d'Hauteville", "Lefèvre", "Kowalczyk")
_TITLES = ("Mme", "M.", "Madame", "Monsieur")
_COMPANIES = ("la société Gravelines Transports", "l'association Les Oyats", "la SARL Durand Frères")
_BEFORE = (
    "",
    "",
    "",
    "Bonjour,\n",
    "Pour mémoire, ",
    "Suite à votre appel, ",
    "- ",
    "Objet : votre courrier\n\n",
    "> ",
    "Merci de vérifier la ligne suivante. ",
    "2. ",
    "| ",
    "Le service a enregistré ce qui suit : ",
    "Vu la demande reçue ; ",
    "«",
)
_AFTER = (
    "",
    "",
    ".",
    ".\n",
    ", merci de votre retour.",
    " ; pièces jointes.",
    "\nCordialement,",
    " |",
    " - à rappeler",
    ", dossier suivi par le service social.",
    " (copie jointe).",
    "»",
    "\n\nLe chef de service",
    " et reste valable.",
    ", reçu le 12 mars 2021",
    " (vérifié)",
)
_GLUES = (
    " : ",
    " : ",
    ": ",
    " n° ",
    " n°",
    " no ",
    " numéro ",
    " = ",
    "=",
    " | ",
    "\t",
    "\n",
    " - ",
    " (n° ",
    " :\n",
    "\u00a0: ",
    " est le ",
    " : n° ",
    " :",
    " -> ",
    "  ",
    " ",
    " :  ",
    "\t:\t",
    " ........ ",
    " ____ ",
    "</td><td>",
    '" : "',
    " (à rappeler) : ",
    " de l'intéressée : ",
    "\n\n",
    " - n° : ",
    "\u202f: ",
    " : **",
    " |\n|---|---|\n| ",
    " suivant : ",
    ", n° ",
    " : N°",
    " :\r\n",
)


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _letters(rng: random.Random, count: int, among: str = ascii_uppercase) -> str:
    return "".join(rng.choices(among, k=count))


def _luhn(body: str) -> str:
    doubled = [int(char) * (2 if place % 2 == 0 else 1) for place, char in enumerate(reversed(body))]
    return body + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def _cut(number: str, *sizes: int, by: str = " ") -> str:
    pieces, place = [], 0
    for size in sizes:
        pieces.append(number[place : place + size])
        place += size
    return by.join([*pieces, number[place:]] if place < len(number) else pieces)


def _spaced(rng: random.Random, number: str, *groupings: tuple[int, ...]) -> str:
    grouping = rng.choice([(), *groupings])
    return _cut(number, *grouping, by=rng.choice(" \u00a0 .\u202f- ")) if grouping else number


def _department(rng: random.Random) -> str:
    return rng.choice([f"{rng.randint(1, 95):02}", "2A", "2B", "97", "99"])


def _nir_body(rng: random.Random, sexes: str) -> str:
    month = rng.choice([*range(1, 13), 20, 31, 42, 50, 99])
    return f"{rng.choice(sexes)}{_digits(rng, 2)}{month:02}{_department(rng)}{_digits(rng, 6)}"


def _nir(rng: random.Random, sexes: str = "12") -> str:
    body = _nir_body(rng, sexes)
    number = body + f"{97 - int(body.replace('2A', '19').replace('2B', '18')) % 97:02}"
    return _spaced(rng, number, (1, 2, 2, 2, 3, 3, 2), (13, 2), (1, 4, 2, 3, 3, 2))


def _spi(rng: random.Random) -> str:
    body = f"{rng.randint(0, 3)}{_digits(rng, 9)}"
    return _spaced(rng, f"{body}{int(body) % 511:03}", (2, 2, 3, 3, 3), (1, 3, 3, 3, 3))


def _notice(rng: random.Random) -> str:
    number = f"{rng.randint(15, 26)}{_digits(rng, 2)}{rng.choice(['A', _digits(rng, 1)])}{_digits(rng, 8)}"
    return _spaced(rng, number, (2, 2, 7, 2))


def _siren(rng: random.Random) -> str:
    return _spaced(rng, _luhn(f"{rng.randint(3, 9)}{_digits(rng, 7)}"), (3, 3, 3))


def _siret(rng: random.Random) -> str:
    return _spaced(rng, _luhn(f"{rng.randint(3, 9)}{_digits(rng, 7)}{rng.randint(1, 99):05}"), (3, 3, 3, 5), (9, 5))


def _vat(rng: random.Random) -> str:
    siren = _luhn(f"{rng.randint(3, 9)}{_digits(rng, 7)}")
    return _spaced(rng, f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}", (2, 2, 3, 3, 3), (4, 9))


def _rib_number(rng: random.Random) -> str:
    bank, branch, account = _digits(rng, 5), _digits(rng, 5), _digits(rng, 11)
    return f"{bank}{branch}{account}{97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97:02}"


def _rib(rng: random.Random) -> str:
    return _spaced(rng, _rib_number(rng), (5, 5, 11, 2))


def _iban(rng: random.Random) -> str:
    bban = _rib_number(rng)
    number = f"FR{98 - int(bban + '152700') % 97:02}{bban}"
    return _spaced(rng, number, (4, 4, 4, 4, 4, 4, 3))


def _card(rng: random.Random) -> str:
    return _spaced(rng, _luhn(rng.choice(["4970", "5132", "4561"]) + _digits(rng, 11)), (4, 4, 4, 4))


def _plate(rng: random.Random) -> str:
    left, right = (
        rng.choice([pair for pair in [_letters(rng, 2, _PLATE_LETTERS)] if pair != "SS"] or ["AB"]) for _ in "ab"
    )
    return rng.choice(["-", "-", " ", ""]).join((left, f"{rng.randint(1, 999):03}", right))


def _old_plate(rng: random.Random) -> str:
    letters = _letters(rng, rng.choice([2, 3]), "ABCDEFGHJKLMNPQRSTVWXYZ")
    return rng.choice([" ", " ", "-", ""]).join((str(rng.randint(11, 9999)), letters, f"{rng.randint(1, 95):02}"))


def _phone(rng: random.Random) -> str:
    number = rng.choice(["019900", "063998", "026191"]) + _digits(rng, 4)
    if rng.random() < 0.3:
        return "+33 " + _cut(number[1:], 1, 2, 2, 2, 2)
    return _spaced(rng, number, (2, 2, 2, 2, 2))


def _email(rng: random.Random) -> str:
    local = rng.choice(["jeanne.vasseur", "l.benali", "zoe_le-goff", "contact59"])
    return f"{local}@{rng.choice(['example.fr', 'mairie.example.org', 'courrier.example.com'])}"


def _mrz_digit(field: str) -> str:
    return str(sum((0 if c == "<" else int(c, 36)) * (7, 3, 1)[i % 3] for i, c in enumerate(field)) % 10)


def _day(rng: random.Random) -> str:
    return f"{rng.randint(0, 99):02}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def _with_digit(field: str) -> str:
    return field + _mrz_digit(field)


def _mrz_td3(rng: random.Random) -> str:
    number = _with_digit(f"{_digits(rng, 2)}{_letters(rng, 2)}{_digits(rng, 5)}")
    birth, expiry, personal = _with_digit(_day(rng)), _with_digit(_day(rng)), _with_digit("<" * 14)
    second = f"{number}FRA{birth}{rng.choice('MF')}{expiry}{personal}"
    names = f"P<FRA{rng.choice(['VASSEUR', 'LE<GOFF'])}<<{rng.choice(['JEANNE<MARIE', 'ZOE'])}"
    return f"{names:<<44}\n{second}{_mrz_digit(number + birth + expiry + personal)}"


def _mrz_td1(rng: random.Random) -> str:
    first = f"IDFRA{_with_digit(_letters(rng, 2) + _digits(rng, 7))}"
    birth, expiry = _with_digit(_day(rng)), _with_digit(_day(rng))
    second = f"{birth}{rng.choice('MF')}{expiry}FRA"
    return f"{first:<<30}\n{second:<<29}{rng.randint(0, 9)}\n{'BENALI<<LEILA':<<30}"


def _mrz_old_card(rng: random.Random) -> str:
    first = f"IDFRA{'VASSEUR':<<25}{_digits(rng, 6)}"
    number = _with_digit(f"{_digits(rng, 4)}{_digits(rng, 3)}{_digits(rng, 5)}")
    return f"{first}\n{number}{'JEANNE<<MARIE':<<14}{_with_digit(_day(rng))}F{rng.randint(0, 9)}"


def _rpps(rng: random.Random) -> str:
    return _spaced(rng, _luhn(f"10{_digits(rng, 8)}"), (2, 3, 3, 3))


def _nine_luhn(rng: random.Random) -> str:
    number = _luhn(f"{rng.randint(1, 95):02}{_digits(rng, 6)}")
    return _spaced(rng, number, (2, 7), (3, 3, 3), (2, 1, 5, 1))


def _hospital(rng: random.Random) -> str:
    number = _digits(rng, rng.randint(6, 13))
    kind = rng.random()
    if kind < 0.15:
        return f"{_letters(rng, rng.randint(1, 3))}{number[:9]}"
    if kind < 0.25:
        return f"{number[:9]}{_letters(rng, 1)}"
    if kind < 0.4:
        return _cut(f"{number:0>10}"[:10], *rng.choice([(2, 4, 4), (3, 3, 4), (4, 3, 3), (5, 5)]))
    return number


def _ine(rng: random.Random) -> str:
    return rng.choice(
        [
            _digits(rng, 9) + _letters(rng, 2),
            _digits(rng, 10) + _letters(rng, 1),
            f"{_digits(rng, 4)}A{_digits(rng, 5)}{_letters(rng, 1)}",
            _cut(_digits(rng, 9) + _letters(rng, 2), 3, 3, 3, 2),
        ]
    )


def _card_new(rng: random.Random) -> str:
    return (
        f"{_letters(rng, 1)}{_digits(rng, 1)}{''.join(rng.choices('ACDEFGHKLMNPRTXYZ12456789', k=6))}{_digits(rng, 1)}"
    )


def _twelve(rng: random.Random) -> str:
    return f"{_digits(rng, 2)}{rng.randint(1, 12):02}{_digits(rng, 8)}"


def _identity_card(rng: random.Random) -> str:
    return rng.choice([_card_new, _twelve])(rng)


def _licence(rng: random.Random) -> str:
    return _passport(rng) if rng.random() < 0.5 else _spaced(rng, _twelve(rng), (2, 2, 2, 6))


def _zone(rng: random.Random) -> str:
    return rng.choice([_mrz_td1, _mrz_td3, _mrz_old_card])(rng)


def _passport(rng: random.Random) -> str:
    number = f"{_digits(rng, 2)}{_letters(rng, 2)}{_digits(rng, 5)}"
    return _spaced(rng, number, (2, 2, 5)) if rng.random() < 0.5 else number


def _rg(rng: random.Random) -> str:
    year, number = rng.randint(10, 26), rng.randint(1, 19999)
    return rng.choice(
        [
            f"{year}/{number:05}",
            f"{year}/{number:05}",
            f"20{year}/{number:05}",
            f"F {year}/{number:05}",
            f"{year}-{number:05}",
            f"{year}/{number}",
            f"20{year}J{number:05}",
        ]
    )


def _portalis(rng: random.Random) -> str:
    court = f"D{_letters(rng, 1)}{_letters(rng, 1)}{_letters(rng, 1)}"
    return f"{court}-{rng.choice('VWX')}-B7{_letters(rng, 1)}-{_letters(rng, rng.randint(4, 5))}"


def _request(rng: random.Random) -> str:
    return rng.choice(
        [
            f"{rng.randint(18, 26)}{_digits(rng, 5)}",
            f"{rng.randint(400000, 499999)}",
            f"{rng.randint(10, 26)}{rng.choice(['PA', 'LY', 'DA', 'NT'])}{_digits(rng, 5)}",
            f"{rng.randint(1000, 69999)}/{rng.randint(70, 99)}",
        ]
    )


def _ecli(rng: random.Random) -> str:
    return rng.choice(
        [
            f"ECLI:FR:CECHR:{rng.randint(2010, 2026)}:{_digits(rng, 6)}.20210312",
            f"ECLI:FR:CCASS:2020:C2{_digits(rng, 5)}",
            f"ECLI:EU:C:{rng.randint(1990, 2026)}:{rng.randint(1, 999)}",
            f"ECLI:FR:CAPARIS:2022:{_digits(rng, 8)}",
        ]
    )


def _parcel(rng: random.Random) -> str:
    section, number = _letters(rng, rng.choice([1, 2, 2]), "ABCDEHKLMNPRTVWXYZ"), rng.randint(1, 1999)
    return rng.choice(
        [f"{section} n° {number}", f"{section} {number}", f"{section} numéro {number}", f"{section}{number:04}"]
    )


def _vin(rng: random.Random) -> str:
    return f"{rng.choice(['VF1', 'VF3', 'WVW', 'ZFA', 'VR3'])}{_letters(rng, 8, _VIN_CHARS)}{_digits(rng, 6)}"


def _bic(rng: random.Random) -> str:
    return f"{_letters(rng, 4)}FR{rng.choice(['PP', '2A', '22'])}{rng.choice(['', 'XXX', _digits(rng, 3)])}"


# Class: how the number is made, its labels, sentences of its own ({} is the number).
_CLASSES: dict[str, tuple[Make, tuple[str, ...], tuple[str, ...]]] = {
    "NIR": (
        _nir,
        ("NIR", "Numéro de sécurité sociale", "N° SS", "n° de sécu", "No de Sécurité Sociale", "Matricule INS"),
        ("L'assurée {who}, immatriculée sous le numéro {}", "sécurité sociale de {who} : {}", "{} (NIR)"),
    ),
    "NIA": (
        lambda rng: _nir(rng, "78"),
        ("NIA", "Numéro d'identification d'attente", "Numéro de sécurité sociale provisoire", "NIR d'attente"),
        ("Un numéro d'attente a été attribué à {who} : {}",),
    ),
    "SPI": (
        _spi,
        (
            "Numéro fiscal",
            "N° fiscal",
            "SPI",
            "Numéro fiscal (SPI)",
            "NUMERO FISCAL",
            "Identifiant fiscal",
            "numéro fiscal de référence",
            "Numéro fiscal du déclarant 1",
            "n° fiscal de {who}",
        ),
        ("Mon numéro fiscal est le {}", "le contribuable {who} (SPI {})", "{} (numéro fiscal)"),
    ),
    "AVIS": (
        _notice,
        ("Référence de l'avis", "Réf. de l'avis", "REFERENCE DE L'AVIS D'IMPOSITION", "Numéro de l'avis", "réf avis"),
        ("votre avis d'impôt 2022 porte la référence {}",),
    ),
    "SIREN": (
        _siren,
        ("SIREN", "N° SIREN", "RCS Lille", "Siren"),
        ("{co}, immatriculée au RCS de Lille sous le n° {}",),
    ),
    "SIRET": (_siret, ("SIRET", "N° SIRET", "Siret du siège"), ("{co} (SIRET {})",)),
    "TVA": (_vat, ("TVA", "N° TVA intracommunautaire", "TVA intra"), ("facture de {co}, TVA {}",)),
    "RIB": (_rib, ("RIB", "Compte bancaire", "Virement sur le compte"), ("Mon RIB est le suivant : {}",)),
    "IBAN": (_iban, ("IBAN", "Iban", "Coordonnées bancaires", "Compte à créditer"), ("le virement ira sur {}",)),
    "CARD": (_card, ("Carte bancaire", "CB", "Carte Visa", "N° de carte"), ("payé avec la carte {}",)),
    "BIC": (_bic, ("BIC", "Code BIC", "BIC/SWIFT", "SWIFT"), ("banque domiciliataire (BIC {})",)),
    "CNI": (
        _identity_card,
        (
            "CNI",
            "Carte nationale d'identité",
            "carte d'identité",
            "CNI de {who}",
            "Pièce d'identité",
            "CNIE",
            "CARTE D'IDENTITE",
            "N° de CNI",
        ),
        (
            "{who}, titulaire de la carte nationale d'identité n° {}",
            "CNI délivrée le 12/03/2015, n° {}",
            "{} (CNI)",
            "carte nationale d'identité française numéro {} délivrée par la préfecture du Nord",
        ),
    ),
    "PASSPORT": (
        _passport,
        (
            "Passeport",
            "PASSEPORT",
            "Numéro de passeport",
            "Passeport de {who}",
            "Passport No.",
            "Passeport biométrique",
        ),
        ("{who} a présenté un passeport français délivré le 3 mai 2019 portant le numéro {}", "{} (passeport)"),
    ),
    "MRZ": (_zone, ("MRZ\n", "Bande MRZ :\n"), ("{}", "lu :\n{}")),
    "PERMIS": (
        _licence,
        ("Permis de conduire", "N° de permis", "Permis B", "Numéro NEPH", "NEPH", "Permis de conduire de {who}"),
        ("le permis de conduire délivré le 4/2/2014 par la préfecture du Nord sous le numéro {}",),
    ),
    "SIV": (
        _plate,
        ("Immatriculation", "Plaque", "Véhicule immatriculé", "Plaque d'immatriculation", "Carte grise"),
        ("un véhicule Clio gris immatriculé {}", "la voiture {} stationnée rue Verte", "le scooter {} a été enlevé"),
    ),
    "FNI": (
        _old_plate,
        ("Immatriculation", "Plaque", "Véhicule immatriculé", "Plaque d'immatriculation", "Carte grise"),
        ("une Peugeot 205 immatriculée {}", "la voiture {} stationnée rue Verte", "fourrière : camion {}"),
    ),
    "VIN": (
        _vin,
        ("VIN", "Numéro de série", "N° d'identification du véhicule", "Châssis", "E."),
        ("le véhicule au numéro de série {}",),
    ),
    "INE": (
        _ine,
        (
            "INE",
            "N° INE",
            "Numéro INE/BEA",
            "BEA",
            "Identifiant national élève",
            "Identifiant national étudiant",
            "INE-RNIE",
            "I.N.E.",
        ),
        ("l'élève {who} (INE {})", "{} (INE)"),
    ),
    "RPPS": (_rpps, ("RPPS", "N° RPPS", "Numéro RPPS", "R.P.P.S."), ("Dr {name}, RPPS {}", "{} (RPPS)")),
    "ADELI": (_nine_luhn, ("ADELI", "N° ADELI", "Numéro ADELI"), ("{who}, psychologue (ADELI {})",)),
    "FINESS": (
        _nine_luhn,
        ("FINESS", "N° FINESS", "FINESS géographique", "Finess juridique"),
        ("Clinique du Parc - FINESS {}",),
    ),
    "IPP": (
        _hospital,
        (
            "IPP",
            "ipp",
            "N° IPP",
            "NIP",
            "Identifiant permanent du patient",
            "Numéro de dossier patient",
            "I.P.P.",
            "Dossier patient",
            "Dossier médical",
        ),
        ("Patiente {who}, IPP {}", "{} (IPP)", "Patient {who} (IPP : {})", "IPP de {who} né le 12/03/1951 : {}"),
    ),
    "NDA": (
        _hospital,
        (
            "NDA",
            "nda",
            "N° NDA",
            "IEP",
            "Numéro de séjour",
            "N° de venue",
            "N° séjour",
            "N° de passage aux urgences",
            "Numéro de dossier administratif",
            "Hospitalisation",
        ),
        ("hospitalisée du 2 au 9 mars (NDA {})", "{} (NDA)", "{} (IEP)"),
    ),
    "AGDREF": (
        lambda rng: _spaced(rng, f"{_digits(rng, 2)}{_digits(rng, 8)}", (2, 2, 6), (4, 6)),
        (
            "AGDREF",
            "N° AGDREF",
            "Numéro étranger",
            "N° étranger",
            "Numéro AGDREF",
            "Titre de séjour",
            "Carte de résident",
        ),
        ("{who}, ressortissante étrangère (n° AGDREF {})", "titulaire d'un titre de séjour n° {}", "{} (AGDREF)"),
    ),
    "CAF": (
        lambda rng: f"{_digits(rng, 7)}{rng.choice(['', ' ' + _letters(rng, 1), _letters(rng, 1)])}",
        ("Numéro allocataire", "N° allocataire", "Allocataire CAF", "n° d'allocataire", "Matricule CAF", "CAF n°"),
        ("{who}, allocataire de la CAF du Nord n° {}", "{} (n° allocataire)"),
    ),
    "FRANCE_TRAVAIL": (
        lambda rng: rng.choice([_digits(rng, 7) + _letters(rng, 1), _digits(rng, 11)]),
        (
            "Identifiant France Travail",
            "Identifiant Pôle emploi",
            "N° Pôle Emploi",
            "n° de demandeur d'emploi",
            "POLE EMPLOI",
            "Numéro France Travail",
        ),
        ("{who} est inscrite à France Travail sous l'identifiant {}", "{} (identifiant France Travail)"),
    ),
    "RG": (
        _rg,
        ("RG", "N° RG", "RG n°", "R.G.", "Répertoire général", "Rôle n°"),
        ("Jugement du 12 mars 2021 (RG {})", "affaire enregistrée au répertoire général sous le n° {}"),
    ),
    "PORTALIS": (_portalis, ("N° Portalis", "Portalis"), ("N° RG 21/00239 - N° Portalis {}", "l'affaire {}")),
    "REQUEST": (
        _request,
        ("Requête", "Requête n°", "Recours n°", "requête enregistrée sous le n°", "Requêtes nos"),
        (
            "Par une requête, enregistrée le 12 mars 2021 sous le n° {}, {who} demande",
            "TA Lille, 12 mars 2021, n° {}",
            "Vu la requête no. {} présentée par {who}",
        ),
    ),
    "ECLI": (_ecli, ("ECLI", "Référence"), ("arrêt {}", "{}")),
    "CADASTRE": (
        _parcel,
        ("Section", "Parcelle", "Parcelle cadastrée section", "Références cadastrales", "cadastrée section"),
        ("un terrain cadastré section {}, d'une contenance de 12 ares", "la parcelle {} appartenant à {who}"),
    ),
    "PHONE": (_phone, ("Tél", "Téléphone", "Portable", "Fax"), ("vous pouvez joindre {who} au {}", "{}")),
    "EMAIL": (_email, ("Courriel", "Mail", "Adresse électronique"), ("écrire à {}", "{}")),
}
NAMES: tuple[str, ...] = tuple(_CLASSES)
_WITH_KEY = frozenset({"NIR", "NIA", "SPI", "SIREN", "SIRET", "RPPS", "ADELI", "FINESS"})


def generate(seed: int, count: int, *, spoil: bool = False, names: Iterable[str] = NAMES) -> list[Sample]:
    """Return `count` samples of each class.

    Args:
        seed: The same gives the same.
        count: Samples a class.
        spoil: Only classes that have a key, each with its last digit wrong.
        names: Of the classes wanted.
    """
    samples = []
    for name in names:
        if spoil and name not in _WITH_KEY:
            continue
        rng = random.Random(f"{seed} {name}")
        samples += [_sample(rng, name, spoil=spoil) for _ in range(count)]
    return samples


def _as_typed(rng: random.Random, label: str) -> str:
    """Return a label in capitals, in small letters, without accents, or as it is; fields to fill in are left alone."""
    kind = rng.random()
    if "{" in label or kind < 0.6:
        return label
    plain = "".join(char for char in unicodedata.normalize("NFD", label) if not unicodedata.combining(char))
    if kind < 0.7:
        return plain
    return plain.upper() if kind < 0.85 else label.lower()


def _sample(rng: random.Random, name: str, *, spoil: bool) -> Sample:
    make, labels, sentences = _CLASSES[name]
    number = make(rng)
    if spoil:
        number = number[:-1] + str((int(number[-1]) + rng.randint(1, 9)) % 10)
    person = rng.choice(_SURNAMES)
    words = {
        "who": f"{rng.choice(_TITLES)} {rng.choice(['', rng.choice(_FIRST_NAMES) + ' '])}{person}",
        "name": person,
        "co": rng.choice(_COMPANIES),
    }
    if rng.random() < 0.35:
        template = rng.choice(sentences)
    else:
        glue = rng.choice(_GLUES)
        template = _as_typed(rng, rng.choice(labels)) + glue + "{}" + (")" if "(n" in glue else "")
    first, second = template.format("\0", **words).split("\0")
    head = rng.choice(_BEFORE) + first
    return Sample(name, head + number + second + rng.choice(_AFTER), len(head), len(head) + len(number))
