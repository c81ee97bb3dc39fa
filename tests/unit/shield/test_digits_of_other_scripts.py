"""No digit that Unicode knows escapes the quick look that spares nearly every text the long one."""

from __future__ import annotations

import sys
import unicodedata

from bouclier.shield.invisible import holds_invisible, without_invisible


def test_every_digit_of_another_script_is_seen_and_read_as_one_of_ours() -> None:
    digits = [char for code in range(0x80, sys.maxunicode + 1) if unicodedata.category(char := chr(code)) == "Nd"]

    assert len(digits) > 500
    assert [char for char in digits if not holds_invisible(f"é{char}")] == []
    assert {without_invisible(f"é{char}")[1] for char in digits} == set("0123456789")


def test_ordinary_french_holds_none() -> None:
    assert not holds_invisible("L’œuvre coûte 12 € — « à peine » … ½ ² ₂")
