"""Find personal and sensitive data, classify it, cloak it, restore it in the answer.

Guarantees: a broken detector raises, it never finds nothing; `restore(cloak(x)) == x` whatever the chunking; the table
of pseudonyms lives in memory with its exchange and dies with it; pseudonyms are drawn under a key, so that they are the
same throughout a conversation and nowhere else.
"""

from bouclier.shield.cloak import Cloaked, cloak
from bouclier.shield.cloak_settings import TAGS, CloakSettings
from bouclier.shield.pseudonyms import PSEUDONYM, ConversationKey, conversation_key
from bouclier.shield.restore import Restorer, restore
from bouclier.shield.second_net import NetRule, SecondNet
from bouclier.shield.tolerant_match import Pseudonyms

__all__ = [
    "PSEUDONYM",
    "TAGS",
    "CloakSettings",
    "Cloaked",
    "ConversationKey",
    "NetRule",
    "Pseudonyms",
    "Restorer",
    "SecondNet",
    "cloak",
    "conversation_key",
    "restore",
]
