"""Bouclier: a self-hosted, OpenAI-compatible AI gateway that shields what public institutions send.

The rooms and how they depend on each other are drawn in `docs/architecture.md`; one request, end to end,
is `gateway/journey.py`. Importing this package opens no file and no socket and reads no environment.
"""

__version__ = "0.1.0"
