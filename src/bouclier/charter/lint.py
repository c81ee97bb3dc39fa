"""What a charter that loads must still have before anybody signs it: texts, reasons, reach, and nothing that is dead.

Loading refuses what is wrong; this tells what is unfinished. Checked, in this order: the texts of each pack in French
and English, its cases, its legal basis and its limits; the titles of each policy; that the base alone permits; that
every item of data serves a policy (`lint_data`); that every policy is reached, and no permit always overridden
(`reach`, which says how sure that is).

Not done here: whether the law says what `@basis` says it says. That is for people.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bouclier.charter.asked import asked_by_policies, words_asked
from bouclier.charter.flaws import Flaw
from bouclier.charter.lint_data import data_flaws
from bouclier.charter.parse import PACK_FILE, TESTS_FILE, TEXT_FILES
from bouclier.charter.reach import reach
from bouclier.charter.sampling import bases
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.charter.model import Charter, PackAbout, Policy
    from bouclier.charter.reach import Reach

BASE_PACK: Final = "socle"
"""The only pack that may permit."""

_ENDS: Final = (".", "!", "?", "…")
_TWO_SENTENCES: Final = re.compile(r"(?<!\bart)(?<!\bal)(?<!\bn)(?<!\bs)(?<!\b[A-Z])[.!?]\s+[«“\"]?[A-ZÀ-ÖØ-Þ]")


def lint(charter: Charter) -> tuple[Flaw, ...]:
    """Return what is unfinished in a charter, pack by pack; about a second for fifty policies."""
    return tuple(_flaws(charter))


def _flaws(charter: Charter) -> Iterator[Flaw]:
    for name, pack in charter.packs.items():
        yield from _pack_flaws(name, pack, charter)
    asked, words = asked_by_policies(charter), words_asked(charter)
    starts = bases(words)
    for policy in charter.policies.values():
        if policy.file in charter.files:  # an order's policies are another's
            yield from _policy_flaws(policy)
            yield from _reach_flaws(policy, reach(policy, asked[policy.ref.id], charter, starts))
    yield from data_flaws(charter, words)


def _pack_flaws(name: str, pack: PackAbout, charter: Charter) -> Iterator[Flaw]:
    for file in (*TEXT_FILES, TESTS_FILE):
        path = f"packs/{name}/{file}"
        if not charter.files.get(path, "").strip():
            yield Flaw(
                "text-missing" if file in TEXT_FILES else "cases-missing",
                path,
                0,
                Bilingual("Ce fichier manque ou est vide.", "This file is missing or empty."),
                Bilingual(
                    "un pack a un texte en français, un en anglais, et des cas",
                    "a pack has a text in French, one in English, and cases",
                ),
            )
    path = f"packs/{name}/{PACK_FILE}"
    if not pack.basis:
        yield Flaw(
            "basis-missing",
            path,
            0,
            Bilingual("Aucun texte de droit n'est cité.", "No text of law is cited."),
            Bilingual(
                "citez-le dans « basis », daté, avec sa source", "cite it in `basis`, dated, with where to read it"
            ),
        )
    if not pack.limits.fr or len(pack.limits.fr) != len(pack.limits.en):
        yield Flaw(
            "limits-missing",
            path,
            0,
            Bilingual(
                "Les limites manquent, ou ne sont pas aussi nombreuses en français qu'en anglais.",
                "Limits are missing, or not as many in French as in English.",
            ),
            Bilingual("dites franchement ce que le pack ne fait pas", "say frankly what the pack does not do"),
        )


def _policy_flaws(policy: Policy) -> Iterator[Flaw]:
    titles = (policy.ref.title_fr, policy.ref.title_en)
    if titles[0].strip() == titles[1].strip():
        yield _of(
            policy,
            "titles-alike",
            Bilingual("Les titres français et anglais sont les mêmes.", "The French and English titles are the same."),
            Bilingual("traduisez l'un des deux", "translate one of them"),
        )
    if not all(_is_one_sentence(title) for title in titles):
        yield _of(
            policy,
            "title-not-a-sentence",
            Bilingual("Un titre n'est pas une phrase, une seule.", "A title is not one sentence."),
            Bilingual("une phrase, qui finit par un point", "one sentence that ends with a full stop"),
        )
    if policy.effect == "permit" and policy.action == "infer" and not policy.file.startswith(f"packs/{BASE_PACK}/"):
        yield _of(
            policy,
            "permit-outside-the-base",
            Bilingual(f"Seul le pack « {BASE_PACK} » permet.", f"Only the pack '{BASE_PACK}' permits."),
            Bilingual("interdisez, ou obligez (action « oblige »)", "forbid, or oblige (action `oblige`)"),
        )


def _is_one_sentence(title: str) -> bool:
    return title.endswith(_ENDS) and _TWO_SENTENCES.search(title) is None


def _reach_flaws(policy: Policy, found: Reach) -> Iterator[Flaw]:
    if found.may_err:
        yield _of(
            policy,
            "may-err",
            Bilingual(
                "L'évaluer échoue pour certaines demandes : la passerelle les refuserait toutes.",
                "Evaluating it fails for some requests: the gateway would refuse them all.",
            ),
            Bilingual(
                "évitez les calculs ; vérifiez qu'un attribut existe", "avoid arithmetic; test that attributes exist"
            ),
        )
    if not found.is_reached:
        sure = Bilingual("toutes celles qui comptent", "all that matter") if found.is_exhaustive else _NOT_SURE
        yield _of(
            policy,
            "unreachable",
            Bilingual(
                f"Aucune demande ne l'atteint : {found.tried} essayées, {sure.fr}.",
                f"No request reaches it: {found.tried} tried, {sure.en}.",
            ),
            Bilingual(
                "sa condition est toujours fausse, ou demande un usage ou un signal que data.json ne donne jamais",
                "its condition is always false, or asks for a use or a signal that no data.json ever gives",
            ),
        )
    elif not found.has_effect:
        yield _of(
            policy,
            "shadowed",
            Bilingual(
                f"Sur les {found.tried} demandes essayées, une interdiction l'emporte toujours sur elle.",
                f"On the {found.tried} requests tried, a forbid always wins over it.",
            ),
            Bilingual("ôtez-la, ou précisez l'interdiction", "remove it, or narrow the forbid"),
        )


_NOT_SURE: Final = Bilingual("un échantillon, ce n'est pas une preuve", "a sample, which is no proof")


def _of(policy: Policy, code: str, message: Bilingual, hint: Bilingual) -> Flaw:
    said = Bilingual(f"« {policy.ref.id} » : {message.fr}", f"'{policy.ref.id}': {message.en}")
    return Flaw(code, policy.file, policy.line, said, hint)
