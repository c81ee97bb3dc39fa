"""Fuzz cloak and restore: `python fuzz/fuzz_restore.py -max_total_time=120`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["bouclier"]):
    from bouclier.shield import CloakSettings, ConversationKey, Pseudonyms, Restorer, cloak, restore
    from bouclier.terms.content import EntityType, Finding

KEY = ConversationKey(b"fuzz" * 8)
TYPES = (
    EntityType.PERSON,
    EntityType.EMAIL,
    EntityType.BIRTH_DATE,
    EntityType.PHONE,
    EntityType.LOCATION,
    EntityType.NIR,
    EntityType.IBAN,
)


def one_input(data: bytes) -> None:
    given = atheris.FuzzedDataProvider(data)
    settings = CloakSettings(frozenset(TYPES) if given.ConsumeBool() else frozenset(), given.ConsumeIntInRange(1, 400))
    cuts = [given.ConsumeIntInRange(0, 80) for _ in range(given.ConsumeIntInRange(0, 12))]
    cutting = [given.ConsumeIntInRange(1, 12) for _ in range(given.ConsumeIntInRange(0, 12))]
    json_string = given.ConsumeBool()
    answer = given.ConsumeUnicode(80)
    text = given.ConsumeUnicode(160)
    borders = sorted({cut for cut in cuts if cut <= len(text)})
    findings = [
        Finding(start, end, TYPES[at % len(TYPES)], 1.0, "fuzz")
        for at, (start, end) in enumerate(zip(borders[::2], borders[1::2], strict=False))
    ]
    cloaked = cloak([text], [findings], key=KEY, settings=settings)
    table = Pseudonyms(cloaked.pseudonyms)
    assert restore(cloaked.texts[0], table) == text
    # What a model may say: anything, among pseudonyms in any spelling.
    forms = list(cloaked.pseudonyms)
    for at, form in enumerate(forms):
        answer = answer.replace(chr(97 + at % 26), form if at % 2 else form.lower().replace("_", " "))
    for said in (cloaked.texts[0], answer):
        whole = Restorer(table, json_string=json_string)
        expected = whole.feed(said) + whole.finish()
        cut = Restorer(table, json_string=json_string)
        written, position = "", 0
        for size in cutting:
            written += cut.feed(said[position : position + size])
            position += size
            assert len(cut._held) <= table.longest * (6 if json_string else 1) + 6
        written += cut.feed(said[position:]) + cut.finish()
        assert written == expected
        assert (cut.restored, cut.unrestored) == (whole.restored, whole.unrestored)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
