"""A charter of many, made, changed and published with the commands each of them types at home."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.charter_terminal import Terminal, found_it, terminal_in
from tests.tuf_reader import Reader

from bouclier.charter.bundle import files_of
from bouclier.terms.errors import BouclierError, CharterError, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return terminal_in(tmp_path)


_FOUNDED: list[Path] = []


@pytest.fixture
def at_work(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A terminal where a charter was founded and published; done once, then copied."""
    if not _FOUNDED:
        found_it(terminal)
        _FOUNDED.append(shutil.copytree(terminal.folder, tmp_path_factory.mktemp("founded") / "copy"))
    else:
        shutil.copytree(_FOUNDED[0], terminal.folder, dirs_exist_ok=True)
    return terminal


def test_parties_found_a_charter_and_a_client_reads_it(at_work: Terminal) -> None:
    served = at_work.folder / "served"
    client = Reader(at_work.folder / "client", (served / "metadata" / "1.root.json").read_bytes())
    bundle = client.read(served)
    assert bundle is not None
    assert files_of(bundle)["charter.json"] == (at_work.folder / "charter" / "charter.json").read_text(encoding="utf-8")


def test_the_status_says_who_has_to_sign_what_in_both_languages(at_work: Terminal) -> None:
    at_work.type("keygen dora --out @keys")
    said = at_work.type("party add --workshop @w @keys/dora.public")
    assert "staged root v2 (parties before): 0/2; 2 missing of: ana, bob, cleo" in said
    at_work.type("sign --workshop @w --key @keys/ana.private --yes")
    said = at_work.type("status --workshop @w", french=True)
    assert "préparé root v2 (parties d'avant) : 1/2 ; il manque 1 de : bob, cleo" in said
    assert "publié  timestamp v1 → " in said


def test_what_is_signed_is_shown_first_and_never_signed_unread(at_work: Terminal) -> None:
    at_work.type("keygen dora --out @keys")
    at_work.type("party add --workshop @w @keys/dora.public")
    with pytest.raises(ConfigurationError, match="Nothing is signed unread"):
        at_work.type("sign --workshop @w --key @keys/ana.private")
    assert "parties: + dora (key " in at_work.printed
    assert "0/2" in at_work.type("status --workshop @w")


def test_every_change_is_a_command(at_work: Terminal) -> None:
    served = at_work.folder / "served"
    client = Reader(at_work.folder / "client", (served / "metadata" / "1.root.json").read_bytes())
    for name in ("dora", "editor-2", "stamp-2"):
        at_work.type(f"keygen {name} --out @keys")
    for line in (
        "party add @keys/dora.public",
        "threshold 3 --role parties",
        "party remove bob",
        "editor add @keys/editor-2.public",
        "editor remove editor",
        "online add @keys/stamp-2.public --role timestamp",
        "online remove stamp --role timestamp",
        "authority add cnil --key @keys/cnil-1.public --key @keys/cnil-2.public --threshold 2 --days 3",
    ):
        action, rest = line.split(" ", 1)
        words = rest.split(" ", 1) if action in ("party", "editor", "online", "authority") else ["", rest]
        at_work.type(f"{action} {words[0]} --workshop @w {words[1]}")
    for name in ("ana", "cleo", "dora", "editor-2", "cnil-1", "cnil-2"):
        at_work.type(f"sign --workshop @w --key @keys/{name}.private --yes")
    publish = "publish --workshop @w --to @served --key @keys/snap.private --key @keys/stamp-2.private"
    assert "authority-cnil v1" in at_work.type(publish)
    client.refresh(served)
    assert client.root().version == 2
    assert "timestamp v3" in at_work.type("timestamp --to @served --key @keys/snap.private --key @keys/stamp-2.private")
    assert "sha256" in at_work.type("pull --workshop @mine @served")
    assert "staged authority-cnil v2" in at_work.type("renew --workshop @mine authority-cnil")
    assert "staged" not in at_work.type("discard --workshop @mine authority-cnil")
    at_work.type("authority remove --workshop @w cnil")
    at_work.type("sign --workshop @w --key @keys/editor-2.private --yes")
    assert "authority-cnil" not in at_work.type(publish)


def test_a_charter_that_does_not_load_is_not_proposed(at_work: Terminal) -> None:
    (at_work.folder / "charter" / "packs" / "socle" / "policies.cedar").write_text(
        "permit (principal, action, resource);"
    )
    with pytest.raises(CharterError):
        at_work.type("propose --workshop @w @charter")


@pytest.mark.parametrize(
    "line",
    [
        "status --workshop @nowhere",
        "sign --workshop @w --yes",
        "sign --workshop @w --key @keys/none.private --yes",
        "party remove --workshop @w nobody",
        "threshold --workshop @w 9 --role parties",
        "renew --workshop @w snapshot",
        "renew --workshop @w authority-nobody",
        "discard --workshop @w ../root",
        "authority remove --workshop @w nobody",
        "authority add --workshop @w Nobody --key @keys/ana.public --threshold 1",
        "timestamp --to @nowhere --key @keys/stamp.private",
        "pull --workshop @w @nowhere",
        "key court --hsm pkcs11:x --out @keys",
        "keygen ana --out @keys",
    ],
)
def test_what_cannot_be_done_is_said_in_both_languages_and_changes_nothing(at_work: Terminal, line: str) -> None:

    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in at_work.folder.rglob("*") if path.is_file()}

    before = state()
    with pytest.raises(BouclierError) as refused:
        at_work.type(line)
    assert refused.value.message.fr != refused.value.message.en
    assert refused.value.hint.fr
    assert state() == before


@pytest.mark.parametrize(
    ("options", "editors"),
    [("--editor @keys/e1.public", 1), ("--editor @keys/e1.public --editor @keys/e2.public", 2)],
)
def test_two_editors_sign_together_unless_it_is_said_otherwise(terminal: Terminal, options: str, editors: int) -> None:
    for name in ("ana", "e1", "e2", "snap"):
        terminal.type(f"keygen {name} --out @keys")
    online = "--snapshot @keys/snap.public --timestamp @keys/snap.public"
    told = terminal.type(f"init --workshop @w --party @keys/ana.public --threshold 1 {options} {online}")
    assert f"staged targets v1: 0/{editors}" in told
    told = terminal.type(
        f"init --workshop @w2 --party @keys/ana.public --threshold 1 {options} {online} --editors-threshold 1"
    )
    assert "staged targets v1: 0/1" in told
