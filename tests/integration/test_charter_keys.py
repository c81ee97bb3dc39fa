"""Keys that sign a charter: in files any tool reads, under a name, and in tokens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.signer import SSlibKey
from tests.tuf_kit import ROOT, Repo
from tests.tuf_reader import Reader

from bouclier.charter.adapters.tuf_errors import CharterKeyError, WorkshopError
from bouclier.charter.adapters.tuf_hsm import token_signer
from bouclier.charter.adapters.tuf_keys import (
    make_key,
    name_of,
    named,
    parse_public_key,
    read_public_key,
    read_signer,
    render_public_key,
)
from bouclier.charter.adapters.tuf_signing import sign
from bouclier.charter.adapters.tuf_staging import add_key, set_threshold
from bouclier.compose.charter_repository import save_token_key, secret_from
from bouclier.terms.errors import StorageError

SigningKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
NAMES = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,5}", fullmatch=True)
KEYS: list[SigningKey] = [
    ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    ec.derive_private_key(7, ec.SECP256R1()),
    ec.derive_private_key(7, ec.SECP384R1()),
]
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


def test_a_key_is_two_files_one_for_its_holder_alone(tmp_path: Path) -> None:
    private, public, key = make_key("cour-d-appel", tmp_path / "keys")
    assert (private.name, public.name) == ("cour-d-appel.private", "cour-d-appel.public")
    assert private.stat().st_mode & 0o777 == 0o600
    assert isinstance(load_pem_private_key(private.read_bytes(), None), ed25519.Ed25519PrivateKey)
    assert read_public_key(public) == key
    assert name_of(key) == "cour-d-appel"
    assert read_signer(private).public_key.keyid == key.keyid
    assert sorted(path.name for path in private.parent.iterdir()) == [private.name, public.name]


@pytest.mark.parametrize("there", ["a.private", "a.public"])
def test_no_key_replaces_another(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(StorageError, match="exists already"):
        make_key("a", tmp_path)
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.parametrize("name", ["", "Cour", "cour d'appel", "-a", "a-", "a--b", "é", "a/b", "../a", "a" * 65])
def test_a_name_that_could_pass_for_another_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CharterKeyError, match="is not a name"):
        make_key(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@given(st.sampled_from(KEYS), NAMES)
def test_reading_a_public_key_undoes_writing_it(private: SigningKey, name: str) -> None:
    key = named(SSlibKey.from_crypto(private.public_key()), name)
    assert parse_public_key(render_public_key(key), "key") == key


@given(st.sampled_from(KEYS), st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_public_key_is_refused_or_says_what_it_is(private: SigningKey, where: int, flip: int) -> None:
    text = bytearray(render_public_key(named(SSlibKey.from_crypto(private.public_key()), "party-1")))
    text[where % len(text)] ^= flip
    try:
        key = parse_public_key(bytes(text), "key")
    except CharterKeyError:
        return
    assert render_public_key(key) == bytes(text)


def test_a_name_is_no_part_of_a_keys_id() -> None:
    key = SSlibKey.from_crypto(KEYS[0].public_key())
    assert named(key, "one").keyid == named(key, "two").keyid == key.keyid


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields.pop("x-bouclier-name"),
        lambda fields: fields.update({"x-bouclier-name": "Party"}),
        lambda fields: fields.update(more=1),
        lambda fields: fields.update(scheme="ecdsa-sha2-nistp256"),
        lambda fields: fields["keyval"].update(private="00"),
        lambda fields: fields["keyval"].update(public=fields["keyval"]["public"].upper()),
    ],
)
def test_a_public_key_has_one_spelling(change: object) -> None:
    key = named(SSlibKey.from_crypto(KEYS[0].public_key()), "party-1")
    fields = json.loads(render_public_key(key))
    assert callable(change)
    change(fields)
    text = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    with pytest.raises(CharterKeyError, match="is not a key of a charter"):
        parse_public_key(text, "party-1.public")


def test_a_private_file_may_have_a_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "party.private"
    path.write_bytes(KEYS[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"sesame")))
    pin = tmp_path / "pin"
    pin.write_text("sesame\n")
    assert read_signer(path, secret_from(pin)).public_key.keyid == SSlibKey.from_crypto(KEYS[0].public_key()).keyid
    pin.write_text("other\n")
    with pytest.raises(CharterKeyError, match="not a private key"):
        read_signer(path, secret_from(pin))
    with pytest.raises(CharterKeyError, match="not a private key"):
        read_signer(path)


def test_a_kind_of_key_we_do_not_sign_with_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rsa.private"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(CharterKeyError):
        read_signer(path)
    path.write_text("no key")
    with pytest.raises(CharterKeyError, match=r"rsa\.private is not a private key"):
        read_signer(path)


def test_a_hsm_uri_that_names_no_key_is_refused() -> None:
    with pytest.raises(CharterKeyError, match="does not name a key"):
        token_signer("pkcs11:token=x", secret_from(None))


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A software token with a P-256 key, number 2; returns its label. The PIN is in the file `pin`."""
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed: pip install 'bouclier[hsm]'")
    curves = pytest.importorskip("pkcs11.util.ec")
    tool = shutil.which("softhsm2-util")
    module = next((path for path in MODULES if Path(path).is_file()), None)
    if tool is None or module is None:
        pytest.skip("SoftHSM is not installed: apt-get install softhsm2")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    (tmp_path / "pin").write_text("1234\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    monkeypatch.setenv("PYKCS11LIB", module)
    label = "party token"
    subprocess.run(
        [tool, "--init-token", "--free", "--label", label, "--so-pin", "0000", "--pin", "1234"],
        check=True,
        capture_output=True,
        env=dict(os.environ),
        timeout=30,
    )
    with pkcs11.lib(module).get_token(token_label=label).open(user_pin="1234", rw=True) as session:
        curve = {pkcs11.Attribute.EC_PARAMS: curves.encode_named_curve_parameters("secp256r1")}
        parameters = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
        parameters.generate_keypair(id=b"\x02", label="party", store=True)
    return label


def test_a_key_in_a_token_signs_a_charter(tmp_path: Path, token: str) -> None:
    uri, pin = f"hsm:2?label={token.replace(' ', '+')}", tmp_path / "pin"
    made = save_token_key(uri, "court", tmp_path / "keys", pin_file=pin)
    assert made.private is None
    assert read_public_key(made.public).scheme == "ecdsa-sha2-nistp256"
    repo = Repo.create(tmp_path, parties=2, threshold=2)
    add_key(repo.workshop, ROOT, read_public_key(made.public), now=repo.now)
    set_threshold(repo.workshop, ROOT, 3, now=repo.now)
    repo.sign("party-1", "party-2")
    with pytest.raises(WorkshopError, match=r"root v2 \(2/3, court\)"):
        repo.publish_signed()
    signer = token_signer(uri, secret_from(pin))
    assert signer.public_key.keyid == made.key_id
    pin.write_text("9999\n")
    with pytest.raises(CharterKeyError, match="could not sign"):
        sign(repo.workshop, [signer])
    pin.write_text("1234\n")
    assert sign(repo.workshop, [signer]) == [ROOT]
    repo.publish_signed()
    client = Reader(tmp_path / "client", repo.root_bytes)
    client.refresh(repo.folder)
    assert client.root().version == 2
    with pytest.raises(CharterKeyError, match="was not found"):
        token_signer("hsm:3?label=party+token", secret_from(pin))
