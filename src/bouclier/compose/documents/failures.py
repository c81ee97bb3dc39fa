"""What is said of a file that cannot be read: where and why, never what it holds."""

from __future__ import annotations

from bouclier.terms.errors import Bilingual, ConfigurationError, RequestError


def failure(name: str, message: Bilingual, hint: Bilingual) -> RequestError:
    """Return an error about a file."""
    return RequestError(
        Bilingual(f"{name} {message.fr}", f"{name} {message.en}"),
        hint,
        param=name,
    )


def unreadable(name: str) -> RequestError:
    """Return: the file system refuses."""
    return failure(
        name,
        Bilingual("ne peut pas être lu ou écrit.", "cannot be read or written."),
        Bilingual("Vérifiez le chemin et les droits.", "Check the path and the permissions."),
    )


def wrong_encoding(name: str, encoding: str) -> RequestError:
    """Return: these bytes are no text in this encoding."""
    return failure(
        name,
        Bilingual(f"ne peut pas être lu : il n'est pas en {encoding}.", f"cannot be read: it is not {encoding}."),
        Bilingual("Dites son codage : « --encoding cp1252 ».", "Say how it is encoded: `--encoding cp1252`."),
    )


def too_large(name: str, most: int) -> RequestError:
    """Return: more than we are ready to hold."""
    return failure(
        name,
        Bilingual(f"dépasse {most >> 20} Mio.", f"is larger than {most >> 20} MiB."),
        Bilingual("Coupez-le.", "Cut it into pieces."),
    )


def damaged(name: str, format_: str, where: str = "") -> RequestError:
    """Return: not what it says it is."""
    at = f" ({where})" if where else ""
    return failure(
        name,
        Bilingual(f"n'est pas un {format_} correct{at}.", f"is not correct {format_}{at}."),
        Bilingual("Vérifiez qu'il s'ouvre et qu'il est entier.", "Check that it opens and that it is whole."),
    )


def dangerous(name: str, why: Bilingual) -> RequestError:
    """Return: made to harm who reads it, or as good as."""
    return failure(
        name,
        Bilingual(f"n'est pas lu : {why.fr}.", f"is not read: {why.en}."),
        Bilingual(
            "Si vous l'attendiez, enregistrez-le de nouveau avec son logiciel.",
            "If you expected it, save it again with the program that made it.",
        ),
    )


def encrypted(name: str) -> RequestError:
    """Return: it needs a password."""
    return failure(
        name,
        Bilingual("est chiffré.", "is encrypted."),
        Bilingual("Enregistrez-le sans mot de passe.", "Save it without a password."),
    )


def unknown_format(name: str) -> RequestError:
    """Return: a file we do not know how to read."""
    return failure(
        name,
        Bilingual("ne peut pas être lu : format inconnu.", "cannot be read: unknown format."),
        Bilingual(
            "Formats lus : texte, Markdown, HTML, CSV, TSV, JSON, JSONL, DOCX, ODT, PDF, EML, Parquet.",
            "Formats read: text, Markdown, HTML, CSV, TSV, JSON, JSONL, DOCX, ODT, PDF, EML, Parquet.",
        ),
    )


def missing_extra(library: str, extra: str) -> ConfigurationError:
    """Return: a library that is not part of the plain installation."""
    return ConfigurationError(
        Bilingual(f"La bibliothèque {library} n'est pas installée.", f"The library {library} is not installed."),
        Bilingual(f"Installez « bouclier[{extra}] ».", f"Install `bouclier[{extra}]`."),
        param=library,
    )
