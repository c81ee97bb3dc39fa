"""E-mail addresses, telephone numbers and IP addresses are found as people write them."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner

SCANNER = ReScanner()


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.type.value, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


@pytest.mark.parametrize(
    "address",
    [
        "jean.dupont@example.fr",
        "j+impots@mairie.example.org",
        "hélène@exämple.fr",
        "o'brien@example.org",
        "X_Y-Z@sub.domain.example.museum",
        "a@b.fr",
    ],
)
@pytest.mark.parametrize("around", ["{}", "écrire à <{}>, merci", "courriel:{}.", "(mailto:{})"])
def test_an_email_address_is_found_alone_and_in_a_sentence(address: str, around: str) -> None:
    assert found(around.format(address)) == [("EMAIL", address)]


@pytest.mark.parametrize("text", ["@maire sur le réseau", "prix @ 3.50", "a@b", "voir https://example.org/@compte"])
def test_an_at_sign_alone_is_not_an_address(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "number",
    [
        "01 99 00 12 34",
        "01.99.00.12.34",
        "01-99-00-12-34",
        "0199001234",
        "01/99/00/12/34",
        "0639 981 234",
        "06\u00a039\u00a098\u00a012\u00a034",
        "06\u202f39\u202f98\u202f12\u202f34",
        "0262 12 34 56",
        "0 800 123 456",
        "+33 6 39 98 12 34",
        "+33 (0)6 39 98 12 34",
        "+33639981234",
        "(+33) 6 39 98 12 34",
        "0033 6 39 98 12 34",
        "+262 692 12 34 56",
        "+590 590 20 12 34",
        "+49 30 901820",
        "+44 20 7946 0958",
        "+1 212-555-0123",
        "+32 2 555 12 12",
    ],
)
def test_a_telephone_number_is_found_in_every_form(number: str) -> None:
    text = f"Joindre le {number} le matin"
    assert found(text) == [("PHONE", number)]


def test_a_postcode_after_an_international_number_is_not_part_of_it() -> None:
    assert ("PHONE", "+49 30 901820") in found("+49 30 901820 10623 Berlin")


@pytest.mark.parametrize(
    "text",
    ["le 01-02-2003 0405 fois", "01/02/2003 04:05", "012345678901", "+12 % de hausse", "la somme de 00 12 euros"],
)
def test_dates_and_amounts_are_not_telephone_numbers(text: str) -> None:
    assert [one for one in found(text) if one[0] == "PHONE"] == []


@pytest.mark.parametrize(
    "address", ["192.0.2.17", "2001:db8::8a2e:370:7334", "fe80::1ff:fe23:4567:890a", "2001:db8:1::ab9:C0A8:102"]
)
def test_an_ip_address_is_found(address: str) -> None:
    assert found(f"connexion depuis {address}, refusée") == [("IP", address)]


@pytest.mark.parametrize(
    "text",
    ["version 1.2.3.4", "v1.2.3.4", "1.2.3.4.5", "256.1.1.1", "std::vector", "a::b", "12:34:56", "00:1a:2b:3c:4d:5e"],
)
def test_versions_times_and_source_code_are_not_ip_addresses(text: str) -> None:
    assert "IP" not in dict(found(text))
