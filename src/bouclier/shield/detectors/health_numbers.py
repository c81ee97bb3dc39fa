"""Numbers of hospitals: of patients and stays, which follow the person; of health professionals and sites.

A patient's number is whatever the hospital's software made it: five to fourteen digits, with letters or spaces. Only
the word tells it.
"""

from __future__ import annotations

from bouclier.shield.announced import ANY_NUMBER, VAGUE, Gap, Shape, announced, grouped
from bouclier.shield.characters import SEPARATOR
from bouclier.shield.checks_french import is_finess, is_rpps
from bouclier.terms.content import EntityType

# In groups first: the first group alone would leave the others.
_HOSPITAL = (
    Shape(f"(?:[A-Z]{{1,4}}[-/]?|(?-i:[A-Z]) )?[0-9]{{1,6}}(?:{SEPARATOR}[0-9]{{2,6}}(?![/.\\-][0-9])){{1,5}}"),
    Shape("[A-Z]{0,4}[-/]?[0-9][0-9A-Z]{4,15}"),
    Shape("(?-i:[A-Z]) [0-9][0-9A-Z]{4,15}"),
    Shape("[0-9]{2,6}/[0-9]{3,8}"),
)
_PATIENT_FILES = ("dossier d", "dossier p", "dossier m", "dossier h")
_NINE = f"[0-9](?:{SEPARATOR}{{0,2}}[0-9AB])(?:{SEPARATOR}{{0,2}}[0-9]){{7}}"

DETECTORS = (
    announced(
        "patient-number",
        EntityType.PATIENT_NUMBER,
        ("ipp", "i.p.p", "nip", "n.i.p", *_PATIENT_FILES, "patient", "identifiant permanent", "identifiant patient"),
        (
            "ipps?",
            "i\\.p\\.p\\.?",
            "nip",
            "n\\.i\\.p\\.?",
            "dossier (?:du )?(?:patiente?|médical|hospitalier|hôpital)",
            "identifiant permanent(?: d[eu] (?:la )?patiente?)?",
            "identifiant patiente?",
            "patiente?(?= n)",
            "dossier (?:d'hospitalisation|d'urgences?)",
            "patient id",
        ),
        (*_HOSPITAL, ANY_NUMBER),
    ),
    announced(
        # « le patient 1234567890 », « ayant comme IP 9849332821 », « n°ID : 80123456 »: the word says little, the
        # length of the number the rest.
        "patient-number-said-shortly",
        EntityType.PATIENT_NUMBER,
        ("patient", "ip", "id", "identification", "visite", "ippn"),
        ("patiente?s?", "ip", "id", "identification", "visite", "ipp(?=n[0-9])"),
        (Shape("[A-Z]{0,2}[0-9]{8,11}", confidence=VAGUE),),
        gap=Gap.NEAR,
        unless="steuer-",
    ),
    announced(
        "stay-number",
        EntityType.STAY_NUMBER,
        (
            "nda",
            "n.d.a",
            "iep",
            "i.e.p",
            "séjour",
            "venue",
            "passage",
            "episode",
            "épisode",
            "hospitalisation",
            "admission",
            "dossier administratif",
            "uf",
        ),
        (
            "nda",
            "n\\.d\\.a\\.?",
            "iep",
            "i\\.e\\.p\\.?",
            "séjours?",
            "venue",
            "passage(?: aux urgences)?",
            "épisode",
            "hospitalisation",
            "admission",
            "dossier administratif",
            "uf",
        ),
        _HOSPITAL,
        gap=Gap.NEAR,
        unless="(?:titre|carte|visa|droit|permis|autorisation)s? (?:de |au |d')",
    ),
    announced(
        # Samples, prescriptions and reports bear the patient's numbers too.
        "sample-number",
        EntityType.STAY_NUMBER,
        ("examen", "prélèvement", "étiquette", "échantillon", "compte rendu", "compte-rendu", "crh", "demande d'e"),
        ("examens?", "prélèvements?", "étiquette", "échantillon", "compte(?: |-)rendu", "crh", "demande d'examen"),
        _HOSPITAL,
        gap=Gap.MARKED,
    ),
    announced(
        "rpps",
        EntityType.HEALTH_WORKER_NUMBER,
        ("rpps", "r.p.p.s", "répertoire partagé", "idnps", "professionnel de santé"),
        ("rpps", "r\\.p\\.p\\.s\\.?", "répertoire partagé", "idnps", "professionnel de santé"),
        (Shape(grouped(11), is_rpps, "luhn"), Shape(grouped(12, first="8"), is_rpps, "luhn")),
    ),
    announced(
        "adeli",
        EntityType.HEALTH_WORKER_NUMBER,
        ("adeli", "a.d.e.l.i", "prescripteur", "praticien", "am"),
        ("adeli", "a\\.d\\.e\\.l\\.i\\.?", "prescripteur", "praticien", "am"),
        (Shape(_NINE, is_finess, "luhn"),),
        gap=Gap.NEAR,
    ),
    announced(
        "health-worker-beside-its-word",
        EntityType.HEALTH_WORKER_NUMBER,
        ("rpps", "adeli"),
        ("rpps", "adeli"),
        (ANY_NUMBER,),
        gap=Gap.NEAR,
    ),
    announced(
        "finess",
        EntityType.HEALTH_SITE_NUMBER,
        ("finess", "f.i.n.e.s.s"),
        ("finess(?: (?:ej|et|juridique|géographique))?", "f\\.i\\.n\\.e\\.s\\.s\\.?"),
        (Shape(_NINE, is_finess, "luhn"), ANY_NUMBER),
    ),
)
