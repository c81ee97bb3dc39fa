"""What the embedded engine says to people when it cannot serve, in French and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.fleet.supervision import Cause
from bouclier.terms.errors import Bilingual, ConfigurationError, DeploymentUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.catalogue import ModelEntry
    from bouclier.fleet.supervision import Supervision

_GGUF = b"GGUF"

_WHY = {
    "starting": Bilingual("il est encore en cours de chargement.", "it is still loading."),
    "stopped": Bilingual("il est arrêté.", "it is stopped."),
    "full": Bilingual(
        "toutes ses places sont prises, et sa file d'attente est pleine.",
        "all its slots are taken, and so is its queue.",
    ),
}
_CAUSES = {
    Cause.CRASHED: Bilingual("il s'est arrêté de lui-même ou a été tué", "it ended by itself or was killed"),
    Cause.HUNG: Bilingual("il ne répondait plus", "it did not answer any more"),
    Cause.MEMORY: Bilingual("il dépassait la mémoire permise", "it held more memory than allowed"),
    Cause.TOO_SLOW: Bilingual("il ne se chargeait pas à temps", "it did not load in time"),
    Cause.NOT_STARTED: Bilingual("le système a refusé de le démarrer", "the system refused to start it"),
}


def unavailable(state: str, failure: Bilingual | None = None) -> DeploymentUnavailable:
    """Return the error of an engine that cannot serve.

    Args:
        state: `starting`, `stopped`, or `full`; anything else reads as stopped.
        failure: A better reason, if one is known.
    """
    why = failure or _WHY.get(state, _WHY["stopped"])
    return DeploymentUnavailable(
        Bilingual(f"Le modèle embarqué ne peut pas répondre : {why.fr}", f"The embedded model cannot answer: {why.en}"),
        Bilingual(
            "Choisissez un autre modèle, ou voyez « bouclier models list ».",
            "Choose another model, or see `bouclier models list`.",
        ),
        param="model",
    )


def look_at_weights(path: Path, entry: ModelEntry) -> Bilingual | None:
    """Say what is plainly wrong with a weights file, which llama.cpp would not."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF))
        size = path.stat().st_size
    except OSError:
        return Bilingual(f"le fichier {path.name} est illisible.", f"the file {path.name} cannot be read.")
    if magic != _GGUF:
        return Bilingual(f"{path.name} n'est pas un fichier GGUF.", f"{path.name} is not a GGUF file.")
    if size != entry.size_bytes:
        return Bilingual(
            f"{path.name} fait {size} octets au lieu de {entry.size_bytes}.",
            f"{path.name} is {size} bytes instead of {entry.size_bytes}.",
        )
    return None


def cannot_load(entry: ModelEntry, *, installed: bool) -> Bilingual:
    """Say why another try would change nothing."""
    if not installed:
        return Bilingual("le moteur xllamacpp n'est pas installé.", "the engine xllamacpp is not installed.")
    return Bilingual(
        f"{entry.file} n'a pas pu être chargé : fichier abîmé, mémoire insuffisante "
        f"(il faut {entry.min_memory_bytes // 1_000_000} Mo), ou port déjà pris.",
        f"{entry.file} could not be loaded: damaged file, not enough memory "
        f"({entry.min_memory_bytes // 1_000_000} MB are needed), or a port already in use.",
    )


def keeps_dying(course: Supervision) -> Bilingual:
    """Say that a process ended too often, why it did the last time, and that it is still tried."""
    cause = _CAUSES[course.last_cause or Cause.CRASHED]
    every_s = course.limits.longest_pause_ms // 1000
    return Bilingual(
        f"son processus s'est arrêté {course.deaths} fois de suite ({cause.fr}) ; nouvel essai toutes les {every_s} s.",
        f"its process ended {course.deaths} times in a row ({cause.en}); it is tried again every {every_s} s.",
    )


def bad_settings(entry: ModelEntry, *, memory_bytes: int | None = None) -> ConfigurationError:
    """Return the error of settings this model cannot be run with.

    Args:
        entry: The model.
        memory_bytes: The memory allowed, if that is what is wrong.
    """
    if memory_bytes is not None:
        allowed, weights = memory_bytes // 1_000_000, -(-entry.size_bytes // 1_000_000)
        return ConfigurationError(
            Bilingual(
                f"engine.memory_mb vaut {allowed} : les poids de {entry.name} font {weights} Mo à eux seuls.",
                f"engine.memory_mb is {allowed}: the weights of {entry.name} alone are {weights} MB.",
            ),
            Bilingual(
                f"Permettez {entry.min_memory_bytes // 1_000_000} Mo, ou choisissez un modèle plus petit.",
                f"Allow {entry.min_memory_bytes // 1_000_000} MB, or choose a smaller model.",
            ),
            param="engine.memory_mb",
        )
    return ConfigurationError(
        Bilingual(
            f"Réglages du moteur hors limites : threads, places et contexte positifs, "
            f"contexte ≤ {entry.context_length}.",
            f"Engine settings out of bounds: threads, slots and context positive, context ≤ {entry.context_length}.",
        ),
        Bilingual(
            "Corrigez engine.threads, engine.slots ou engine.context.",
            "Correct engine.threads, engine.slots or engine.context.",
        ),
        param="engine",
    )
