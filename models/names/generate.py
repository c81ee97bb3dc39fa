"""Sentences made of templates, lists of names and a seed: what the open corpora lack.

A slot `{PER}` and the like is replaced by an invented value, of which we know the label. A third of the names are
made up from syllables, so that the network learns from what stands around a name, not from the lists alone.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ELIDED = 0.9
SLOT = re.compile(r"\{([A-Z]+)\}")
LABEL = {
    "PER": "PER", "FIRST": "PER", "LAST": "PER", "LASTUP": "PER", "FIRSTUP": "PER", "LOC": "LOC", "LOCUP": "LOC",
    "ORG": "ORG", "HOSP": "ORG", "HOSPEN": "ORG", "ORGEN": "ORG", "LOCEN": "LOC", "ADR": "ADR", "ADRUP": "ADR",
    "ADREN": "ADR", "DAT": "DAT", "DATEN": "DAT", "YEAR": "DAT", "AGE": "", "INIT": "PER", "PROD": "", "EVENT": "",
}  # fmt: skip
MONTHS_FR = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
STREETS = [
    "rue",
    "avenue",
    "boulevard",
    "place",
    "impasse",
    "allée",
    "chemin",
    "quai",
    "route",
    "cours",
    "square",
    "passage",
    "Rue",
    "Avenue",
    "Boulevard",
    "bd",
    "av.",
    "Bd",
    "Av.",
    "résidence",
    "villa",
    "faubourg",
]
STREET_NAMES = [
    "de la République",
    "Victor-Hugo",
    "des Lilas",
    "du Général-de-Gaulle",
    "Jean-Jaurès",
    "de la Gare",
    "du Moulin",
    "des Écoles",
    "Pasteur",
    "de l'Église",
    "du 8 Mai 1945",
    "du 11-Novembre",
    "des Acacias",
    "de Verdun",
    "du Stade",
    "Émile Zola",
    "principale",
    "de la Paix",
    "Gambetta",
    "des Tilleuls",
    "Marcel Cachin",
    "Nationale",
    "du Docteur {LAST}",
    "{FIRST} {LAST}",
    "de {LOC}",
    "du Maréchal {LAST}",
    "des Peupliers",
    "du Château",
    "de l'Hôpital",
    "des Glycines",
    "Saint-Michel",
    "Sainte-Anne",
    "de la Fontaine",
    "des Prés",
    "du Bac",
]
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bra",
    "bré",
    "ca",
    "ce",
    "chal",
    "cha",
    "chi",
    "cla",
    "co",
    "cor",
    "da",
    "de",
    "del",
    "do",
    "dra",
    "du",
    "fa",
    "fer",
    "fo",
    "ga",
    "gar",
    "ge",
    "gi",
    "go",
    "gra",
    "ha",
    "ja",
    "jo",
    "ka",
    "ko",
    "kra",
    "la",
    "lan",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "mar",
    "mé",
    "mi",
    "mo",
    "na",
    "né",
    "ni",
    "no",
    "pa",
    "pe",
    "pi",
    "po",
    "qui",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "tra",
    "va",
    "ve",
    "vi",
    "vo",
    "za",
    "zi",
    "wa",
    "ya",
    "ab",
    "al",
    "am",
    "an",
    "ar",
    "el",
    "em",
    "en",
    "er",
    "il",
    "in",
    "is",
    "ol",
    "on",
    "or",
    "ul",
    "ur",
]
ENDINGS = [
    "ard",
    "eau",
    "et",
    "ier",
    "in",
    "on",
    "ez",
    "ski",
    "wicz",
    "ov",
    "ini",
    "elli",
    "oglu",
    "dou",
    "ane",
    "é",
    "es",
    "ois",
    "el",
    "mann",
    "sen",
    "son",
    "vic",
    "escu",
    "aki",
    "bi",
    "ga",
]


class Made(NamedTuple):
    """A text and its spans: start, end (exclusive), label."""

    text: str
    spans: list[tuple[int, int, str]]


class Generator:
    """Fills templates; the same seed gives the same texts."""

    def __init__(self, seed: int, faker: dict[str, tuple[list[str], list[str]]], towns: list[str]) -> None:
        self.random = random.Random(seed)
        french = [names for locale, names in faker.items() if locale in {"fr_FR", "fr_CH", "fr_BE", "fr_QC", "ar_AA"}]
        self.first_fr = [name for names in french for name in names[0] if name.isascii() or name[0].isupper()]
        self.last_fr = [name for names in french for name in names[1]]
        self.first = [name for names in faker.values() for name in names[0]]
        self.last = [name for names in faker.values() for name in names[1]]
        self.towns = towns
        self.places = {language: _read(f"places-{language}") for language in ("fr", "en")}
        self.organizations = {language: _read(f"organizations-{language}") for language in ("fr", "en")}
        self.templates = {
            language: [
                line.replace("\\n", "\n")
                for path in sorted((HERE / "templates").glob(f"{language}-*.txt"))
                for line in path.read_text("utf-8").splitlines()
                if line.strip()
            ]
            for language in ("fr", "en")
        }

    def make(self, language: str) -> Made:
        """Return one text."""
        template = self.random.choice(self.templates[language])
        if self.random.random() < 0.35:
            template += self.random.choice(["\n", " ", "\n\n"]) + self.random.choice(self.templates[language])
        pieces: list[str] = []
        spans: list[tuple[int, int, str]] = []
        size = done = 0
        for match in SLOT.finditer(template):
            lead = template[done : match.start()]
            value = self.value(match[1], language)
            if language == "fr" and value[:1] in "AEIOUYÉÈÊÎaeiouéÎ" and self.random.random() < ELIDED:
                lead = re.sub(r"(?<!\w)([dD])e $", r"\1'", lead)
            if LABEL[match[1]]:
                spans.append((size + len(lead), size + len(lead) + len(value), LABEL[match[1]]))
            pieces += [lead, value]
            size += len(lead) + len(value)
            done = match.end()
        text = "".join(pieces) + template[done:]
        return self._disturbed(text, spans)

    def _disturbed(self, text: str, spans: list[tuple[int, int, str]]) -> Made:
        """Sometimes all in capitals, without accents, or in lower case, as people type."""
        draw = self.random.random()
        if draw < 0.06:
            text = _same_length(text, text.upper())
        elif draw < 0.10:
            text = _same_length(text, text.lower())
        elif draw < 0.18:
            text = text.translate(str.maketrans("éèêëàâîïôöùûüçÉÈÀÇ", "eeeeaaiioouuucEEAC"))
        return Made(text, spans)

    def value(self, slot: str, language: str) -> str:
        """Return an invented value for a slot."""
        pick = self.random.choice
        if slot in {"FIRST", "FIRSTUP"}:
            name = self._first(language)
            return name.upper() if slot == "FIRSTUP" or self.random.random() < 0.05 else name
        if slot in {"LAST", "LASTUP"}:
            name = self._last(language)
            return name.upper() if slot == "LASTUP" or self.random.random() < 0.15 else name
        if slot == "INIT":
            return pick("ABCDEFGHIJKLMNPRSTVWZ") + "."
        if slot == "PER":
            return self._person(language)
        if slot in {"LOC", "LOCUP", "LOCEN"}:
            place = self._place(language)
            return place.upper() if slot == "LOCUP" or self.random.random() < 0.06 else place
        if slot in {"ORG", "ORGEN"}:
            return self._organization(language)
        if slot == "HOSP":
            return self._hospital()
        if slot == "HOSPEN":
            return pick(
                ["{} General Hospital", "St {} Hospital", "Royal {} Infirmary", "{} University Hospital"]
            ).format(pick(self.places["en"]))
        if slot in {"ADR", "ADRUP"}:
            address = self._address()
            return address.upper() if slot == "ADRUP" else address
        if slot == "ADREN":
            kind = pick(["Street", "Road", "Avenue", "Lane", "St", "Drive", "Close"])
            return f"{self.random.randint(1, 300)} {self._last('en')} {kind}, {pick(self.places['en'])}"
        if slot in {"DAT", "DATEN"}:
            return self._date(slot == "DATEN" or language == "en")
        if slot == "YEAR":
            return str(self.random.randint(1920, 2031))
        if slot == "AGE":
            return str(self.random.randint(1, 99))
        raise KeyError(slot)

    def _invented(self) -> str:
        count = self.random.choice((1, 2, 2, 3))
        return ("".join(self.random.choice(SYLLABLES) for _ in range(count)) + self.random.choice(ENDINGS)).capitalize()

    def _first(self, language: str) -> str:
        draw = self.random.random()
        if draw < 0.12:
            return self._invented()
        names = self.first_fr if language == "fr" and draw < 0.7 else self.first
        name = self.random.choice(names)
        return f"{name}-{self.random.choice(names)}" if self.random.random() < 0.05 else name

    def _last(self, language: str) -> str:
        draw = self.random.random()
        if draw < 0.3:
            return self._invented()
        if draw < 0.36:
            return (
                self.random.choice(["de ", "Le ", "La ", "El ", "Ben ", "Van ", "De ", "O'", "Mc", "du "])
                + self._invented()
            )
        if draw < 0.42:
            # Surnames that are ordinary words or first names.
            return self.random.choice([self._first(language), self.random.choice(COMMON_SURNAMES)])
        names = self.last_fr if language == "fr" and draw < 0.7 else self.last
        name = self.random.choice(names)
        return f"{name}-{self.random.choice(names)}" if self.random.random() < 0.06 else name

    def _person(self, language: str) -> str:
        first, last = self._first(language), self._last(language)
        draw = self.random.random()
        if draw < 0.5:
            return f"{first} {last}"
        if draw < 0.68:
            return f"{first} {last.upper()}"
        if draw < 0.8:
            return f"{last.upper()} {first}"
        if draw < 0.85:
            return f"{last} {first}"
        if draw < 0.9:
            return f"{first[0]}. {last}"
        if draw < 0.93:
            return f"{first} {self._first(language)} {last}"
        if draw < 0.96:
            return f"{first.upper()} {last.upper()}"
        return f"{first} {first[0]}. {last}"

    def _place(self, language: str) -> str:
        draw = self.random.random()
        if language == "en":
            return self.random.choice(self.places["en"]) if draw < 0.75 else self._invented()
        if draw < 0.45:
            return self.random.choice(self.places["fr"])
        if draw < 0.93:
            town = self.random.choice(self.towns)
            return town + self.random.choice(["", "", "", " Cedex", "", "", " 12"]) if draw < 0.6 else town
        return self._invented()

    def _organization(self, language: str) -> str:
        draw = self.random.random()
        pick = self.random.choice
        if draw < 0.45:
            return pick(self.organizations[language])
        if draw < 0.55:
            return "".join(pick("ABCDEFGILMNOPRSTUV") for _ in range(self.random.randint(3, 5)))
        if language == "en":
            return pick(
                [
                    f"{self._last('en')} {pick(['Ltd', 'Limited', 'plc', 'Inc.', 'GmbH', 'S.A.', '& Sons', 'Holdings'])}",
                    f"{self._place('en')} {pick(['District Court', 'Regional Court', 'City Council', 'Assize Court', 'University', 'County Council', 'Court of Appeal', 'Labour Court', 'Administrative Court', 'Police Department'])}",
                    f"University of {self._place('en')}",
                    f"{pick(['Ministry', 'Department', 'Office', 'Institute', 'Directorate'])} of {pick(['Health', 'Defence', 'Labour', 'Agriculture', 'Transport', 'Public Works', 'Statistics'])}",
                ]
            )
        place, last = self._place("fr"), self._last("fr")
        return pick(
            [
                f"mairie de {place}", f"Mairie de {place}", f"préfecture de {place}", f"tribunal judiciaire de {place}",
                f"tribunal administratif de {place}", f"cour d'appel de {place}", f"université de {place}",
                f"Université de {place}", f"lycée {last}", f"Lycée {self._first('fr')} {last}", f"collège {last}",
                f"école {last}", f"CCAS de {place}", f"CHU de {place}", f"conseil départemental de {place}",
                f"rectorat de {place}", f"commune de {place}", f"syndicat mixte de {place}", f"SARL {last}",
                f"SAS {last}", f"{last} SA", f"société {last}", f"Établissements {last}", f"{last} et Fils",
                f"Garage {last}", f"Pharmacie {last}", f"cabinet {last}", f"Les Amis de {place}", f"AS {place}",
                f"association {last}", f"groupe {last}", f"{self._invented()} Conseil", f"{self._invented()}tech",
                f"banque {last}", f"OPH de {place}", f"Agence régionale de santé de {place}", f"Fondation {last}",
                f"maison d'arrêt de {place}", f"gendarmerie de {place}", f"EHPAD {last}", f"FC {place}",
            ]
        )  # fmt: skip

    def _hospital(self) -> str:
        pick = self.random.choice
        name = pick(
            [
                "Bichat", "Cochin", "Necker", "Saint-Antoine", "Tenon", "Lariboisière", "Saint-Louis", "Bretonneau",
                "Pellegrin", "Purpan", "Rangueil", "La Timone", "Édouard-Herriot", "Trousseau", "Beaujon", "Foch",
                "La Conception", "Hautepierre", "Charles-Nicolle", "Henri-Mondor", self._place("fr"), self._last("fr"),
                f"{self._first('fr')} {self._last('fr')}", f"Saint-{self._first('fr')}", f"de {self._place('fr')}",
            ]
        )  # fmt: skip
        kind = pick(
            ["hôpital", "Hôpital", "CHU", "CH de", "CHU de", "clinique", "Clinique", "centre hospitalier", "Hopital",
             "Centre Hospitalier", "Institut", "polyclinique", "HOPITAL", "GH", "CHRU", "hôpital de jour", "EHPAD"]
        )  # fmt: skip
        return f"{kind} {name}"

    def _address(self) -> str:
        pick = self.random.choice
        number = self.random.randint(1, 250)
        street = SLOT.sub(lambda match: self.value(match[1], "fr"), pick(STREET_NAMES))
        extra = pick(["", "", "", "", " bis", " ter", " B", "-" + str(number + 2)])
        address = f"{number}{extra}{pick([' ', ', ', ' '])}{pick(STREETS)} {street}"
        draw = self.random.random()
        postcode = f"{self.random.randint(1, 95):02}{self.random.choice(('000', '100', '200', '370', '540', '130'))}"
        town = self._place("fr")
        if draw < 0.55:
            return f"{address}{pick([' ', ', ', chr(10), ' - '])}{postcode} {town}"
        if draw < 0.7:
            return f"{address} à {town}"
        if draw < 0.78:
            return f"{postcode} {town}"
        return address

    def _date(self, english: bool) -> str:
        day, month, year = self.random.randint(1, 28), self.random.randint(1, 12), self.random.randint(1925, 2031)
        if english:
            name = MONTHS_EN[month - 1]
            return self.random.choice(
                [
                    f"{day} {name} {year}",
                    f"{name} {day}, {year}",
                    f"{day:02}/{month:02}/{year}",
                    f"{name} {year}",
                    f"{year}",
                ]
            )
        name = MONTHS_FR[month - 1]
        return self.random.choice(
            [
                f"{day:02}/{month:02}/{year}", f"{day} {name} {year}", f"{day:02}.{month:02}.{year}", f"{day}/{month}/{year % 100:02}",
                f"{name} {year}", f"{year}", f"{day:02}/{month:02}", f"{day:02}-{month:02}-{year}", f"{year}-{month:02}-{day:02}",
                f"{month:02}/{year}", f"{day} {name}", f"{day:02} {name.upper()} {year}",
            ]
        )  # fmt: skip


COMMON_SURNAMES = [
    "Petit",
    "Grand",
    "Blanc",
    "Noir",
    "Leroy",
    "Roux",
    "Brun",
    "Marchand",
    "Boulanger",
    "Berger",
    "Meunier",
    "Fournier",
    "Mercier",
    "Chevalier",
    "Royer",
    "Sergent",
    "Pelletier",
    "Fontaine",
    "Dumont",
    "Dupré",
    "Rivière",
    "Lacroix",
    "Bois",
    "Forest",
    "Poirier",
    "Pommier",
    "Rose",
    "Lefort",
    "Lesage",
    "Legrand",
    "Charpentier",
    "Maréchal",
    "Prévost",
    "Page",
    "Prince",
    "Comte",
    "Baron",
    "Marquis",
    "Lion",
    "Renard",
    "Loup",
    "Cochet",
    "Merle",
    "Poisson",
    "Carpentier",
    "Barbier",
    "Besson",
]


def _read(prefix: str) -> list[str]:
    """Return the entries of all lists whose file name starts so, each once, in a fixed order."""
    texts = [path.read_text("utf-8") for path in sorted((HERE / "lists").glob(f"{prefix}*.txt"))]
    return list(dict.fromkeys(entry for text in texts for entry in re.split(r"[|\n]", text) if entry.strip()))


def _same_length(text: str, changed: str) -> str:
    return changed if len(changed) == len(text) else text


def lists(path: Path) -> tuple[dict[str, tuple[list[str], list[str]]], list[str]]:
    """Return names by locale and towns, as `fetch.py` wrote them."""
    data = json.loads(path.read_text("utf-8"))
    return data["faker"], data["towns"]
