"""What can be wrong with a workshop, its keys and what is published from it. Nothing here ever quotes a private key."""

from __future__ import annotations

from bouclier.terms.errors import Bilingual, OperatorError


class WorkshopError(OperatorError):
    """A charter cannot be staged, signed or published as asked."""

    code = "charter_workshop"

    def __init__(self, message: Bilingual, hint: Bilingual | None = None, *, param: str | None = None) -> None:
        super().__init__(
            message,
            hint or Bilingual("Voyez où en est l'atelier : charter status.", "See where it stands: charter status."),
            param=param,
        )


class CharterKeyError(OperatorError):
    """A key of a party, an editor or an authority is not one, cannot be used, or may not sign."""

    code = "charter_key_invalid"

    def __init__(self, message: Bilingual, hint: Bilingual | None = None, *, param: str | None = None) -> None:
        super().__init__(
            message,
            hint
            or Bilingual(
                "Redemandez le fichier à son détenteur, ou créez une clé : bouclier charter keygen.",
                "Ask its holder for the file again, or make a key: bouclier charter keygen.",
            ),
            param=param,
        )
