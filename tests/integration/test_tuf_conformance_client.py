"""The executable for TUF's conformance suite, driven as the suite does: commands, exit codes, requests, files.

Source of the commands: theupdateframework/tuf-conformance, CLIENT-CLI.md.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from securesystemslib.signer import CryptoSigner
from tests.charter_mirror import Mirror
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from bouclier.charter.adapters import tuf_conformance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MODULE = "bouclier.charter.adapters.tuf_conformance"
TOP = ["timestamp", "snapshot", "targets", "root"]


class Repository:
    """A repository in which everything is possible; every role has one key."""

    def __init__(self, folder: Path, *, expires: datetime | None = None) -> None:
        self.folder = folder
        self.expires = expires or datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
        self.signers: dict[str, CryptoSigner] = {}
        self.published: set[str] = set()
        self.roles: dict[str, Any] = {
            "root": Root(expires=self.expires, consistent_snapshot=True),
            "targets": Targets(expires=self.expires),
            "snapshot": Snapshot(expires=self.expires),
            "timestamp": Timestamp(expires=self.expires),
        }
        for role in TOP:
            self.sign_with_new_key(role)
        (folder / "metadata").mkdir(parents=True)
        self.publish("root", "targets", "snapshot", "timestamp")

    def sign_with_new_key(self, role: str) -> None:
        root = self.roles["root"]
        root.roles[role].keyids.clear()
        self.signers[role] = CryptoSigner.generate_ed25519()
        root.add_key(self.signers[role].public_key, role)

    def publish(self, *roles: str) -> None:
        for role in roles:
            signed = self.roles[role]
            signed.version += 1 if role in self.published else 0
            self.published.add(role)
            metadata: Metadata[Any] = Metadata(signed)
            metadata.sign(self.signers[role])
            data = metadata.to_bytes()
            version = "" if role == "timestamp" else f"{signed.version}."
            (self.folder / "metadata" / f"{version}{quote(role, safe='')}.json").write_bytes(data)
            if role == "snapshot":
                self.roles["timestamp"].snapshot_meta = MetaFile(signed.version)
            elif role not in TOP:
                self.roles["snapshot"].meta[f"{role}.json"] = MetaFile(signed.version)
            elif role == "targets":
                self.roles["snapshot"].meta["targets.json"] = MetaFile(signed.version)

    def delegate(self, by: str, to: str, *, signer: CryptoSigner | None = None, paths: list[str]) -> None:
        """Delegate to a role; its own metadata are signed by the key of the first who did."""
        delegator = self.roles[by]
        delegator.delegations = delegator.delegations or Delegations({}, {})
        delegator.delegations.roles[to] = DelegatedRole(to, [], 1, terminating=False, paths=paths)
        used = signer or CryptoSigner.generate_ed25519()
        delegator.add_key(used.public_key, to)
        self.signers.setdefault(to, used)
        self.roles.setdefault(to, Targets(expires=self.expires))

    def put(self, role: str, files: Mapping[str, bytes]) -> None:
        for path, data in files.items():
            target = TargetFile.from_data(path, data, ["sha256"])
            self.roles[role].targets[path] = target
            folder, slash, name = path.rpartition("/")
            place = self.folder / "targets" / f"{folder}{slash}{target.hashes['sha256']}.{name}"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)


class Client:
    """The executable and its folders."""

    def __init__(self, base: Path, mirror: Mirror) -> None:
        self.metadata, self.targets, self.mirror = base / "metadata", base / "targets", mirror
        self.root = base / "initial_root.json"
        self.metadata.mkdir(parents=True)
        self.targets.mkdir()

    def arguments(self, *last: str, names: tuple[str, ...] = ()) -> list[str]:
        named = [part for name in names for part in ("--target-name", name)]
        urls = ["--metadata-url", f"{self.mirror.url}/metadata", "--target-base-url", f"{self.mirror.url}/targets"]
        return ["--metadata-dir", str(self.metadata), *urls, *named, "--target-dir", str(self.targets), *last]

    def init(self, root: bytes) -> int:
        self.root.write_bytes(root)
        return tuf_conformance.main(["--metadata-dir", str(self.metadata), "init", str(self.root)])

    def refresh(self) -> int:
        return tuf_conformance.main(self.arguments("refresh"))

    def download(self, *names: str) -> int:
        return tuf_conformance.main(self.arguments("download", names=names))

    def asked(self) -> list[str]:
        """What was asked since the last time."""
        asked, self.mirror.asked = self.mirror.asked, []
        return [path.removeprefix("metadata/").removesuffix(".json") for path in asked]

    def versions(self) -> dict[str, int]:
        files = sorted(self.metadata.glob("*.json"))
        return {path.stem: Metadata.from_bytes(path.read_bytes()).signed.version for path in files}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def client(tmp_path: Path, repository: Repository) -> Iterator[Client]:
    with Mirror(repository.folder) as mirror:
        client = Client(tmp_path / "client", mirror)
        assert client.init((repository.folder / "metadata" / "1.root.json").read_bytes()) == 0
        assert client.asked() == []
        yield client


def test_the_executable_initialises_refreshes_and_downloads(tmp_path: Path, repository: Repository) -> None:
    repository.put("targets", {"path/to/artifact.txt": b"artifact"})
    repository.publish("targets", "snapshot", "timestamp")
    with Mirror(repository.folder) as mirror:
        client = Client(tmp_path / "client", mirror)
        client.root.write_bytes((repository.folder / "metadata" / "1.root.json").read_bytes())
        lines = [
            ["--metadata-dir", str(client.metadata), "init", str(client.root)],
            client.arguments("refresh"),
            client.arguments("download", names=("path/to/artifact.txt",)),
            client.arguments("download", names=("no/such.txt",)),
        ]
        done = [
            subprocess.run([sys.executable, "-m", MODULE, *line], capture_output=True, text=True, check=False)
            for line in lines
        ]
    assert [one.returncode for one in done] == [0, 0, 0, 1]
    assert "no/such.txt" in done[-1].stderr
    assert [path.read_bytes() for path in client.targets.iterdir()] == [b"artifact"]


def test_a_first_refresh_asks_in_the_order_of_the_workflow(client: Client, repository: Repository) -> None:
    assert client.refresh() == 0
    assert client.asked() == ["2.root", "timestamp", "1.snapshot", "1.targets"]
    assert client.versions() == {"root": 1, "snapshot": 1, "targets": 1, "timestamp": 1}
    for name, published in (("root", "1.root"), ("timestamp", "timestamp"), ("targets", "1.targets")):
        served = (repository.folder / "metadata" / f"{published}.json").read_bytes()
        assert (client.metadata / f"{name}.json").read_bytes() == served
    assert client.refresh() == 0
    assert client.asked() == ["2.root", "timestamp"]


def test_every_root_in_between_is_fetched_and_verified(client: Client, repository: Repository) -> None:
    repository.sign_with_new_key("timestamp")
    repository.publish("root", "timestamp")
    repository.publish("root")
    assert client.refresh() == 0
    assert client.asked()[:3] == ["2.root", "3.root", "4.root"]
    assert client.versions()["root"] == 3


def test_an_initial_root_that_is_not_signed_asks_nothing(tmp_path: Path, client: Client) -> None:
    broken = Metadata.from_bytes(client.root.read_bytes())
    broken.signatures.clear()
    client.init(broken.to_bytes())
    assert client.refresh() == 1
    assert client.asked() == []
    assert list((tmp_path / "client" / "targets").iterdir()) == []


def test_what_was_verified_before_a_failure_stays(client: Client, repository: Repository) -> None:
    assert client.refresh() == 0
    repository.publish("root", "timestamp")
    client.mirror.instead["metadata/2.snapshot.json"] = b"{}"
    repository.publish("snapshot", "timestamp")
    assert client.refresh() == 1
    assert client.versions() == {"root": 2, "snapshot": 1, "targets": 1, "timestamp": 3}


def test_a_rollback_ends_with_one_and_changes_nothing(client: Client, repository: Repository) -> None:
    old = (repository.folder / "metadata" / "timestamp.json").read_bytes()
    repository.publish("timestamp")
    assert client.refresh() == 0
    before = client.versions()
    client.mirror.instead["metadata/timestamp.json"] = old
    assert client.refresh() == 1
    assert client.versions() == before


def test_expired_metadata_end_with_one(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository", expires=datetime(2026, 1, 1, tzinfo=UTC))
    with Mirror(repository.folder) as mirror:
        client = Client(tmp_path / "client", mirror)
        assert client.init((repository.folder / "metadata" / "1.root.json").read_bytes()) == 0
        assert client.refresh() == 1
        assert client.versions() == {"root": 1}


def test_an_artifact_is_downloaded_once_for_each_content(client: Client, repository: Repository) -> None:
    repository.put("targets", {"artifact": b"one"})
    repository.publish("targets", "snapshot", "timestamp")
    assert client.download("artifact") == 0
    assert len([path for path in client.asked() if path.startswith("targets/")]) == 1
    assert client.download("artifact") == 0
    assert [path for path in client.asked() if path.startswith("targets/")] == []
    repository.put("targets", {"artifact": b"two"})
    repository.publish("targets", "snapshot", "timestamp")
    assert client.download("artifact") == 0
    assert [path.read_bytes() for path in client.targets.iterdir()] == [b"two"]


def test_delegations_are_searched_in_order_and_depth_first(client: Client, repository: Repository) -> None:
    for by, to in (("targets", "a"), ("targets", "b"), ("a", "c"), ("a", "d")):
        repository.delegate(by, to, paths=["*"])
    repository.publish("a", "b", "c", "d", "targets", "snapshot", "timestamp")
    assert client.download("missing") == 1
    assert client.asked()[4:] == ["1.a", "1.c", "1.d", "1.b"]


@pytest.mark.parametrize("role", ["?", "#", "/delegatedrole", "../delegatedrole", "délégué"])
def test_names_that_an_address_must_quote(client: Client, repository: Repository, role: str) -> None:
    path = "a b?c.txt"
    repository.delegate("targets", role, paths=["*"])
    repository.put(role, {path: b"quoted"})
    repository.publish(role, "targets", "snapshot", "timestamp")
    served = next((repository.folder / "targets").iterdir())
    client.mirror.instead[f"targets/{served.name.replace(' ', '%20')}"] = served.read_bytes()
    encoded = quote(role, safe="")
    client.mirror.instead[f"metadata/1.{encoded}.json"] = (
        repository.folder / "metadata" / f"1.{encoded}.json"
    ).read_bytes()
    assert client.download(path) == 0
    assert [one.read_bytes() for one in client.targets.iterdir()] == [b"quoted"]
    assert (client.metadata / f"{encoded}.json").is_file()


def test_trust_in_a_role_is_not_carried_from_one_delegator_to_another(client: Client, repository: Repository) -> None:
    """Two roles delegate to a third, each for its own paths and with its own key; only one of the keys signed."""
    repository.delegate("targets", "a", paths=["a/*"])
    repository.delegate("targets", "b", paths=["b/*"])
    repository.delegate("a", "c", paths=["a/*"])
    repository.delegate("b", "c", paths=["b/*"])
    repository.put("c", {"a/file": b"granted by a", "b/file": b"not granted by b"})
    repository.publish("a", "b", "c", "targets", "snapshot", "timestamp")
    assert client.download("a/file") == 0
    assert client.download("b/file") == 1
    assert client.download("a/file", "b/file") == 1
    assert [path.read_bytes() for path in client.targets.iterdir()] == [b"granted by a"]
