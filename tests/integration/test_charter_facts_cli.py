"""The facts that editors sign with a charter, with the commands they type: staged, shown, signed, published."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.charter_terminal import Terminal, found_it, terminal_in
from tests.facts_kit import document, facts

from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_keys import read_signer
from bouclier.charter.adapters.tuf_signing import sign
from bouclier.charter.adapters.tuf_staging import propose_registry
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.compose.charter_repository import utc_now
from bouclier.compose.facts_reading import packaged_facts
from bouclier.terms.errors import CharterError, ConfigurationError, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

PUBLISH = "publish --workshop @w --to @served --key @keys/snap.private --key @keys/stamp.private"
SIGN = "sign --workshop @w --key @keys/editor.private --yes"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a charter was founded and published, without facts."""
    folder = tmp_path_factory.mktemp("founded")
    found_it(terminal_in(folder))
    return folder


@pytest.fixture
def at_work(founded: Path, tmp_path: Path) -> Terminal:
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    (tmp_path / "facts.json").write_bytes(document("FR", more=1))
    return Terminal(tmp_path)


def followed(terminal: Terminal) -> bytes | None:
    served = terminal.folder / "served"
    root = (served / "metadata" / "1.root.json").read_bytes()
    return Follower(terminal.folder / "client", served, root, now=utc_now).refresh().registry


def test_facts_are_staged_shown_signed_published_changed_and_withdrawn(at_work: Terminal) -> None:
    assert followed(at_work) is None
    said = at_work.type("facts --workshop @w @facts.json")
    assert said.startswith("compared with the packaged facts:\nfacts: ")
    assert "+ entities acme\n" in said
    assert "staged targets v2: 0/1" in said
    shown = at_work.type(SIGN)
    assert "  + registry.json (new, " in shown
    assert "      + entities acme\n" in shown
    at_work.type(PUBLISH)
    assert followed(at_work) == facts("FR", more=1)

    (at_work.folder / "facts.json").write_bytes(document("US"))
    said = at_work.type("facts --workshop @w @facts.json", french=True)
    assert said.startswith(
        "faits : 0 en plus, 1 en moins, 1 changés (4 en tout)\n− entities other-0\n~ entities acme: seat "
    )
    shown = at_work.type(SIGN)
    assert '      ~ entities acme: seat "FR" → "US"\n' in shown
    at_work.type(PUBLISH)
    assert followed(at_work) == facts("US")

    said = at_work.type("facts --workshop @w --none")
    assert said.startswith("the packaged facts take their place:\n")
    assert "− entities acme\n" in said
    assert "  − registry.json (withdrawn)\n      the packaged facts take" in at_work.type(SIGN)
    at_work.type(PUBLISH)
    assert followed(at_work) is None


def test_the_packaged_facts_are_proposed_alone_or_with_more(at_work: Terminal) -> None:
    said = at_work.type("facts --workshop @w packaged")
    assert said.startswith("compared with the packaged facts:\nfacts: 0 more, 0 less, 0 changed")
    at_work.type(SIGN)
    at_work.type(PUBLISH)
    assert followed(at_work) == packaged_facts()


def test_the_files_of_a_charter_that_change_are_shown(at_work: Terminal) -> None:
    text = at_work.folder / "charter" / "packs" / "sobriete" / "text.fr.md"
    text.write_text(text.read_text(encoding="utf-8") + "\nUne ligne.\n", encoding="utf-8")
    at_work.type("propose --workshop @w @charter")
    shown = at_work.type(SIGN)
    assert "      ~ packs/sobriete/text.fr.md (lines: +2 −0)\n" in shown
    assert "socle" not in shown


@pytest.mark.parametrize("wrong", [b"", b"[]", document("France"), document("FR", until="2026-02-31")])
def test_facts_that_do_not_parse_are_not_proposed(at_work: Terminal, wrong: bytes) -> None:
    (at_work.folder / "facts.json").write_bytes(wrong)
    with pytest.raises(ConfigurationError, match=r"facts\.json"):
        at_work.type("facts --workshop @w @facts.json")
    assert "staged" not in at_work.type("status --workshop @w")


def test_facts_staged_by_other_means_are_neither_signed_nor_published_if_they_do_not_parse(at_work: Terminal) -> None:
    workshop = Workshop(at_work.folder / "w")
    for wrong, error in ((document("France"), CharterError), (document("FR"), WorkshopError)):
        propose_registry(workshop, wrong, now=utc_now())
        with pytest.raises(error, match=r"registry\.json"):
            at_work.type(SIGN)
    # Signed all the same, with a tool of their own.
    sign(workshop, [read_signer(at_work.folder / "keys" / "editor.private")])
    with pytest.raises(WorkshopError, match="canonical form"):
        at_work.type(PUBLISH)


def test_unsigned_facts_hold_back_nobody(at_work: Terminal) -> None:
    propose_registry(Workshop(at_work.folder / "w"), document("France"), now=utc_now())
    at_work.type("keygen dora --out @keys")
    at_work.type("party add --workshop @w @keys/dora.public")
    for name in ("ana", "cleo"):
        at_work.type(f"sign --workshop @w --key @keys/{name}.private --yes")
    said = at_work.type(PUBLISH)
    assert "root v2" in said
    assert "waiting for signatures: targets" in said


def test_nothing_is_published_over_a_forged_copy_of_what_was(at_work: Terminal) -> None:
    at_work.type("facts --workshop @w @facts.json")
    at_work.type(SIGN)
    (file,) = (at_work.folder / "w" / "published" / "metadata").glob("*.targets.json")
    file.write_bytes(file.read_bytes().replace(b'"version":1', b'"version": 1'))
    with pytest.raises(VerificationError):
        at_work.type(PUBLISH)


@pytest.mark.parametrize("line", ["facts --workshop @w", "facts --workshop @w --none @facts.json"])
def test_either_facts_or_none_are_asked_for(at_work: Terminal, line: str) -> None:
    with pytest.raises(ConfigurationError, match="Facts are needed, or --none"):
        at_work.type(line)
