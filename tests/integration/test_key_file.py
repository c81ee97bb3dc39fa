"""The key file: what is kept, what is refused, and what several processes do to it at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from bouclier.compose.data_folder import first_key, keys_of, pseudonym_secret, terminal_key
from bouclier.gateway.adapters.key_file import KeyFile
from bouclier.terms.errors import ConfigurationError, StorageError

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_key_is_known_to_every_reader_as_soon_as_it_is_created(tmp_path: Path) -> None:
    gateway, terminal = KeyFile(tmp_path / "keys.json"), KeyFile(tmp_path / "keys.json")
    assert gateway.principal_of("bcl_unknown") is None
    for name in ("mairie", "CCAS.accueil", "a@b"):
        key = terminal.create(name, role="steward" if name == "mairie" else "agent")
        holder = gateway.principal_of(key)
        assert holder is not None
        assert (holder.name, holder.role) == (name, "steward" if name == "mairie" else "agent")
    assert terminal.names() == ["mairie", "CCAS.accueil", "a@b"]


def test_a_key_withdrawn_from_the_file_is_refused_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = KeyFile(path)
    kept, withdrawn = keys.create("kept"), keys.create("withdrawn")
    assert keys.principal_of(withdrawn) is not None
    path.write_text(json.dumps({"keys": written(path)["keys"][:1]}), encoding="utf-8")
    assert keys.principal_of(withdrawn) is None
    assert keys.principal_of(kept) is not None
    path.unlink()
    assert keys.principal_of(kept) is None


def test_the_file_holds_no_key_and_its_owner_alone_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "keys.json"
    key = KeyFile(path).create("mairie")
    assert key.startswith("bcl_")
    assert len(key) > 40
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file
        assert key.removeprefix("bcl_") not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["", " ", "-x", "é", "a b", "a" * 65, "a\n", "../x", "a/b"])
def test_what_is_no_name_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        KeyFile(tmp_path / "keys.json").create(name)
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_given_once(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    key = keys.create("mairie")
    with pytest.raises(ConfigurationError) as raised:
        keys.create("mairie")
    assert "mairie" in raised.value.message.fr
    assert keys.principal_of(key) is not None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"keys": [{"name": "x"}]}',
        b'{"keys": [], "more": 1}',
        b'{"keys": [{"name": "\xff", "sha256": "0"}]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_opens_to_nobody_and_is_never_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    keys = KeyFile(path)
    key = keys.create("mairie")
    assert keys.principal_of(key) is not None
    path.write_bytes(content)
    for attempt in (
        lambda: keys.principal_of(key),
        lambda: keys.principal_of(key),
        lambda: keys.create("other"),
        keys.names,
        lambda: terminal_key(tmp_path),
    ):
        with pytest.raises(StorageError) as raised:
            attempt()
        assert "keys.json" in raised.value.message.en
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_looked_at_opens_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError):
        KeyFile(tmp_path / "file" / "keys.json").principal_of("bcl_x")
    (tmp_path / "keys.json").mkdir()
    with pytest.raises(StorageError):
        KeyFile(tmp_path / "keys.json").principal_of("bcl_x")
    with pytest.raises(StorageError):
        KeyFile(tmp_path / "file" / "keys.json").create("mairie")


CREATE = """
import sys
from pathlib import Path
from bouclier.compose.data_folder import terminal_key
from bouclier.gateway.adapters.key_file import KeyFile

folder, who = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
print(terminal_key(folder))
for number in range(25):
    print(KeyFile(folder / "keys.json").create(f"{who}-{number}"))
"""


def test_two_processes_that_create_keys_at_once_lose_none(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE, str(tmp_path), who],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("a", "b")
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60)[0].split() for process in processes]
    assert printed[0][0] == printed[1][0], "the terminal has one key"
    keys = keys_of(tmp_path)
    names = set()
    for key in printed[0] + printed[1]:
        holder = keys.principal_of(key)
        assert holder is not None
        names.add(holder.name)
    assert names == {"terminal", *(f"{who}-{number}" for who in "ab" for number in range(25))}
    assert sorted(keys.names()) == sorted(names)


def test_the_terminals_key_is_kept_and_is_made_again_when_it_is_lost_or_no_longer_known(tmp_path: Path) -> None:
    key = terminal_key(tmp_path)
    assert terminal_key(tmp_path) == key
    assert os.stat(tmp_path / "terminal.key").st_mode & 0o777 == 0o600  # noqa: PTH116
    (tmp_path / "terminal.key").unlink()
    second = terminal_key(tmp_path)
    assert second != key
    assert keys_of(tmp_path).principal_of(key) is None
    (tmp_path / "keys.json").unlink()
    third = terminal_key(tmp_path)
    holder = keys_of(tmp_path).principal_of(third)
    assert holder is not None
    assert holder.name == "terminal"
    assert keys_of(tmp_path).names() == ["terminal"]


def test_the_secret_of_pseudonyms_is_kept_for_its_owner_alone_and_a_cut_one_is_refused(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(pseudonym_secret, [tmp_path] * 8))
    assert len(secrets) == 1
    assert secrets == {pseudonym_secret(tmp_path)}
    path = tmp_path / "pseudonyms.key"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == 32
    path.write_bytes(path.read_bytes()[:16])
    with pytest.raises(StorageError):
        pseudonym_secret(tmp_path)
    with pytest.raises(StorageError):
        pseudonym_secret(tmp_path / "missing")


def test_the_first_key_is_created_once(tmp_path: Path) -> None:
    terminal_key(tmp_path)
    key = first_key(tmp_path)
    assert key is not None
    assert keys_of(tmp_path).principal_of(key) is not None
    assert first_key(tmp_path) is None
