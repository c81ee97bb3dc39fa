"""Find personal and sensitive data, classify it, cloak it, restore it in the answer.

Guarantees: a broken detector raises, it never finds nothing; `restore(cloak(x)) == x` whatever the chunking; the table
of pseudonyms lives in memory with its exchange and dies with it.
"""

from bouclier.shield.cloak import PSEUDONYM, Cloaked, cloak
from bouclier.shield.restore import Pseudonyms, Restorer, restore

__all__ = ["PSEUDONYM", "Cloaked", "Pseudonyms", "Restorer", "cloak", "restore"]
