"""Mixed text of an administration, generated: letters, e-mails, prose, tables, code. Same seed, same text.

Sentences are put together from parts, so that few come twice: a cache of sentences finds here what it would find in
real files, greetings and headings, not more. Every person, number and address is invented; telephone numbers are of
the ranges kept for fiction (Arcep, decision 2018-0881), addresses of example.fr. Numbers have right keys.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bench import mixed_text_parts as parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Choice = TypeVar("_Choice")
_LUHN_NINE = 9


class Texts(NamedTuple):
    """Texts of one kind.

    Attributes:
        kind: `letters`, `e-mails`, `prose`, `tables` or `code`.
        texts: Each of some 500 to 6,000 characters.
    """

    kind: str
    texts: list[str]

    @property
    def size_bytes(self) -> int:
        """UTF-8 bytes, all texts together."""
        return sum(len(text.encode()) for text in self.texts)


def mixed_text(size_bytes: int, *, seed: int = 1) -> list[Texts]:
    """Return texts of every kind, `size_bytes` together: prose and letters most, code and tables least."""
    shares = {"letters": 0.3, "e-mails": 0.2, "prose": 0.3, "tables": 0.1, "code": 0.1}
    return [texts_of(kind, int(size_bytes * share), seed=seed) for kind, share in shares.items()]


def texts_of(kind: str, size_bytes: int, *, seed: int = 1) -> Texts:
    """Return at least so many bytes of texts of one kind."""
    writer = Writer(random.Random(f"{kind} {seed}"))
    write: Callable[[], str] = {
        "letters": writer.letter,
        "e-mails": writer.e_mail,
        "prose": writer.prose,
        "tables": writer.table,
        "code": writer.code,
    }[kind]
    texts: list[str] = []
    size = 0
    while size < size_bytes:
        texts.append(write())
        size += len(texts[-1].encode())
    return Texts(kind, texts)


def prompts(count: int, size_bytes: int, *, seed: int = 2) -> list[str]:
    """Return different prompts of about so many bytes: a question, and what was pasted below it."""
    writer = Writer(random.Random(f"prompts {seed}"))
    return [writer.prompt(size_bytes) for _ in range(count)]


class Writer:
    """Writes texts from one source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def letter(self) -> str:
        """Return a letter to a citizen: about one identifier every 300 characters."""
        person, street, (town, postcode) = self._person(), self._street(), self._town()
        sender = self._pick(parts.SERVICES)
        lines = [
            sender,
            self._street(),
            "{1} {0}".format(*self._town()),
            f"Tél. : {self._phone()}",
            "",
            f"{person}\n{street}\n{postcode} {town}",
            "",
            f"{town}, le {self._date()}",
            f"Objet : {self._pick(parts.MATTERS)}",
            f"Vos références : {self._docket()}",
            "",
            f"{person.split()[0]},",
            "",
        ]
        facts: Sequence[Callable[[], str]] = (
            lambda: f"Votre numéro de sécurité sociale est le {self._nir()}.",
            lambda: f"Le versement sera fait sur le compte {self._iban()}.",
            lambda: f"Vous pouvez joindre {self._person()} au {self._phone()} ou à {self._e_mail_address()}.",
            lambda: f"L'établissement {self._siret()} a été radié le {self._date()}.",
            lambda: f"Le véhicule {self._plate()} est enregistré au nom de {self._person()}.",
            lambda: f"Né le {self._date()} à {self._town()[0]}, il réside au {self._street()}.",
            lambda: f"Le dossier {self._docket()} est suivi par {self._person()}.",
        )
        for _ in range(self._chance.randint(3, 6)):
            said = [self.sentence() for _ in range(self._chance.randint(2, 3))]
            said.insert(self._chance.randint(0, len(said)), self._pick(facts)())
            lines += [" ".join(said), ""]
        closing = "Je vous prie d'agréer l'expression de mes salutations distinguées."
        return "\n".join([*lines, closing, "", self._person(), self._pick(parts.ROLES)])

    def e_mail(self) -> str:
        """Return an e-mail with its header and signature."""
        sender, receiver = self._person(), self._person()
        said = [self.sentence() for _ in range(self._chance.randint(3, 9))]
        said.insert(1, f"Peux-tu rappeler {self._person()} au {self._phone()} avant le {self._date()} ?")
        role, service = self._pick(parts.ROLES), self._pick(parts.SERVICES)
        return (
            f"De : {sender} <{self._e_mail_address()}>\nÀ : {receiver} <{self._e_mail_address()}>\n"
            f"Date : {self._date()}\nObjet : {self._pick(parts.MATTERS)}\n\nBonjour,\n\n{' '.join(said)}\n\n"
            f"Bien cordialement,\n--\n{sender}\n{role}, {service}\nTél. {self._phone()}"
        )

    def prose(self) -> str:
        """Return pages of a report: a name now and then, one identifier every 2,000 characters."""
        paragraphs = []
        for _ in range(self._chance.randint(5, 9)):
            said = [self.sentence() for _ in range(self._chance.randint(4, 7))]
            if self._chance.random() < 0.4:
                said.append(f"{self._person()}, {self._pick(parts.ROLES).lower()} à {self._town()[0]}, l'a rappelé.")
            if self._chance.random() < 0.35:
                said.append(
                    f"Les observations sont reçues à {self._e_mail_address()} sous la référence {self._docket()}."
                )
            paragraphs.append(" ".join(said))
        return f"{self._chance.randint(1, 9)}. {self._pick(parts.MATTERS)}\n\n" + "\n\n".join(paragraphs)

    def table(self) -> str:
        """Return a table of figures: numbers everywhere, few of them anybody's."""
        chance = self._chance
        lines = ["commune;code;population;logements;taux;budget;exercice"]
        for _ in range(chance.randint(15, 60)):
            town, postcode = self._town()
            lines.append(
                f"{town};{postcode};{chance.randint(80, 400_000)};{chance.randint(40, 200_000)};"
                f"{chance.uniform(0, 100):.2f};{chance.randint(10_000, 90_000_000)};{chance.randint(2015, 2026)}"
            )
        lines.append(f"Contact : {self._e_mail_address()}")
        return "\n".join(lines)

    def code(self) -> str:
        """Return a source file: identifiers of another sort, hexadecimal, addresses of machines."""
        chance = self._chance
        lines = ["import hashlib", "from decimal import Decimal", ""]
        for _ in range(chance.randint(4, 12)):
            verb, noun, other = self._pick(parts.VERBS), self._pick(parts.NOUNS), self._pick(parts.NOUNS)
            lines += [
                f"def {verb}_{noun}({other}: list[Decimal], limit: int = {chance.randint(1, 9_999)}) -> Decimal:",
                f'    """{verb.capitalize()} the {noun} of each {other}, at most `limit` of them."""',
                f"    digest = hashlib.sha256(b'{chance.getrandbits(64):016x}').hexdigest()",
                f"    total_{noun} = sum({other}[:limit], Decimal({chance.random():.4f}))",
                f"    if total_{noun} > {chance.randint(100, 10**7)} and digest[:2] != '{chance.getrandbits(8):02x}':",
                f"        raise ValueError('{noun} above {chance.randint(10, 99)}.{chance.randint(0, 9)} %')",
                f"    return total_{noun}.quantize(Decimal('0.01'))",
                "",
            ]
        lines.append(
            f"SERVER = 'http://10.{chance.randint(0, 255)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}/'"
        )
        return "\n".join(lines)

    def prompt(self, size_bytes: int) -> str:
        """Return a question and a text below it."""
        text = f"{self._pick(parts.QUESTIONS)}\n\n"
        while len(text.encode()) < size_bytes:
            text += self._pick((self.letter, self.e_mail, self.prose))() + "\n\n"
        return text.encode()[:size_bytes].decode(errors="ignore")

    def sentence(self) -> str:
        """Return a sentence; there are some hundred million."""
        pick = self._pick
        return (
            f"{pick(parts.OPENINGS)} {pick(parts.SUBJECTS)} {pick(parts.ACTIONS)} {pick(parts.OBJECTS)} "
            f"{pick(parts.CIRCUMSTANCES)}{pick(parts.ENDS)}"
        )

    def _pick(self, choices: Sequence[_Choice]) -> _Choice:
        return self._chance.choice(choices)

    def _person(self) -> str:
        first, last = self._pick(parts.FIRST_NAMES), self._pick(parts.LAST_NAMES)
        title = self._pick(("Madame", "Monsieur"))
        return self._pick((f"{title} {first} {last}", f"{title} {first} {last.upper()}", f"{first} {last}"))

    def _e_mail_address(self) -> str:
        first, last = self._pick(parts.FIRST_NAMES), self._pick(parts.LAST_NAMES)
        local = f"{first}.{last}".lower().translate(parts.PLAIN).replace(" ", "-")
        return f"{local}@{self._pick(parts.DOMAINS)}"

    def _phone(self) -> str:
        start, chance = (
            self._pick(("01 99 00", "06 39 98", "02 61 91", "03 53 01", "04 65 71", "05 36 49")),
            self._chance,
        )
        return f"{start} {chance.randint(0, 99):02} {chance.randint(0, 99):02}"

    def _street(self) -> str:
        return f"{self._chance.randint(1, 180)} {self._pick(parts.STREETS)}"

    def _town(self) -> tuple[str, str]:
        return self._pick(parts.TOWNS)

    def _date(self) -> str:
        day, month, year = self._chance.randint(1, 28), self._chance.randint(1, 12), self._chance.randint(1950, 2026)
        return self._pick((f"{day:02}/{month:02}/{year}", f"{day} {parts.MONTHS[month - 1]} {year}"))

    def _docket(self) -> str:
        chance = self._chance
        number = chance.randint(100, 99_999)
        return self._pick(
            (f"RG n° {chance.randint(10, 26)}/{number:05}", f"DOSSIER-{chance.randint(2015, 2026)}-{number}")
        )

    def _nir(self) -> str:
        chance = self._chance
        digits = (
            f"{chance.randint(1, 2)}{chance.randint(0, 99):02}{chance.randint(1, 12):02}{chance.randint(1, 19):02}"
            f"{chance.randint(1, 990):03}{chance.randint(1, 999):03}"
        )
        key = 97 - int(digits) % 97
        return f"{digits[0]} {digits[1:3]} {digits[3:5]} {digits[5:7]} {digits[7:10]} {digits[10:]} {key:02}"

    def _iban(self) -> str:
        account = "".join(str(self._chance.randint(0, 9)) for _ in range(23))
        key = 98 - int(f"{account}152700") % 97  # F and R are 15 and 27 (ISO 13616)
        whole = f"FR{key:02}{account}"
        return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))

    def _siret(self) -> str:
        digits = [self._chance.randint(0, 9) for _ in range(13)]
        for length in (8, 13):  # the SIREN's key, then the whole number's
            key = -sum(_luhn(digit, place) for place, digit in enumerate(reversed(digits[:length]), start=1)) % 10
            digits[length : length + 1] = [key]
        return "".join(map(str, digits))

    def _plate(self) -> str:
        letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
        first, last = ("".join(self._chance.choices(letters, k=2)) for _ in range(2))
        return f"{first}-{self._chance.randint(1, 999):03}-{last}"


def _luhn(digit: int, place: int) -> int:
    doubled = digit * 2 if place % 2 else digit
    return doubled - _LUHN_NINE if doubled > _LUHN_NINE else doubled
