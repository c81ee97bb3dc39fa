"""Our own model of names: a small network that reads French and English, made to be fast on one core.

Words are looked up (hashed, with their beginnings, ends, shapes, vectors and lexicons), a few dilated convolutions
read each word among its neighbours, and each word is given a tag. Nothing is learnt here: see `models/names`.
"""

from bouclier.shield.names.model import NamesModel, Weights
from bouclier.shield.names.tokens import Token, tokens_of

__all__ = ["NamesModel", "Token", "Weights", "tokens_of"]
