"""Keys that never leave a token: ECDSA on P-256 or P-384 in a PKCS#11 module, through securesystemslib.

A key is named by `hsm:KEYID?label=TOKEN`, both optional; the module's library by the environment variable `PYKCS11LIB`,
which securesystemslib reads. Needs the package's extra `hsm`. Making a key is the token's own tool's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from securesystemslib.exceptions import Error as SecureSystemsError
from securesystemslib.exceptions import UnsupportedLibraryError
from securesystemslib.signer import HSMSigner

from bouclier.charter.adapters.tuf_errors import CharterKeyError
from bouclier.charter.adapters.tuf_keys import named, verify_name
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import SSlibKey

_URI: Final = re.compile(r"hsm:([0-9]{0,9})(?:\?(label=[^&=]+))?")


def token_signer(uri: str, pin: Callable[[str], str]) -> HSMSigner:
    """Return what signs with a token's key; the PIN is asked for at each signature.

    Args:
        uri: `hsm:`, `hsm:2` or `hsm:2?label=my+token`.
        pin: Returns the token's PIN; the argument says of what.

    Raises:
        CharterKeyError: The URI is not one, the extra `hsm` is not installed, or there is no such token or key.
    """
    full, key = _found(uri, pin)
    return HSMSigner.from_priv_key_uri(full, key, pin)


def token_key(uri: str, name: str, pin: Callable[[str], str]) -> SSlibKey:
    """Return the public key of a token's key, carrying a name.

    Raises:
        CharterKeyError: As for `token_signer`, or the name is not one.
    """
    verify_name(name, "NAME")
    return named(_found(uri, pin)[1], name)


def _found(uri: str, pin: Callable[[str], str]) -> tuple[str, SSlibKey]:
    match = _URI.fullmatch(uri)
    if match is None:
        raise CharterKeyError(
            Bilingual("--hsm ne désigne pas une clé.", "--hsm does not name a key."),
            Bilingual("Écrivez hsm:2?label=nom+du+jeton.", "Write hsm:2?label=name+of+the+token."),
            param="--hsm",
        )
    number = int(match[1]) if match[1] else None
    label = parse_qs(match[2])["label"][0] if match[2] else None
    try:
        return HSMSigner.import_(number, label, pin)
    except UnsupportedLibraryError as error:
        raise CharterKeyError(
            Bilingual("python-pkcs11 n'est pas installé.", "python-pkcs11 is not installed."),
            Bilingual('pip install "bouclier[hsm]"', 'pip install "bouclier[hsm]"'),
            param="--hsm",
        ) from error
    # PKCS#11 errors are RuntimeErrors; a token or key that is not there, or no PYKCS11LIB, are ValueErrors.
    except (ValueError, RuntimeError, SecureSystemsError) as error:
        reason = str(error) or type(error).__name__
        raise CharterKeyError(
            Bilingual(f"La clé du jeton est introuvable ({reason}).", f"The token's key was not found ({reason})."),
            Bilingual(
                "Le jeton est-il branché, le numéro et l'étiquette justes, PYKCS11LIB le chemin de son module ?",
                "Is the token there, are number and label right, is PYKCS11LIB the path of its module?",
            ),
            param="--hsm",
        ) from error
