"""Whom to believe about a log: its keys, the witnesses, and how many of them must have cosigned.

    log <vkey> [<url>]                      a key of a log; its name is the log's origin
    witness <name> <vkey> [<url>]           a witness, and the name it has in this file
    group <name> all|any|<k> <name>...      a group counts as a witness once k of its members do
    quorum <name>|none                      what a checkpoint needs

Rules kept here:
1. Names are defined once and before they are used, each is a member of one group at most, and there is one quorum:
   so each witness counts at most once, and groups cannot go in circles.
2. No public key stands for two logs, nor for two witnesses, whatever their names and types: one witness would make a
   quorum. No key is at once a log's and a witness's: one signature would count as both.
3. A log signs with type 0x01 or 0x06, a witness with 0x04 or 0x06.

Names and addresses are opaque: they are compared octet by octet and never looked up. Octets that are not UTF-8 pass
through Python's `surrogateescape`.

What is not done here: reading files, asking witnesses, and whether the times they say are recent.

Source: c2sp.org/tlog-policy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import KeyTextError, PolicyTextError, QuorumError, SignatureError
from bouclier.tlog.note import VerifierKey, parse_vkey, render_vkey
from bouclier.tlog.policy_rules import NO_QUORUM, PolicyRules
from bouclier.tlog.signatures import OpenedCheckpoint, open_checkpoint
from bouclier.tlog.spelling import parse_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MAX_POLICY_CHARACTERS: Final = 1_000_000
"""Size of a policy: hundreds of witnesses with ML-DSA-44 keys."""

_REFUSED_OCTETS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class PolicyLog(NamedTuple):
    """A log to believe.

    Attributes:
        key: Its key, named after its origin.
        url: Where it is, for whoever asks it; opaque.
    """

    key: VerifierKey
    url: str | None = None


class PolicyWitness(NamedTuple):
    """A witness that can count.

    Attributes:
        name: Its name in the policy, which need not be the key's.
        key: Its key.
        url: Where checkpoints are submitted to it; opaque.
    """

    name: str
    key: VerifierKey
    url: str | None = None


class PolicyGroup(NamedTuple):
    """Witnesses and groups that count as one once enough of them do.

    Attributes:
        name: Its name in the policy.
        threshold: How many members it takes, from 1 to all.
        members: Names defined before.
    """

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class WitnessPolicy:
    """Logs, witnesses and a quorum; valid once it exists.

    Attributes:
        logs: The logs to believe, possibly none.
        witnesses: Who can count.
        groups: In an order where members come first.
        quorum: Name of the witness or group that a checkpoint needs, or `NO_QUORUM`.

    Raises:
        PolicyTextError: A rule of the module is broken.
    """

    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()
    quorum: str = NO_QUORUM

    def __post_init__(self) -> None:
        rules = PolicyRules()
        for log in self.logs:
            rules.add_log(*log)
        for witness in self.witnesses:
            rules.add_witness(*witness)
        for group in self.groups:
            rules.add_group(*group)
        rules.set_quorum(self.quorum)

    @cached_property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The keys of its logs and witnesses."""
        return (*(log.key for log in self.logs), *(witness.key for witness in self.witnesses))

    def is_met_by(self, keys: Collection[VerifierKey]) -> bool:
        """Tell whether these keys, whose signatures the caller has verified, make the quorum."""
        cosigned = {witness.name for witness in self.witnesses if witness.key in keys}
        for group in self.groups:
            if sum(member in cosigned for member in group.members) >= group.threshold:
                cosigned.add(group.name)
        return self.quorum == NO_QUORUM or self.quorum in cosigned


def parse_policy(text: str | bytes) -> WitnessPolicy:
    """Return the policy that a text states, a line for each log, witness, group, and the quorum.

    Empty lines and lines that begin with `#` are ignored; spaces and tabs separate.

    Raises:
        PolicyTextError: A line breaks a rule of the format; says which line, what is wrong and what to do.

    Source: c2sp.org/tlog-policy, "Policy file syntax and structure".

    >>> parse_policy("# Nobody watches this log.\\nquorum none\\n").quorum
    'none'
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    rules = PolicyRules()
    if len(text) > MAX_POLICY_CHARACTERS:
        rules.refuse(
            f"la politique dépasse {MAX_POLICY_CHARACTERS} caractères",
            f"the policy exceeds {MAX_POLICY_CHARACTERS} characters",
            "Gardez-y les journaux et témoins utiles.",
            "Keep the logs and witnesses you need.",
        )
    draft = _Draft(rules)
    for number, line in enumerate(text.split("\n"), start=1):
        rules.line = number
        draft.read(line)
    rules.line = None
    return draft.finish()


def render_policy(policy: WitnessPolicy) -> str:
    """Return the text of a policy: logs, witnesses, groups, quorum, and no comments."""
    lines = [" ".join(["log", render_vkey(key), *_optional(url)]) for key, url in policy.logs]
    lines += [" ".join(["witness", name, render_vkey(key), *_optional(url)]) for name, key, url in policy.witnesses]
    lines += [
        " ".join(["group", name, "all" if threshold == len(members) else str(threshold), *members])
        for name, threshold, members in policy.groups
    ]
    return "\n".join([*lines, f"quorum {policy.quorum}", ""])


def verify_checkpoint(data: bytes, policy: WitnessPolicy, *, origin: str | None = None) -> OpenedCheckpoint:
    """Return a checkpoint that a log of the policy signed and the quorum cosigned.

    A signature by any key of the policy that does not verify refuses the checkpoint, even if it is not needed.

    Args:
        data: The signed note.
        policy: Whom to believe.
        origin: The log it must be of; any log of the policy if None.

    Raises:
        NoteError: It is not a signed note.
        CheckpointError: Its text is no checkpoint.
        SignatureError: A signature of a known key is false, the checkpoint is another log's, or no log of the policy
            with that origin signed it.
        QuorumError: Not enough witnesses cosigned it.

    Source: c2sp.org/tlog-policy; c2sp.org/tlog-proof, "Verifying a tlog proof".
    """
    opened = open_checkpoint(data, policy.keys)
    if origin is not None and opened.checkpoint.origin != origin:
        raise SignatureError(
            Bilingual("le point de contrôle est d'un autre journal", "the checkpoint is of another log"),
        )
    # A log speaks only for itself: its key's name is the origin it may sign.
    if not any(log.key in opened.verified and log.key.name == opened.checkpoint.origin for log in policy.logs):
        raise SignatureError(
            Bilingual(
                "aucun journal de la politique n'a signé ce point de contrôle sous son origine",
                "no log of the policy signed this checkpoint under its origin",
            )
        )
    if not policy.is_met_by(opened.verified.keys()):
        count = sum(witness.key in opened.verified for witness in policy.witnesses)
        raise QuorumError(
            Bilingual(
                f"le quorum n'est pas atteint : {count} témoin(s) de la politique sur {len(policy.witnesses)} "
                "ont cosigné",
                f"the quorum is not met: {count} of the policy's {len(policy.witnesses)} witness(es) cosigned",
            )
        )
    return opened


class _Draft:
    """The policy of a text, line by line."""

    def __init__(self, rules: PolicyRules) -> None:
        self._rules = rules
        self._logs: list[PolicyLog] = []
        self._witnesses: list[PolicyWitness] = []
        self._groups: list[PolicyGroup] = []
        self._quorum: str | None = None

    def read(self, line: str) -> None:
        """Take in one line, without its newline."""
        if _REFUSED_OCTETS.search(line):
            self._rules.refuse(
                "un caractère de contrôle",
                "a control character",
                "N'utilisez que espaces, tabulations et sauts de ligne simples (pas de retour chariot).",
                "Use only spaces, tabs and plain newlines (no carriage return).",
            )
        match [word for word in line.replace("\t", " ").split(" ") if word]:
            case []:
                pass
            case [first, *_] if first.startswith("#"):
                pass
            case ["log", vkey, *url] if len(url) <= 1:
                log = PolicyLog(self._key(vkey), *url)
                self._rules.add_log(*log)
                self._logs.append(log)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                witness = PolicyWitness(name, self._key(vkey), *url)
                self._rules.add_witness(*witness)
                self._witnesses.append(witness)
            case ["group", name, threshold, *members] if members:
                group = PolicyGroup(name, self._threshold(threshold, members), tuple(members))
                self._rules.add_group(*group)
                self._groups.append(group)
            case ["quorum", name] if self._quorum is None:
                self._rules.set_quorum(name)
                self._quorum = name
            case _:
                self._rules.refuse(
                    "la ligne n'est ni log, ni witness, ni group avec tous ses mots, ni le seul quorum",
                    "the line is no log, witness or group with all its words, nor the only quorum",
                    "Écrivez : log <vkey> [url], witness <nom> <vkey> [url], group <nom> all|any|<k> <noms>, "
                    "quorum <nom>|none ; un commentaire a sa propre ligne.",
                    "Write: log <vkey> [url], witness <name> <vkey> [url], group <name> all|any|<k> <names>, "
                    "quorum <name>|none; a comment has its own line.",
                )

    def finish(self) -> WitnessPolicy:
        """Return the policy once every line is read."""
        if self._quorum is None:
            self._rules.refuse(
                "il manque la ligne quorum",
                "the quorum line is missing",
                "Finissez par quorum <nom>, ou quorum none si aucun témoin n'est exigé.",
                "End with quorum <name>, or quorum none if no witness is required.",
            )
        return WitnessPolicy(tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum)

    def _key(self, vkey: str) -> VerifierKey:
        try:
            return parse_vkey(vkey)
        except KeyTextError as error:
            raise PolicyTextError(error.message, error.hint, line=self._rules.line) from error

    def _threshold(self, word: str, members: Sequence[str]) -> int:
        if word == "all":
            return len(members)
        try:
            return 1 if word == "any" else parse_number(word)
        except ValueError:
            return 0  # refused with the other thresholds that are out of bounds


def _optional(word: str | None) -> list[str]:
    return [] if word is None else [word]
