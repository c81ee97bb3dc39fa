"""What can be wrong with a proof or a tile. Messages carry sizes and indexes, never an entry."""

from __future__ import annotations

from bouclier.terms.errors import Bilingual, ConfigurationError, RequestError, VerificationError

_HINT = Bilingual(
    "Redemandez la preuve au journal ; si elle échoue encore, gardez-la : c'est un indice d'altération.",
    "Ask the log for the proof again; if it still fails, keep it: it is evidence of tampering.",
)


class InclusionError(VerificationError):
    """A proof does not show that the leaf is in the tree."""

    code = "inclusion_not_proved"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message, _HINT)


class ConsistencyError(VerificationError):
    """A proof does not show that the later tree only added leaves to the earlier one."""

    code = "consistency_not_proved"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message, _HINT)


_NOTE_HINT = Bilingual(
    "Redemandez ce texte à celui qui l'a publié ; s'il est encore ainsi, ne vous y fiez pas et gardez-le.",
    "Ask whoever published this text for it again; if it is the same, do not trust it, and keep it.",
)


class NoteError(VerificationError):
    """What was read is not a signed note."""

    code = "note_malformed"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message, _NOTE_HINT)


class CheckpointError(VerificationError):
    """The text of a note is not a checkpoint."""

    code = "checkpoint_malformed"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message, _NOTE_HINT)


class SignatureError(VerificationError):
    """A signature of a known key is false, or no known key signed."""

    code = "signature_not_verified"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(
            message,
            Bilingual(
                "Vérifiez que vous avez les clés publiques en vigueur ; si c'est le cas, gardez ce texte : c'est un "
                "indice d'altération.",
                "Check that you hold the public keys now in force; if you do, keep this text: it is evidence of "
                "tampering.",
            ),
        )


class QuorumError(VerificationError):
    """The log signed, but not enough witnesses cosigned."""

    code = "quorum_not_met"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(
            message,
            Bilingual(
                "Attendez que d'autres témoins aient cosigné et redemandez le point de contrôle ; s'ils ne le font "
                "pas, il se peut que le journal leur montre un autre arbre.",
                "Wait until more witnesses have cosigned and ask for the checkpoint again; if they do not, the log "
                "may be showing them another tree.",
            ),
        )


class TlogProofError(VerificationError):
    """What was read is not a proof file of c2sp.org/tlog-proof."""

    code = "tlog_proof_malformed"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message, _NOTE_HINT)


class KeyTextError(ConfigurationError):
    """The text of a public or private key is wrong; never quoted, it may be a secret."""

    code = "key_malformed"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(
            message,
            Bilingual(
                "Recopiez la clé entière, sans espace ni retour à la ligne, depuis celui à qui elle appartient.",
                "Copy the whole key again, without spaces or line ends, from whoever it belongs to.",
            ),
        )


class PolicyTextError(ConfigurationError):
    """A line of a witness policy is wrong, or one is missing.

    Attributes:
        line: Number of the line, from 1; None when the mistake is in no line.
    """

    code = "witness_policy_malformed"

    def __init__(self, message: Bilingual, hint: Bilingual, *, line: int | None = None) -> None:
        if line is not None:
            message = Bilingual(f"ligne {line} : {message.fr}", f"line {line}: {message.en}")
        super().__init__(message, hint)
        self.line = line


class TileError(VerificationError):
    """A path, a tile or a bundle is not what c2sp.org/tlog-tiles says it is."""

    code = "tile_malformed"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(
            message,
            Bilingual(
                "Redemandez la tuile au journal ; si elle reste fausse, gardez-la : c'est un indice d'altération.",
                "Ask the log for the tile again; if it stays wrong, keep it: it is evidence of tampering.",
            ),
        )


class WitnessRequestError(RequestError):
    """The body of a request to a witness is not what c2sp.org/tlog-witness says it is."""

    code = "witness_request_malformed"

    def __init__(self, message: Bilingual) -> None:
        super().__init__(
            message,
            Bilingual(
                "Une ligne « old <taille> », jusqu'à 63 empreintes en base64, une ligne vide, le point de contrôle.",
                "A line `old <size>`, up to 63 hashes in base64, an empty line, the checkpoint.",
            ),
        )


class WitnessAnswerError(VerificationError):
    """What a witness answered is no cosignature of the checkpoint it was sent."""

    code = "witness_answer_malformed"

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                "la réponse du témoin n'est pas une cosignature de ce point de contrôle",
                "the witness's answer is no cosignature of this checkpoint",
            ),
            Bilingual(
                "Vérifiez l'adresse et la clé du témoin dans votre politique ; ce témoin ne compte pas d'ici là.",
                "Check the address and the key of the witness in your policy; it does not count until then.",
            ),
        )


class WitnessRefusedError(VerificationError):
    """A witness does not cosign.

    Attributes:
        answered: The HTTP status it answered.
    """

    code = "witness_refused"

    def __init__(self, answered: int) -> None:
        super().__init__(
            Bilingual(f"le témoin refuse de cosigner ({answered})", f"the witness refuses to cosign ({answered})"),
            Bilingual(
                "404 : il ne connaît pas ce journal ; 403 : il attend une autre clé ; 422 : il a vu un autre arbre, "
                "gardez les deux points de contrôle.",
                "404: it does not know this log; 403: it expects another key; 422: it saw another tree, keep both "
                "checkpoints.",
            ),
        )
        self.answered = answered
