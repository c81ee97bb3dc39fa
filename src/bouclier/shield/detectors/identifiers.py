"""Numbers given by a state or a bank: NIR, SIREN, SIRET, IBAN, card, plate.

A wrong checksum lowers the confidence and hides nothing: people mistype their own numbers, and forms are scanned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.announced import across_line_end
from bouclier.shield.characters import E_ACUTE, ROUGH_SEPARATOR, SEPARATOR, SEPARATORS, digits, folded
from bouclier.shield.detector import Detector, Rough, exact, heads, stands_before
from bouclier.shield.validators import (
    CARD_LENGTHS,
    IBAN_LENGTH,
    has_nir_key,
    has_nir_shape,
    is_iban,
    is_luhn,
    is_rib,
    is_siret,
    is_vat_fr,
)
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_S = SEPARATOR
_R = ROUGH_SEPARATOR
_NOT_DIGIT = "[^0-9]"
_NOT_ALNUM = "[^0-9A-Za-z]"

_NIR_WORDS = exact(
    rf"\bnir\b|s{E_ACUTE}cu|\bINSEE\b|n[°ºo]\s?s\.?s\b|immatricul|assur{E_ACUTE}|matricule|vitale"
    rf"|num{E_ACUTE}ro national|identi(?:fi|t)|\bn[°ºo] ?d.id\b",
    caseless=True,
)
_SIREN_WORDS = exact(r"\bsiren\b|\brcs\b|r\.c\.s|\bsiret\b|immatricul|\btva\b|n[°ºo] d.entreprise", caseless=True)
_SIRET_WORDS = exact(r"\bsiret\b", caseless=True)
_BANK_WORDS = exact(r"\biban\b|\brib\b|compte|banque|virement|domiciliation", caseless=True)
_CARD_WORDS = exact(r"\bcarte|\bcard\b|\bcb\b|visa|mastercard|maestro|amex|american express", caseless=True)
_PLATE_WORDS = exact(
    rf"immatricul|plaque|v{E_ACUTE}hicule|voiture|scooter|camion|remorque|\bmoto|fourgon"
    rf"|carte grise|automobile|caravane|utilitaire|tracteur|berline|parking|stationn|fourri(?:e|è|È)re"
    rf"|certificat d.immat|peugeot|renault"
    rf"|citro|\bclio\b|dacia|volkswagen|\bbmw\b|\baudi\b|mercedes|toyota|\bford\b|\bopel\b|\bfiat\b",
    caseless=True,
)

_NEAR = 40
_DIGITS = exact("[0-9]{1,40}")
_COMPLETE_NIR = 15
_PROVISIONAL = "78"  # a number given while the civil status is being checked (NIA)
_DISTINCT_IN_BOXES = 6  # the space counts
_NIR_WITHOUT_KEY = 13
_SHORT_CODE = 3
_LINE_ENDS = ("\n", "\r")
_WHOLE_CARD = exact(f"[0-9](?:{_S}{{0,3}}[0-9]){{12,18}}(?!{_S}?[0-9])")
_NIR_BORDERS = frozenset({1, 3, 5, 7, 10, 13})


_SEPARATORS = dict.fromkeys(ord(char) for char in f"{SEPARATORS}\r\n/(")


def _alphanumerics(text: str) -> str:
    return text.translate(_SEPARATORS).upper()


def _nir(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """With its key, however it is spaced; without, only as people space it, so that columns of numbers stay silent."""
    number = _alphanumerics(match["body"]) + _alphanumerics(match["key"] or "")
    shaped = has_nir_shape(number)
    if shaped and has_nir_key(number):
        yield Finding(*match.span(), EntityType.NIR, 0.99, "nia-key" if number[0] in _PROVISIONAL else "nir-key")
        return
    named = stands_before(text, match.start(), _NIR_WORDS, within=_NEAR)
    if not named and not _is_spaced_as_a_nir(match[0]):
        return
    if len(number) == _COMPLETE_NIR:
        if shaped:
            yield Finding(*match.span(), EntityType.NIR, 0.85 if named else 0.75, "nir-shape")
        elif number.isdigit() and (named or (match[0].isdigit() and number[0] in "12")):
            yield Finding(*match.span(), EntityType.NIR, 0.5 if named else 0.4, "context" if named else "length")
    elif shaped and named:
        yield Finding(*match.span(), EntityType.NIR, 0.75, "nir-shape")


def _nir_across_lines(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Cut by one end of line: with its key, or where something says what it is."""
    body = _alphanumerics(match["body"])
    if match[0].count("\n") != 1 or not has_nir_shape(body):
        return
    if match["key"] and has_nir_key(body + _alphanumerics(match["key"])):
        yield Finding(*match.span(), EntityType.NIR, 0.95, "nir-key")
    elif "\n" in match["body"] and stands_before(text, match.start(), _NIR_WORDS, within=_NEAR):
        yield Finding(*match.span(), EntityType.NIR, 0.75, "nir-shape")


_WHOLE_NIR = exact(f"[1-478](?:{_S}{{0,3}}[0-9]){{5}}{_S}{{0,3}}[0-9AB](?:{_S}{{0,3}}[0-9]){{6,8}}(?!{_S}?[0-9])")
_WHOLE_SIRET = exact(f"[0-9](?:{_S}{{0,3}}[0-9]){{13}}(?!{_S}?[0-9])")


def _announced_across_lines(text: str, match: re.Match[str]) -> Iterator[Finding]:
    start = match.start("number")
    type_ = EntityType.SIRET if match["siret"] else EntityType.NIR
    end = across_line_end(text, start, _WHOLE_SIRET if match["siret"] else _WHOLE_NIR)
    if end is None:
        return
    number = _alphanumerics(text[start:end])
    whole = len(_alphanumerics(text[start:end].partition("\n")[0])) == _NIR_WITHOUT_KEY and not has_nir_key(number)
    if match["siret"] or (has_nir_shape(number) and not whole):
        yield Finding(start, end, type_, 0.75, "context")


def _is_spaced_as_a_nir(text: str) -> bool:
    """Say whether separators stand only between sex, year, month, department, commune, order and key."""
    position = 0
    for char in text:
        if char.isalnum():
            position += 1
        elif position not in _NIR_BORDERS:
            return False
    return True


def _announced_nir(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    """What follows `numéro de sécurité sociale`, even mistyped."""
    yield Finding(*match.span("number"), EntityType.NIR, 0.5, "context")


def _boxed_nir(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """One digit a box, as printed forms are read: nothing else is written so at this length."""
    if len(set(match[0])) >= _DISTINCT_IN_BOXES:
        named = stands_before(text, match.start(), _NIR_WORDS, within=_NEAR)
        yield Finding(*match.span(), EntityType.NIR, 0.5 if named else 0.4, "boxes")


def _siret(text: str, match: re.Match[str]) -> Iterator[Finding]:
    number = _alphanumerics(match[0])
    named = stands_before(text, match.start(), _SIRET_WORDS, within=_NEAR)
    is_timestamp = match[0].isdigit() and number[:2] in {"19", "20"}
    evenly = len(set(match[0]) - set("0123456789")) <= 1
    if is_siret(number) and (named or (evenly and not is_timestamp)):
        yield Finding(*match.span(), EntityType.SIRET, 0.95 if named else 0.8, "luhn")
    elif named:
        yield Finding(*match.span(), EntityType.SIRET, 0.6, "context")


def _siren(text: str, match: re.Match[str]) -> Iterator[Finding]:
    if stands_before(text, match.start(), _SIREN_WORDS, within=_NEAR):
        checked = is_luhn(_alphanumerics(match[0]))
        yield Finding(*match.span(), EntityType.SIREN, 0.95 if checked else 0.55, "luhn" if checked else "context")


def _vat(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    number = _alphanumerics(match[0])[2:]
    if is_vat_fr(number):
        yield Finding(*match.span(), EntityType.SIREN, 0.95, "vat-key")


_IBAN_BODIES = {
    length: exact(f"(?:{_S}?[0-9A-Za-z]){{{length - 4}}}(?![0-9A-Za-z])") for length in set(IBAN_LENGTH.values())
}
_IBANS = {
    length: exact(f"[A-Za-z]{{2}}[0-9]{{2}}(?:{_S}{{0,3}}[0-9A-Za-z]){{{length - 4}}}(?![0-9A-Za-z])")
    for length in set(IBAN_LENGTH.values())
}


def _iban(text: str, match: re.Match[str]) -> Iterator[Finding]:
    length = IBAN_LENGTH.get(match[0][:2].upper())
    if length is None:
        return
    start = match.start()
    body = _IBAN_BODIES[length].match(text, match.end())
    broken = body is None or "\n" in match[0]
    end = across_line_end(text, start, _IBANS[length]) if body is None else body.end()
    if end is None:
        return
    number = _alphanumerics(text[start:end])
    if broken and not is_iban(number) and not stands_before(text, start, _BANK_WORDS, within=_NEAR):
        return
    if is_iban(number):
        yield Finding(start, end, EntityType.IBAN, 0.99, "mod97")
    elif match[0].isupper() and (
        stands_before(text, start, _BANK_WORDS, within=_NEAR) or (number[4:14].isdigit() and number[:2] == "FR")
    ):
        yield Finding(start, end, EntityType.IBAN, 0.6, "iban-shape")


def _rib(text: str, match: re.Match[str]) -> Iterator[Finding]:
    named = stands_before(text, match.start(), _BANK_WORDS, within=120)
    if named and is_rib(_alphanumerics(match[0])):
        yield Finding(*match.span(), EntityType.IBAN, 0.95, "rib-key")


def _card(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Try the number, then the number without its last groups: an expiry date may follow it."""
    number = _alphanumerics(match[0])
    lengths = CARD_LENGTHS.get(number[:4])
    if lengths is None:
        return
    groups = [(piece.end(), len(piece[0])) for piece in _DIGITS.finditer(match[0])]
    count = len(number)
    for end, size in reversed(groups[-3:]):
        if count in lengths and is_luhn(number[:count]):
            named = stands_before(text, match.start(), _CARD_WORDS, within=_NEAR)
            yield Finding(match.start(), match.start() + end, EntityType.CARD, 0.95 if named else 0.9, "luhn")
            return
        count -= size


def _announced_card(text: str, match: re.Match[str]) -> Iterator[Finding]:
    start, end = match.span("number")
    if text[end : end + 2].strip(" -")[:1] in _LINE_ENDS:  # told in full on two lines
        end = across_line_end(text, start, _WHOLE_CARD) or end
    yield Finding(start, end, EntityType.CARD, 0.55, "context")


def _card_code(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    """The digits on the back of a card. After `crypto` alone, four may be a year."""
    if match["code"][:2] not in {"19", "20"} or len(match["code"]) == _SHORT_CODE or ":" in match[0]:
        yield Finding(*match.span("code"), EntityType.CARD, 0.5, "context")


def _plate(text: str, match: re.Match[str]) -> Iterator[Finding]:
    if "SS" in (match["left"].upper(), match["right"].upper()) or match["number"] == "000":
        return
    named = stands_before(text, match.start(), _PLATE_WORDS, within=_NEAR)
    if named or (match[0].isupper() and ("-" in match[0] or match[0].isalnum())):
        yield Finding(*match.span(), EntityType.PLATE, 0.9 if named else 0.8, "shape")


def _old_plate(text: str, match: re.Match[str]) -> Iterator[Finding]:
    if stands_before(text, match.start(), _PLATE_WORDS, within=_NEAR):
        yield Finding(*match.span(), EntityType.PLATE, 0.8, "context")


# Between two of its digits a line may end, as in what was copied from a page.
_L = f"(?:{_S}?\r?\n|{_S}{{0,2}})"
_ROUGH_L = f"(?:{_R}|[\r\n]){{0,3}}"
_ROUGH_NIR = f"{digits(5, first='[1-478]', most=2)}{_R}{{0,2}}[0-9ABab](?:{_R}{{0,2}}[0-9]){{6}}"
_PLATE_LETTERS = "[A-HJ-NP-TV-Z]{2}"

DETECTORS = (
    Detector(
        "nir",
        EntityType.NIR,
        (Rough(_ROUGH_NIR, after=_NOT_DIGIT),),
        exact(
            rf"(?<![0-9])(?P<body>[1-478](?:{_S}{{0,2}}[0-9]){{5}}{_S}{{0,2}}[0-9ABab](?:{_S}{{0,2}}[0-9]){{6}})"
            rf"(?:{_S}{{0,2}}(?:[/(]|cl{E_ACUTE} ?:?)?{_S}?(?P<key>[0-9]{_S}?[0-9]))?(?![0-9])"
        ),
        _nir,
    ),
    Detector(
        # Spaced from its first digit on, so that columns of numbers do not look like it.
        "nir-across-lines",
        EntityType.NIR,
        (
            Rough(
                f"[1-478]{_R}{{1,2}}[0-9](?:{_ROUGH_L}[0-9]){{4}}{_ROUGH_L}[0-9ABab](?:{_ROUGH_L}[0-9]){{6}}",
                after=_NOT_DIGIT,
            ),
        ),
        exact(
            rf"(?<![0-9])(?P<body>[1-478]{_S}{{1,2}}[0-9](?:{_L}[0-9]){{4}}{_L}[0-9ABab](?:{_L}[0-9]){{6}})"
            rf"(?:{_L}(?:[/(]|cl{E_ACUTE} ?:?)?{_S}?(?P<key>[0-9]{_S}?[0-9]))?(?![0-9])"
        ),
        _nir_across_lines,
    ),
    Detector(
        "announced-across-lines",
        EntityType.NIR,
        (
            *(Rough(folded(head), caseless=True) for head in ("sécu", "se\u0301cu")),
            *heads("NIR", "SIRET", caseless=True),
        ),
        exact(
            rf"(?<![0-9A-Za-z])(?:s{E_ACUTE}cu(?:rit{E_ACUTE})?(?:{_S}sociale)?|NIR|(?P<siret>SIRET))"
            rf"(?:[ \t:.*_|(){chr(0xA0)}]|n°|est|le){{0,8}}(?P<number>[0-9])",
            caseless=True,
        ),
        _announced_across_lines,
    ),
    Detector(
        "nir-in-boxes",
        EntityType.NIR,
        (Rough("[0-9](?: {1,2}[0-9]){11}", after=_NOT_DIGIT),),
        exact(r"(?<![0-9])(?<![0-9] )(?<![0-9]  )[0-9](?: {1,2}[0-9]){11,47}(?! {0,2}[0-9](?![0-9]))(?![0-9])"),
        _boxed_nir,
    ),
    Detector(
        "nir-announced",
        EntityType.NIR,
        (*(Rough(folded(head), caseless=True) for head in ("sécu", "se\u0301cu")), *heads("NIR", caseless=True)),
        exact(
            rf"(?:s{E_ACUTE}cu(?:rit{E_ACUTE})?(?:{_S}sociale)?|\bNIR\b)(?:{_S}?\(NIR\))?{_S}{{0,2}}"
            rf"(?::|est le|est|n°)?{_S}{{0,3}}(?P<number>[1-478](?:{_S}{{0,2}}[0-9AB]){{9,15}})(?![0-9])",
            caseless=True,
        ),
        _announced_nir,
    ),
    Detector(
        "siret",
        EntityType.SIRET,
        (Rough("[0-9]{3}" + f"{_R}?[0-9]{{3}}" * 3 + f"{_R}?[0-9]{{2}}", after=_NOT_DIGIT),),
        exact(rf"(?<![0-9])[0-9]{{3}}{_S}?[0-9]{{3}}{_S}?[0-9]{{3}}{_S}?[0-9]{{3}}{_S}?[0-9]{{2}}(?![0-9])"),
        _siret,
    ),
    Detector(
        "siren",
        EntityType.SIREN,
        (Rough("[0-9]{3}" + f"{_R}?[0-9]{{3}}" * 2, after=_NOT_DIGIT),),
        exact(rf"(?<![0-9])[0-9]{{3}}{_S}?[0-9]{{3}}{_S}?[0-9]{{3}}(?!{_S}?[0-9])"),
        _siren,
    ),
    Detector(
        "vat-fr",
        EntityType.SIREN,
        (Rough(f"FR{_R}?[0-9]{{2}}{_R}?[0-9]", after=_NOT_ALNUM),),
        exact(rf"(?<![0-9A-Za-z])FR{_S}?[0-9]{{2}}(?:{_S}?[0-9]{{3}}){{3}}(?!{_S}?[0-9])"),
        _vat,
    ),
    Detector(
        "iban",
        EntityType.IBAN,
        (Rough(f"[A-Z]{{2}}[0-9]{{2}}{_ROUGH_L}(?:{_R}?[0-9A-Z]){{4}}", after=_NOT_ALNUM, caseless=True),),
        exact(rf"(?<![0-9A-Za-z])[A-Za-z]{{2}}[0-9]{{2}}(?={_L}(?:{_S}?[0-9A-Za-z]){{4}})"),
        _iban,
    ),
    Detector(
        "rib",
        EntityType.IBAN,
        (Rough(f"[0-9]{{5}}{_R}?[0-9]{{5}}{_R}?[0-9A-Z]", after=_NOT_ALNUM),),
        exact(
            rf"(?<![0-9A-Za-z])[0-9]{{5}}{_S}?[0-9]{{5}}{_S}?[0-9A-Z]{{11}}{_S}?[0-9]{{2}}(?![0-9A-Za-z])",
        ),
        _rib,
    ),
    Detector(
        "card",
        EntityType.CARD,
        (Rough(digits(12, first="[2-6]"), after=_NOT_DIGIT),),
        exact(rf"(?<![0-9])[2-6](?:{_S}?[0-9]){{12,18}}(?![0-9])"),
        _card,
    ),
    Detector(
        # Said to be one: whatever its issuer and its key.
        "card-announced",
        EntityType.CARD,
        heads("card", "carte", "cc ", "visa", "mastercard", "maestro", caseless=True),
        exact(
            rf"(?<![0-9A-Za-z])(?:cards?|cartes?(?: bancaires?| bleue| de (?:paiement|crédit|débit))?"
            rf"|cc|visa|mastercard|maestro)"
            rf"(?:[ :.#?°\n]|n°|no|num(?:é|e)ro|number|is|est|le|the|de|of){{0,12}}"
            rf"(?P<number>[0-9](?:{_S}?[0-9]){{11,18}})(?!{_S}?[0-9])",
            caseless=True,
        ),
        _announced_card,
    ),
    Detector(
        "card-code",
        EntityType.CARD,
        heads("crypto", "cvv", "cvc", caseless=True),
        exact(
            rf"(?<![0-9A-Za-z])(?:cryptogramme(?: visuel)?|crypto|cvv2?|cvc2?)"
            rf"(?:[ :.=\n*_]|n°|est|is|{E_ACUTE}tait){{0,8}}(?P<code>[0-9]{{3,4}})"
            rf"(?![0-9A-Za-z]|[.,/\-][0-9]|[ ]?[€$%])",
            caseless=True,
        ),
        _card_code,
    ),
    Detector(
        "plate",
        EntityType.PLATE,
        (Rough("[A-HJ-NP-TV-Z]{2}[ -]?[0-9]{3}[ -]?[A-HJ-NP-TV-Z]", after=_NOT_ALNUM, caseless=True),),
        exact(
            rf"(?<![0-9A-Za-z])(?P<left>{_PLATE_LETTERS})(?P<dash>[ -]?)(?P<number>[0-9]{{3}})(?P=dash)"
            rf"(?P<right>{_PLATE_LETTERS})(?![0-9A-Za-z])",
            caseless=True,
        ),
        _plate,
    ),
    Detector(
        "plate-before-2009",
        EntityType.PLATE,
        (Rough("[0-9]{1,4}[ -]?[A-Z]{2,3}[ -]?[0-9]", after=_NOT_ALNUM),),
        exact(r"(?<![0-9A-Za-z])[0-9]{1,4}[ -]?[A-HJ-NP-Z]{2,3}[ -]?(?:[0-9]{2,3}|2[AB])(?![0-9A-Za-z])"),
        _old_plate,
    ),
)
