"""What can be wrong with sealed content, its keys and its openings. Nothing here ever quotes content or keys."""

from __future__ import annotations

from bouclier.terms.errors import Bilingual, ConfigurationError, VerificationError


class SealError(VerificationError):
    """Sealed content, or a paper of its opening, is not what it should be, or may not be opened."""

    code = "sealed_invalid"

    def __init__(self, message: Bilingual, hint: Bilingual | None = None, *, param: str | None = None) -> None:
        super().__init__(
            message,
            hint
            or Bilingual(
                "Le fichier est incomplet, altéré, ou n'est pas le bon : reprenez-le à sa source.",
                "The file is incomplete, altered, or not the right one: take it from its source again.",
            ),
            param=param,
        )


class SealKeyError(ConfigurationError):
    """The text of a key is not one, or a set of authorities cannot seal anything."""

    code = "sealed_key_invalid"

    def __init__(self, message: Bilingual, hint: Bilingual | None = None, *, param: str | None = None) -> None:
        super().__init__(
            message,
            hint
            or Bilingual(
                "Redemandez la clé à son autorité, ou créez-en une : bouclier sealed keygen.",
                "Ask its authority for the key again, or make one: bouclier sealed keygen.",
            ),
            param=param,
        )
