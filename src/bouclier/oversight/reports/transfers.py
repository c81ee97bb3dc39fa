"""Transfers to third countries (GDPR chapter V), and what may be one: a missing fact never counts as being inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.oversight.reports.model import Column, Label, Section, Standing, Statement, Table
from bouclier.oversight.reports.words import CONTROL, COUNTRY, JOINT, LAWS, NONE, OPERATOR, SENT, UNKNOWN, known_or_not
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection

    from bouclier.oversight.reports.model import Row
    from bouclier.oversight.reports.particulars import Particulars
    from bouclier.oversight.reports.register_counts import RegisterCounts


def transfers(counts: RegisterCounts, particulars: Particulars, area: Collection[str]) -> Section:
    """Return what was sent that is a transfer to a third country, or may be one."""
    rows: list[Row] = []
    for operator, whose, country, control, laws in counts.tally.keys("transfer"):
        situation = _situation(whose == "own", country, control, laws, area)
        if situation is None:
            continue
        basis = particulars.transfers.get(operator)
        rows.append(
            (
                Label(operator),
                known_or_not(country),
                known_or_not(control),
                known_or_not(laws),
                situation,
                Statement(basis, Standing.UNKNOWN if basis is None else Standing.STATED),
                counts.tally.times("transfer", operator, whose, country, control, laws),
            )
        )
    return Section(
        "transfers",
        Bilingual("Transferts vers des pays tiers — art. 30(1)(e)", "Transfers to third countries — art. 30(1)(e)"),
        notes=(
            Bilingual(
                "Envois de données personnelles, pseudonymisées comprises. Un pays inconnu n'est pas un pays de "
                "l'Union. La base est celle que déclare le responsable ; sinon elle est inconnue.",
                "Personal data sent, pseudonymised data included. An unknown country is not one of the Union. The "
                "basis is the one the controller states; else it is unknown.",
            ),
        ),
        tables=(
            Table(
                "transfers",
                Bilingual("Transferts, et ce qui peut en être un", "Transfers, and what may be one"),
                (
                    OPERATOR,
                    COUNTRY,
                    CONTROL,
                    LAWS,
                    Column("situation", Bilingual("Situation", "Situation"), "dimension"),
                    Column("basis", Bilingual("Base du transfert", "Basis of the transfer"), "statement"),
                    SENT,
                ),
                tuple(rows),
            ),
        ),
    )


def _situation(own: bool, country: str, control: str, laws: str, area: Collection[str]) -> Label | None:  # noqa: FBT001 -- read beside what it goes with
    """Return why a sending belongs among transfers, or None when nothing suggests it does."""
    if own and country in {UNKNOWN.id, *area}:
        return None
    if country != UNKNOWN.id and country not in area:
        return Label("third-country", Bilingual("machines hors de l'EEE", "machines outside the EEA"))
    if country == UNKNOWN.id:
        return Label(
            "country-unknown", Bilingual("pays inconnu : transfert possible", "country unknown: possibly a transfer")
        )
    states = set() if control in {NONE.id, UNKNOWN.id} else set(control.split(JOINT))
    if laws != NONE.id or control == UNKNOWN.id or states - set(area):
        return Label(
            "foreign-reach",
            Bilingual(
                "dans l'EEE, à portée d'une loi étrangère",
                "in the EEA, within reach of a foreign law",
            ),
        )
    return None
