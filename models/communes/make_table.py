"""Make `bouclier/shield/communes_table.py`: which postcode serves which commune, as sorted hashes.

`python models/communes/make_table.py communes.json`, the file of the npm package @etalab/decoupage-administratif
(code MIT, data Licence Ouverte 2.0: INSEE, La Poste). Only hashes are kept: a table to check, not to list.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from base64 import b85encode
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src"))
from bouclier.shield.communes import key_of_commune  # noqa: E402

HEAD = '''"""Postcodes and communes as sorted CRC-32 hashes, made by `models/communes/make_table.py`.

Source: npm package @etalab/decoupage-administratif {version} (INSEE, La Poste), Licence Ouverte 2.0, read {date}.
"""

from __future__ import annotations

PAIRS = {pairs}
"""Of each postcode, and of each with each of its communes: big-endian 32-bit words, compressed, in base 85."""
'''


def main(path: str) -> None:
    communes = json.loads(Path(path).read_text("utf-8"))
    version = json.loads((Path(path).parents[1] / "package.json").read_text("utf-8"))["version"]
    keys = {key_of_commune(code, one["nom"]) for one in communes for code in one.get("codesPostaux", ())}
    keys |= {zlib.crc32(code.encode()) for one in communes for code in one.get("codesPostaux", ())}
    words = array("I", sorted(keys))
    words.byteswap()
    packed = b85encode(zlib.compress(words.tobytes(), 9)).decode()
    lines = [packed[at : at + 108] for at in range(0, len(packed), 108)]
    pairs = "(\n" + "\n".join(f'    b"{line}"' for line in lines) + "\n)"
    target = ROOT / "src/bouclier/shield/communes_table.py"
    target.write_text(HEAD.format(version=version, date="2026-11-21", pairs=pairs), "utf-8")
    print(len(keys), len(packed))


if __name__ == "__main__":
    main(sys.argv[1])
