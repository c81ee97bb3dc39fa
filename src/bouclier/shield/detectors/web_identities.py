"""Who visits, as the addresses of web pages tell it: parameters that carry the identity of a user or of a device.

Parameters that open a door (tokens, keys, sessions) are found with the secrets.
"""

from __future__ import annotations

import re

from bouclier.shield.detector import Detector, Rough, exact, shaped
from bouclier.terms.content import EntityType

_NAMES = (
    "user", "userid", "user_id", "user-id", "uid", "username", "user_name", "login", "customer_id", "customerid",
    "patient", "patient_id", "patientid", "member_id", "memberid", "account_id", "accountid", "person_id", "personid",
    "usager", "usager_id", "id_usager", "agent_id", "id_agent", "dossier", "id_dossier", "num_dossier", "matricule",
    "visitor_id", "visitorid", "device_id", "deviceid", "distinct_id", "anonymous_id", "client_ip", "idfa", "gaid",
    "aaid", "gclid", "fbclid", "msclkid", "_ga", "mc_eid",
)  # fmt: skip
_ANY = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))

DETECTORS = (
    Detector(
        "url-identity",
        EntityType.IDENTIFIER,
        tuple(Rough(f"[?&]{re.escape(name)}=", caseless=True) for name in _NAMES),
        exact(rf"[?&](?:{_ANY})=(?P<value>[^\s&#\"'<>{{}}$%\[\]()]{{2,200}})", caseless=True),
        shaped(EntityType.IDENTIFIER, 0.7, group="value", by="query"),
    ),
)
