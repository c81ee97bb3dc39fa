"""Names of states for people. Words, not facts: a code that is not here is shown as it is.

Source: ISO 3166-1; short names as the Union's interinstitutional style guide writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES: Final = """\
AE Émirats arabes unis|United Arab Emirates
AL Albanie|Albania
AM Arménie|Armenia
AR Argentine|Argentina
AT Autriche|Austria
AU Australie|Australia
AZ Azerbaïdjan|Azerbaijan
BA Bosnie-Herzégovine|Bosnia and Herzegovina
BE Belgique|Belgium
BG Bulgarie|Bulgaria
BM Bermudes|Bermuda
BR Brésil|Brazil
BY Biélorussie|Belarus
CA Canada|Canada
CH Suisse|Switzerland
CI Côte d'Ivoire|Côte d'Ivoire
CL Chili|Chile
CM Cameroun|Cameroon
CN Chine|China
CO Colombie|Colombia
CY Chypre|Cyprus
CZ Tchéquie|Czechia
DE Allemagne|Germany
DK Danemark|Denmark
DZ Algérie|Algeria
EE Estonie|Estonia
EG Égypte|Egypt
ES Espagne|Spain
FI Finlande|Finland
FO Îles Féroé|Faroe Islands
FR France|France
GB Royaume-Uni|United Kingdom
GE Géorgie|Georgia
GG Guernesey|Guernsey
GR Grèce|Greece
HK Hong Kong|Hong Kong
HR Croatie|Croatia
HU Hongrie|Hungary
ID Indonésie|Indonesia
IE Irlande|Ireland
IL Israël|Israel
IM Île de Man|Isle of Man
IN Inde|India
IQ Iraq|Iraq
IR Iran|Iran
IS Islande|Iceland
IT Italie|Italy
JE Jersey|Jersey
JP Japon|Japan
KE Kenya|Kenya
KP Corée du Nord|North Korea
KR Corée du Sud|South Korea
KY Îles Caïmans|Cayman Islands
KZ Kazakhstan|Kazakhstan
LI Liechtenstein|Liechtenstein
LT Lituanie|Lithuania
LU Luxembourg|Luxembourg
LV Lettonie|Latvia
MA Maroc|Morocco
MC Monaco|Monaco
MD Moldavie|Moldova
ME Monténégro|Montenegro
MK Macédoine du Nord|North Macedonia
MT Malte|Malta
MX Mexique|Mexico
MY Malaisie|Malaysia
NG Nigeria|Nigeria
NL Pays-Bas|Netherlands
NO Norvège|Norway
NZ Nouvelle-Zélande|New Zealand
PA Panama|Panama
PH Philippines|Philippines
PK Pakistan|Pakistan
PL Pologne|Poland
PT Portugal|Portugal
QA Qatar|Qatar
RO Roumanie|Romania
RS Serbie|Serbia
RU Russie|Russia
SA Arabie saoudite|Saudi Arabia
SE Suède|Sweden
SG Singapour|Singapore
SI Slovénie|Slovenia
SK Slovaquie|Slovakia
SN Sénégal|Senegal
TH Thaïlande|Thailand
TN Tunisie|Tunisia
TR Turquie|Türkiye
TW Taïwan|Taiwan
UA Ukraine|Ukraine
US États-Unis|United States
UY Uruguay|Uruguay
VG Îles Vierges britanniques|British Virgin Islands
VN Viêt Nam|Viet Nam
ZA Afrique du Sud|South Africa
"""
STATES: Final[Mapping[str, Bilingual]] = {line[:2]: Bilingual(*line[3:].split("|")) for line in _NAMES.splitlines()}


def state(code: str) -> Bilingual:
    """Return a state's name, or its code when we have no name for it.

    >>> state("US").fr, state("ZZ").en
    ('États-Unis', 'ZZ')
    """
    return STATES.get(code, Bilingual(code, code))
