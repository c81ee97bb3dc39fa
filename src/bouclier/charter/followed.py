"""What following a published charter yields: the charter and the orders, verified, and what is wrong with the rest.

Rules this module keeps:
  * a `Followed` holds only bytes whose signatures, digests and versions were verified; `expires` says until when;
  * an authority whose own role went wrong is named in `problems`; its last valid orders stay, marked `kept`, until each
    one's own expiry, and nothing new comes from it;
  * a charter that cannot be followed is one error with one reason.

Whether the bytes are a charter, facts, or an order within its mandate, is decided where they are parsed, not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from datetime import datetime


class Reason(StrEnum):
    """Why a charter, or one authority's role, is not followed."""

    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    ROLLED_BACK = "rolled-back"
    UNDER_THRESHOLD = "under-threshold"
    WRONG_KEY = "wrong-key"
    SUBSTITUTED = "substituted"
    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    UNPUBLISHED = "unpublished"
    OUTSIDE = "outside-delegation"
    TOO_MANY = "too-many-orders"
    REMOVED = "removed"
    STATE = "state-unusable"


_WORDS: Final = {
    Reason.UNREACHABLE: Bilingual(
        "le dépôt ne répond pas, ou pas entièrement", "the repository does not answer, or not wholly"
    ),
    Reason.EXPIRED: Bilingual("la signature est périmée", "the signature has expired"),
    Reason.ROLLED_BACK: Bilingual(
        "une version plus ancienne, ou autre, que celle déjà vue ou annoncée est servie",
        "a version older than, or other than, the one already seen or announced is served",
    ),
    Reason.UNDER_THRESHOLD: Bilingual(
        "trop peu de clés habilitées ont signé", "too few of the entitled keys have signed"
    ),
    Reason.WRONG_KEY: Bilingual("aucune clé habilitée n’a signé", "none of the entitled keys has signed"),
    Reason.SUBSTITUTED: Bilingual(
        "le contenu servi n’est pas celui qui est signé", "what is served is not what is signed"
    ),
    Reason.OVERSIZED: Bilingual(
        "plus de données sont servies ou annoncées que permis", "more data is served or announced than allowed"
    ),
    Reason.MALFORMED: Bilingual("le fichier ne se lit pas", "the file cannot be read"),
    Reason.UNPUBLISHED: Bilingual("rien n’est encore publié", "nothing is published yet"),
    Reason.OUTSIDE: Bilingual("un fichier est hors de la délégation", "a file is outside the delegation"),
    Reason.TOO_MANY: Bilingual(
        "plus d’injonctions, ou plus volumineuses, qu’une autorité ne peut en publier",
        "more orders, or larger ones, than an authority may publish",
    ),
    Reason.REMOVED: Bilingual("les éditeurs ont mis fin à sa délégation", "the editors ended its delegation"),
    Reason.STATE: Bilingual("l’état gardé sur disque est inutilisable", "the state kept on disk cannot be used"),
}

_HINTS: Final = {
    Reason.UNREACHABLE: Bilingual(
        "Vérifiez l’adresse ou le dossier, et le réseau. La dernière charte vérifiée sert jusqu’à son échéance.",
        "Check the address or folder, and the network. The last verified charter serves until it expires.",
    ),
    Reason.EXPIRED: Bilingual(
        "Vérifiez l’horloge de cette machine ; puis faites signer à nouveau le dépôt, ou apportez une copie récente.",
        "Check this machine’s clock; then have the repository signed again, or bring a recent copy.",
    ),
    Reason.STATE: Bilingual(
        "Vérifiez les droits et la place du dossier. Effacer ce dossier fait oublier les versions vues.",
        "Check the folder’s rights and room. Deleting the folder forgets the versions that were seen.",
    ),
}
_EFFECTS: Final = {
    Reason.TOO_MANY: Bilingual(
        "Les premières comptent, dans l’ordre de leurs noms ; les autres sont sans effet.",
        "The first count, in the order of their names; the others have no effect.",
    ),
    Reason.REMOVED: Bilingual("Ses injonctions n’ont plus d’effet.", "Its orders have no effect any more."),
}
_KEPT: Final = Bilingual(
    "Rien de nouveau n’en vient ; ses injonctions que la délégation actuelle accepte encore restent jusqu’à leur "
    "propre échéance.",
    "Nothing new comes from it; those of its orders that today’s delegation still accepts stay until their own expiry.",
)
_ALERT: Final = Bilingual(
    "Rien n’en est appliqué. Prévenez qui publie la charte : c’est une erreur de publication, ou une attaque.",
    "None of it is applied. Tell whoever publishes the charter: it is a mistake of theirs, or an attack.",
)


class CharterNotFollowedError(CharterError):
    """The published charter cannot be followed: unreachable, expired, or not what its parties signed.

    Attributes:
        reason: Which of these.
        role: The TUF role, or the file, concerned.
    """

    code = "charter_not_followed"

    def __init__(self, reason: Reason, role: str) -> None:
        words = _WORDS[reason]
        super().__init__(
            Bilingual(
                f"La charte publiée n’est pas suivie : « {role} » : {words.fr}.",
                f"The published charter is not followed: `{role}`: {words.en}.",
            ),
            _HINTS.get(reason, _ALERT),
            param=role,
        )
        self.reason = reason
        self.role = role


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong that leaves the charter valid.

    Attributes:
        reason: What it is.
        role: The authority's role; `repository` for the repository as a whole.
    """

    reason: Reason
    role: str

    @property
    def text(self) -> Bilingual:
        """One sentence for whoever runs or oversees the gateway."""
        words = _WORDS[self.reason]
        if self.role == REPOSITORY:
            return Bilingual(
                f"{words.fr[:1].upper()}{words.fr[1:]} : la dernière charte vérifiée sert jusqu’à son échéance.",
                f"{words.en[:1].upper()}{words.en[1:]}: the last verified charter serves until it expires.",
            )
        effect = _EFFECTS.get(self.reason, _KEPT)
        return Bilingual(f"« {self.role} » : {words.fr}. {effect.fr}", f"`{self.role}`: {words.en}. {effect.en}")


REPOSITORY: Final = "repository"
"""The role of a problem that is not one authority's."""


@dataclass(frozen=True, slots=True)
class PublishedOrder:
    """An authority's file, as it signed it.

    Attributes:
        authority_role: TUF role, `authority-<id>`.
        path: Target path, `orders/<id>/<name>.json`.
        digest: SHA-256 of the data, in hexadecimal.
        data: The order's bytes.
        kept: Whether it is only kept: the role that signed it has a problem.
    """

    authority_role: str
    path: str
    digest: str
    data: bytes = field(repr=False)
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """A published charter, verified at one time.

    Attributes:
        bundle: The charter's bundle, target `charter.json`.
        registry: The facts that the editors signed with it, target `registry.json`; None if they signed none.
        orders: Of all authorities, by path.
        root_version: Of the newest root that this client verified.
        targets_version: Of what the editors signed.
        snapshot_version: Of the list of all versions.
        timestamp_version: Of the freshest statement.
        expires: From then on it must not be used: the earliest expiry of timestamp, snapshot, targets and root.
        adopted_by: Names of the parties whose keys signed that root; empty when one key is enough.
        parties: Names of all parties that hold a root key.
        threshold: How many of them a new root needs.
        editors: Names of the editors whose keys signed the charter in force.
        editors_threshold: How many of them it needs.
        problems: What is wrong, without making the charter invalid.
    """

    bundle: bytes = field(repr=False)
    registry: bytes | None = field(repr=False)
    orders: tuple[PublishedOrder, ...]
    root_version: int
    targets_version: int
    snapshot_version: int
    timestamp_version: int
    expires: datetime
    adopted_by: tuple[str, ...]
    parties: tuple[str, ...]
    threshold: int
    editors: tuple[str, ...]
    editors_threshold: int
    problems: tuple[Problem, ...] = ()
