"""Requests held back until a second person approves them.

A request that the charter wants reviewed is refused, and its exchange held here: who asked, for what, and a keyed
digest of the request, never its words, in memory only. Someone else, with a key of role `reviewer`, is shown the
request by whoever wrote it, and approves or refuses; that is entered in the log. Whoever asked then sends the very same
request again, naming the exchange: it goes once.

Nothing is held longer than a day, and a restart forgets: the request is then held back again.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from bouclier.terms.errors import Bilingual, NotAllowedError, NotFoundError, RequestError

if TYPE_CHECKING:
    from bouclier.terms.exchange import Received
    from bouclier.terms.law import Principal

REVIEWER: Final = "reviewer"
"""The role of a key whose holder may approve."""
_MAX_HELD: Final = 1_000
_MAX_OF_ONE: Final = 50
_DAY_MS: Final = 86_400_000


@dataclass(slots=True)
class _Held:
    principal: str
    purpose: str
    data_class: str
    policies: tuple[str, ...]
    charter: str
    digest: bytes
    held_ms: int
    approved: bool | None = None
    deciding: bool = False
    used_by: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody decides on it yet."""
        return self.approved is None and not self.deciding


class Reviews:
    """What is held back on one gateway. Not shared with others: a request is sent again to the gateway that held it."""

    def __init__(self, key: bytes) -> None:
        """Hold nothing yet.

        Args:
            key: Under which requests are recognised; random, of this process only.
        """
        self._key = key
        self._held: dict[str, _Held] = {}

    def hold(
        self, received: Received, *, charter: str, data_class: str, policies: tuple[str, ...], now_ms: int
    ) -> None:
        """Hold a request back; of those that one principal has waiting, the oldest is forgotten when there are many.

        Args:
            received: The request.
            charter: SHA-256 of the charter that wants it reviewed: under another, it is reviewed anew.
            data_class: Slug of its class.
            policies: Ids of the policies that decided.
            now_ms: Milliseconds since 1970-01-01 UTC.
        """
        name = received.principal.name
        for exchange in [one for one, held in self._held.items() if now_ms - held.held_ms >= _DAY_MS]:
            del self._held[exchange]
        waiting = [one for one, held in self._held.items() if held.principal == name and held.is_waiting]
        # One that was used stays its day, and counts for nothing: the exchange that used it may still fall back.
        is_full = sum(held.used_by is None for held in self._held.values()) >= _MAX_HELD
        if len(waiting) >= _MAX_OF_ONE or (is_full and waiting):
            del self._held[waiting[0]]
        elif is_full:
            return  # this one is not held, rather than another's: it is asked again when there is room
        self._held[received.exchange_id] = _Held(
            principal=name,
            purpose=received.purpose,
            data_class=data_class,
            policies=policies,
            charter=charter,
            digest=self._digest(received, charter),
            held_ms=now_ms,
        )

    def shown(self, *, now_ms: int) -> list[dict[str, Any]]:
        """Return what waits for a reviewer, without a word of it."""
        return [
            {
                "exchange": exchange,
                "asked_by": held.principal,
                "purpose": held.purpose,
                "data_class": held.data_class,
                "policies": list(held.policies),
                "held_s": max(0, now_ms - held.held_ms) // 1000,
            }
            for exchange, held in self._held.items()
            if held.approved is None and now_ms - held.held_ms < _DAY_MS
        ]

    def check(self, exchange: str, reviewer: Principal, *, now_ms: int) -> None:
        """Check that somebody may decide on what is held; nobody else may then, until `conclude`.

        Raises:
            NotFoundError: Nothing of this id waits.
            NotAllowedError: The key is not a reviewer's, or is of whoever asked.
        """
        check_is_reviewer(reviewer)
        held = self._held.get(exchange)
        if held is None or held.approved is not None or held.deciding or now_ms - held.held_ms >= _DAY_MS:
            raise NotFoundError(
                Bilingual("Aucune demande de cet échange n'attend.", "No request of this exchange waits."),
                Bilingual(
                    "Voir « bouclier review list » ; une demande est oubliée après un jour ou un redémarrage.",
                    "See `bouclier review list`; a request is forgotten after a day or a restart.",
                ),
                param="exchange",
            )
        if held.principal == reviewer.name:
            raise NotAllowedError(
                Bilingual("On ne relit pas sa propre demande.", "Nobody reviews their own request."),
                Bilingual("Demandez à une autre personne.", "Ask another person."),
                param="Authorization",
            )
        held.deciding = True

    def conclude(self, exchange: str, *, approved: bool | None) -> None:
        """Remember what was decided, once it is in the log; None if it could not be entered."""
        held = self._held.get(exchange)
        if held is not None:
            held.approved, held.deciding = approved, False

    def claim(self, received: Received, *, charter: str, now_ms: int) -> None:
        """Check that a request repeats one that was approved.

        Raises:
            RequestError: It names an exchange that is not held, is another request, waits still, was refused or used.
        """
        held = self._held.get(received.review or "")
        if held is None or now_ms - held.held_ms >= _DAY_MS or held.used_by is not None or held.approved is False:
            raise _gone()
        digest = self._digest(received, charter)
        if held.principal != received.principal.name or not hmac.compare_digest(held.digest, digest):
            raise _not_approved("la demande n'est pas celle qui a été relue", "the request is not the one reviewed")
        if held.approved is None:
            raise _not_approved("personne ne l'a encore relue", "nobody has reviewed it yet")

    def use(self, exchange: str, *, by: str, charter: str) -> None:
        """Let an approval serve no other exchange than the one it serves now, which may fall back.

        Raises:
            RequestError: Since it was claimed, another exchange used it, or another charter came into force.
        """
        held = self._held.get(exchange)
        if held is None or held.used_by not in {None, by}:
            raise _gone()
        if held.charter != charter:
            raise _not_approved("la charte a changé depuis", "the charter has changed since")
        held.used_by = by

    def _digest(self, received: Received, charter: str) -> bytes:
        # What was approved was approved for a purpose: under another, the same words are another request.
        declared = "" if received.declared_class is None else received.declared_class.slug
        about = f"{charter}\n{received.purpose}\n{declared}\n".encode()
        return hmac.new(self._key, about + received.request.raw, sha256).digest()


def check_is_reviewer(principal: Principal) -> None:
    """Check that somebody's key lets its holder review.

    Raises:
        NotAllowedError: It does not.
    """
    if principal.role != REVIEWER:
        raise NotAllowedError(
            Bilingual("Cette clé ne permet pas de relire.", "This key does not let its holder review."),
            Bilingual(
                "Voir « bouclier keys create NOM --role reviewer ».", "See `bouclier keys create NAME --role reviewer`."
            ),
            param="Authorization",
        )


def _gone() -> RequestError:
    return _not_approved(
        "cette relecture n'existe pas, a servi, ou a conclu par un refus",
        "this review does not exist, was used, or ended in a refusal",
    )


def _not_approved(fr: str, en: str) -> RequestError:
    return RequestError(
        Bilingual(f"Relecture : {fr}.", f"Review: {en}."),
        Bilingual(
            "Renvoyez la même demande, octet pour octet, après son approbation ; ou sans l'en-tête, pour une autre.",
            "Send the same request again, byte for byte, once approved; or without the header, for another one.",
        ),
        param="X-Bouclier-Review",
    )
