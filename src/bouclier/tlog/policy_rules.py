"""What a policy may say: the rules of `policy`, whether it is read from a text or built in Python.

What was taken in before decides what may follow, so one object is fed in order and refuses at the first mistake.

Source: c2sp.org/tlog-policy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import PolicyTextError
from bouclier.tlog.note import SignatureType, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

NO_QUORUM: Final = "none"
"""The name that stands for no cosignature at all."""

_LOG_TYPES: Final = frozenset({SignatureType.ED25519, SignatureType.ML_DSA_44})
_WITNESS_TYPES: Final = frozenset({SignatureType.COSIGNATURE, SignatureType.ML_DSA_44})
_WORD: Final = re.compile(r"[^\x00-\x20\x7f]+")


class PolicyRules:
    """What a policy says so far, and the refusal of what may not follow.

    Attributes:
        line: Number of the line being read, or None outside a text.
    """

    def __init__(self) -> None:
        self.line: int | None = None
        self._log_keys: set[bytes] = set()
        self._witness_keys: set[bytes] = set()
        self._lines: set[tuple[str, bytes]] = set()
        self._names: set[str] = set()
        self._members: set[str] = set()

    def refuse(self, fr: str, en: str, hint_fr: str, hint_en: str) -> NoReturn:
        """Raise what is wrong on the line being read."""
        raise PolicyTextError(Bilingual(fr, en), Bilingual(hint_fr, hint_en), line=self.line)

    def add_log(self, key: VerifierKey, url: str | None) -> None:
        """Take in a log."""
        self._check_key(key, _LOG_TYPES, self._log_keys)
        self._check_url(url)

    def add_witness(self, name: str, key: VerifierKey, url: str | None) -> None:
        """Take in a witness and define its name."""
        self._define(name)
        self._check_key(key, _WITNESS_TYPES, self._witness_keys)
        self._check_url(url)

    def add_group(self, name: str, threshold: int, members: Sequence[str]) -> None:
        """Take in a group of names defined before, and define its own."""
        for member in members:
            if member not in self._names:
                self.refuse(
                    "un membre du groupe n'est pas défini plus haut",
                    "a member of the group is not defined above",
                    "Définissez témoins et groupes avant de les nommer.",
                    "Define witnesses and groups before you name them.",
                )
            if member in self._members:
                self.refuse(
                    "un membre est déjà dans un groupe",
                    "a member is in a group already",
                    "Nommez chaque témoin ou groupe dans un seul groupe, une seule fois.",
                    "Name each witness or group in one group only, and once.",
                )
            self._members.add(member)
        if not 1 <= threshold <= len(members):
            self.refuse(
                f"le seuil du groupe n'est pas entre 1 et {len(members)}, le nombre de ses membres",
                f"the threshold of the group is not between 1 and {len(members)}, the number of its members",
                "Écrivez all, any, ou un nombre dans ces limites.",
                "Write all, any, or a number within these limits.",
            )
        # Last, so that a group cannot be its own member.
        self._define(name)

    def set_quorum(self, name: str) -> None:
        """Take in the quorum, which names what is defined before."""
        if name != NO_QUORUM and name not in self._names:
            self.refuse(
                "le quorum n'est ni none, ni un témoin ou groupe défini plus haut",
                "the quorum is neither none nor a witness or group defined above",
                "Placez la ligne quorum après ce qu'elle nomme, à la fin du fichier.",
                "Put the quorum line after what it names, at the end of the file.",
            )

    def _define(self, name: str) -> None:
        if name == NO_QUORUM or name in self._names or _WORD.fullmatch(name) is None:
            self.refuse(
                "ce nom est réservé, déjà défini, ou n'est pas un mot",
                "this name is reserved, defined already, or not a word",
                "Choisissez un autre nom, sans espace, qui ne soit pas none.",
                "Choose another name, without spaces, that is not none.",
            )
        self._names.add(name)

    def _check_key(self, key: VerifierKey, types: Collection[SignatureType], keys: set[bytes]) -> None:
        if key.type not in types:
            self.refuse(
                f"une clé de type {key.type} ne sert pas ici",
                f"a key of type {key.type} does not serve here",
                "Un journal a une clé de type 1 ou 6, un témoin de type 4 ou 6 : demandez-lui la bonne.",
                "A log has a key of type 1 or 6, a witness of type 4 or 6: ask for the right one.",
            )
        if _WORD.fullmatch(key.name) is None:
            # A signed note allows DEL in a name, a policy nowhere: this key could not be written.
            self.refuse(
                "le nom d'une clé ne peut s'écrire dans une politique",
                "the name of a key cannot be written in a policy",
                "Demandez une clé dont le nom n'a pas de caractère de contrôle.",
                "Ask for a key whose name has no control character.",
            )
        # The same name and id would make one signature line speak for both, whether they are one key as log and
        # as witness, or two that were made to collide.
        if key.public_key in keys or (key.name, key.key_id) in self._lines:
            self.refuse(
                "cette clé publique, ou son nom avec son identifiant, est déjà dans la politique",
                "this public key, or its name with its id, is in the policy already",
                "Gardez une seule des lignes : un témoin ne peut compter deux fois, ni un journal se cosigner.",
                "Keep one of the lines: no witness can count twice, and no log cosign itself.",
            )
        keys.add(key.public_key)
        self._lines.add((key.name, key.key_id))

    def _check_url(self, url: str | None) -> None:
        if url is not None and _WORD.fullmatch(url) is None:
            self.refuse(
                "une adresse n'est pas un mot",
                "an address is not a word",
                "Écrivez-la sans espace.",
                "Write it without spaces.",
            )
