"""Who asks: the holder of a key, or our own page opened on the machine the gateway runs on."""

from __future__ import annotations

from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from bouclier.terms.errors import AuthenticationError, Bilingual, NotAllowedError
from bouclier.terms.law import Principal

if TYPE_CHECKING:
    from bouclier.gateway.incoming import Headers, Scope
    from bouclier.gateway.ports import KeyRing

MONITOR = "monitor"
"""The role of a key whose holder checks the log, and may read its entries."""
SITE_OPERATOR = "site-operator"
"""The role of a key whose holder announces the site that the key's name ends with: `WHO@SITE`."""
_SESSION = "bouclier_session"
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_PROXY_HEADERS = frozenset({b"forwarded", b"via", b"x-real-ip"})


class Access:
    """Knows callers by their keys and, on a loopback server, our own page by its session cookie (ADR 0015)."""

    def __init__(
        self, keys: KeyRing, session: str | None, *, open_log: bool = False, terminal: str = "terminal"
    ) -> None:
        """Take who is known.

        Args:
            keys: Who holds which key.
            session: The token of the page's session; None when the page needs a key too.
            open_log: Whether anyone may read the log's entries.
            terminal: The name of the key that this machine's own commands use.
        """
        self._keys = keys
        self._session = session
        self._open_log = open_log
        self._terminal = terminal

    def cookie_for(self, scope: Scope, headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
        """Return the header that opens the page's session, where it may have one."""
        if self._session is None or not is_direct_loopback(scope, headers):
            return ()
        return ((b"set-cookie", f"{_SESSION}={self._session}; Path=/; HttpOnly; SameSite=Strict".encode()),)

    def principal_of(self, scope: Scope, headers: Headers) -> Principal:
        """Return who asks.

        Raises:
            AuthenticationError: Nobody we know.
        """
        bearer = headers.get(b"authorization")
        key = None
        if bearer is not None and bearer[:7].lower() == b"bearer ":
            key = bearer[7:].strip().decode("latin-1")
        elif b"x-api-key" in headers:
            key = headers[b"x-api-key"].decode("latin-1")
        if key is not None:
            principal = self._keys.principal_of(key)
            if principal is not None:
                return principal
        elif self._is_own_page(scope, headers):
            return Principal(name="console")
        raise AuthenticationError(
            Bilingual("Clé d'API absente ou inconnue.", "API key missing or unknown."),
            Bilingual(
                "Envoyez « Authorization: Bearer <clé> » ; « bouclier keys create NOM » en crée une.",
                "Send `Authorization: Bearer <key>`; `bouclier keys create NAME` makes one.",
            ),
            param="Authorization",
        )

    def agent_of(self, scope: Scope, headers: Headers) -> Principal:
        """Return who asks something of a deployment: anyone known but monitors and operators of sites.

        A monitor's key only reads the log, an operator's only announces.

        Raises:
            AuthenticationError: Nobody we know.
            NotAllowedError: A monitor, or a site's operator.
        """
        principal = self.principal_of(scope, headers)
        if principal.role in {MONITOR, SITE_OPERATOR}:
            raise _not_for_this_key("poser des questions", "ask questions", "bouclier keys create NOM")
        return principal

    def may_read_entries(self, scope: Scope, headers: Headers) -> None:
        """Check that someone may read what was decided: anyone, if the institution says so; else a monitor's key.

        On a loopback server whose page needs no key, this machine's own programs need none either.

        Raises:
            AuthenticationError: Nobody we know.
            NotAllowedError: A key of another role.
        """
        if self._open_log or (self._session is not None and is_direct_loopback(scope, headers)):
            return
        if self.principal_of(scope, headers).role != MONITOR:
            raise _not_for_this_key(
                "lire les entrées du journal", "read the log's entries", "bouclier keys create NOM --role monitor"
            )

    def is_own_terminal(self, scope: Scope, headers: Headers) -> None:
        """Check that a request comes from this machine's own commands, who hold the terminal's key.

        Raises:
            AuthenticationError: Nobody we know.
            NotAllowedError: Another key.
        """
        if self.principal_of(scope, headers).name != self._terminal:
            raise _not_for_this_key("demander cela", "ask for this", "bouclier sealed request")

    def _is_own_page(self, scope: Scope, headers: Headers) -> bool:
        """Tell whether the request comes from our own page, opened on this very machine.

        SameSite=Strict is not enough: another program's page on another port of localhost is the same site. Browsers
        say with `Sec-Fetch-Site` or `Origin` which page a request comes from, and pages cannot forge them.
        """
        if self._session is None or not is_direct_loopback(scope, headers):
            return False
        host = headers.get(b"host", b"")
        same_origin = headers.get(b"sec-fetch-site") == b"same-origin" or headers.get(b"origin") == b"http://" + host
        try:
            cookie = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(_SESSION)
        except CookieError:
            return False
        return same_origin and cookie is not None and compare_digest(cookie.value, self._session)


def _not_for_this_key(fr: str, en: str, how: str) -> NotAllowedError:
    return NotAllowedError(
        Bilingual(f"Cette clé ne permet pas de {fr}.", f"This key does not let its holder {en}."),
        Bilingual(f"Voir « {how} ».", f"See `{how}`."),
        param="Authorization",
    )


def is_direct_loopback(scope: Scope, headers: Headers) -> bool:
    """Tell whether a request comes straight from this machine: not by a proxy, not for another host name.

    The host name is checked because a foreign site can make its own name point at 127.0.0.1 (DNS rebinding).
    """
    client = scope.get("client")
    host = headers.get(b"host", b"").decode("latin-1")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    local = client is not None and client[0] in {"127.0.0.1", "::1"}
    forwarded = any(header in _PROXY_HEADERS or header.startswith(b"x-forwarded-") for header in headers)
    return local and name in _LOOPBACK_NAMES and not forwarded
