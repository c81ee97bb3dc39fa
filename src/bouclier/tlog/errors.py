"""What can be wrong with a proof. Messages carry sizes and indexes, never an entry."""

from __future__ import annotations

from bouclier.terms.errors import Bilingual, VerificationError

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
