"""An authority's whole path at the terminal: draft, check, sign with its colleagues, publish, tell, withdraw."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests.order_kit import PROTECTION, authorities, encoded, spelled
from tuf.api.metadata import Metadata, Targets

from bouclier import cli
from bouclier.charter.adapters.charter_files import charter_files
from bouclier.charter.adapters.tuf_keys import make_key, read_public_key, read_signer
from bouclier.charter.adapters.tuf_publication import publish
from bouclier.charter.adapters.tuf_signing import sign
from bouclier.charter.adapters.tuf_staging import Founding, Signers, found, propose, set_authority
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.charter.bundle import bundle_of
from bouclier.charter.orders import MAX_ORDERS, parse_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OTHER: dict[str, Any] = {**PROTECTION, "id": "eu-office", "role": "authority-eu-office", "territory": ["EU"]}


class Founded(NamedTuple):
    """A charter that is published, with an authority whose two keys both have to sign."""

    folder: Path

    @property
    def workshop(self) -> str:
        return str(self.folder / "workshop")

    @property
    def repository(self) -> str:
        return str(self.folder / "workshop" / "published")

    @property
    def root(self) -> str:
        return str(self.folder / "workshop" / "published" / "metadata" / "1.root.json")

    def key(self, name: str) -> str:
        return str(self.folder / "keys" / f"{name}.private")


def charter() -> dict[str, str]:
    """Return a charter of the base alone, with two authorities."""
    base = {path: text for path, text in charter_files().items() if "/" not in path or path.startswith("packs/socle/")}
    about = {**json.loads(base["charter.json"]), "packs": ["socle"]}
    return {**base, "charter.json": json.dumps(about), "authorities.json": authorities(PROTECTION, OTHER).decode()}


@pytest.fixture(scope="module")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    now = datetime.now(UTC).replace(microsecond=0)
    keys = folder / "keys"
    for name in ("party", "online", "anne", "bruno"):
        make_key(name, keys)
    public = {name: read_public_key(keys / f"{name}.public") for name in ("party", "online", "anne", "bruno")}
    workshop = Workshop(folder / "workshop")
    party, online = Signers([public["party"]]), Signers([public["online"]])
    found(workshop, Founding(party, party, online, online), now=now)
    propose(workshop, bundle_of(charter()), now=now)
    set_authority(workshop, "fr-protection", Signers([public["anne"], public["bruno"]], 2), now=now)
    sign(workshop, [read_signer(keys / f"{name}.private") for name in ("party", "anne", "bruno")])
    publish(workshop, [read_signer(keys / "online.private")], now=now)
    return folder


@pytest.fixture
def founded(founding: Path, tmp_path: Path) -> Founded:
    return Founded(shutil.copytree(founding, tmp_path / "founded"))


@pytest.fixture(params=["fr_FR.UTF-8", "en_GB.UTF-8"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LC_ALL", request.param)
    return str(request.param)[:2]


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def current(**changes: object) -> dict[str, object]:
    """Particulars of an order that is in force while the tests run, and for weeks."""
    now = datetime.now(UTC)
    spans = {"start": now - timedelta(hours=1), "expires": now + timedelta(days=20)}
    return {**{name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in spans.items()}, **changes}


def written(path: Path, **changes: object) -> str:
    path.write_bytes(encoded(**current(**changes)))
    return str(path)


DRAFT = [
    "order", "draft", "--id", "fr-protection/2026-015", "--title-fr", "Pas d'abus", "--title-en", "No abuse",
    "--effect", "forbid-jurisdiction", "--states", "US,CN", "--openness", "closed", "--basis", "Loi d'exemple, art. 2",
    "--reasons-fr", "Motifs.", "--reasons-en", "Reasons.", "--scope", "FR", "--redress-fr", "Recours.",
    "--redress-en", "Appeal.",
]  # fmt: skip


@pytest.mark.usefixtures("english")
def test_a_draft_is_an_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "order.json"
    assert cli.main([*DRAFT, "--days", "30", "--out", str(file)]) == 0
    order = parse_order(file.read_bytes())
    assert order.authority == "fr-protection"
    assert (order.expires - order.start).days == 30
    assert cli.main([*DRAFT, "--start", "2026-11-22T10:00:00Z", "--expires", "2026-11-23T10:00:00Z"]) == 0
    printed = capsys.readouterr().out.partition("\n")[2]
    assert parse_order(printed.encode()).effect == order.effect
    assert cli.main([*DRAFT, "--days", "30", "--out", str(file)]) == 2  # never over another file


def test_what_is_missing_or_wrong_in_a_draft_is_named(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(DRAFT) == 2
    assert "expires" in capsys.readouterr().err
    assert cli.main([*DRAFT, "--days", "30", "--country", "France"]) == 2
    told = capsys.readouterr().err
    assert "selector.country" in told
    assert ("deux majuscules" if language == "fr" else "two capitals") in told
    assert cli.main([*DRAFT, "--days", "-3"]) == 2
    assert cli.main([*DRAFT, "--days", "30", "--start", "noon"]) == 2


@pytest.mark.usefixtures("english")
def test_a_template_says_what_is_left_and_is_not_valid_yet(
    founded: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "order.json"
    asked = ["order", "draft", "--template", "--id", "fr-protection/x", "--effect", "require-warning", "--scope", "FR"]
    assert cli.main([*asked, "--out", str(file)]) == 0
    given = tmp_path / "charter.bundle"
    given.write_bytes(bundle_of(charter()))
    assert cli.main(["order", "check", str(file), "--charter", str(given)]) == 1
    told = capsys.readouterr().out
    assert "still to be written: basis, title.fr" in told
    assert "effect.warning.en" in told
    signing = ["order", "sign", str(file), "--workshop", founded.workshop, "--key", founded.key("anne")]
    assert cli.main(signing) == 1


def test_checking_tells_overreach_in_plain_words(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "charter.bundle"
    given.write_bytes(bundle_of(charter()))
    good, bad = written(tmp_path / "good.json"), written(tmp_path / "bad.json", scope=["DE"])
    assert cli.main(["order", "check", good, "--charter", str(given)]) == 0
    said = capsys.readouterr()
    assert ("dans le mandat" if language == "fr" else "within the mandate") in said.out
    assert said.err == ""
    assert cli.main(["order", "check", good]) == 1, "the packaged charter gives no such mandate"
    assert ("charte du paquet logiciel" if language == "fr" else "the packaged charter") in capsys.readouterr().err
    assert cli.main(["order", "check", bad, "--charter", str(given)]) == 1
    assert ("hors du territoire du mandat" if language == "fr" else "outside the mandate's") in capsys.readouterr().out
    nobody = tmp_path / "authorities.json"
    nobody.write_bytes(authorities())
    assert cli.main(["order", "check", good, "--charter", str(given), "--authorities", str(nobody)]) == 1
    assert ("aucun mandat" if language == "fr" else "no mandate") in capsys.readouterr().out
    assert cli.main(["order", "check", str(tmp_path / "none.json"), "--charter", str(given)]) == 2


@pytest.mark.usefixtures("english")
def test_two_sign_one_publishes_everyone_reads_and_two_withdraw(
    founded: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "order.json")
    workshop = ["--workshop", founded.workshop]
    reading = ["--repository", founded.repository, "--root", founded.root]

    assert cli.main(["order", "list", *reading]) == 0
    assert capsys.readouterr().out == "no order applies\n"

    assert cli.main(["order", "sign", file, *workshop, "--key", founded.key("anne")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("charter whose first root has sha256 ")
    assert lines[1].startswith("authority-fr-protection version 2, until ")
    assert lines[2].startswith("  + orders/fr-protection/2026-014.json (new, ")
    assert lines[3:] == ["authority-fr-protection 1/2 (anne); may still sign: bruno"]
    assert cli.main(["order", "sign", file, *workshop, "--key", founded.key("bruno")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "authority-fr-protection 2/2 (anne, bruno)"
    assert cli.main(["order", "publish", *workshop, "--key", founded.key("online")]) == 0
    assert "authority-fr-protection 2\n" in capsys.readouterr().out

    assert cli.main(["order", "list", *reading]) == 0
    told = capsys.readouterr().out
    assert told.startswith("fr-protection/2026-014\n")
    for words in ("Model exemple-7b suspended", "nothing is sent there", "model exemple-7b", "art. 58(2)(f)", "FR"):
        assert words in told
    assert cli.main(["order", "show", "fr-protection/2026-014", *reading]) == 0
    told = capsys.readouterr().out
    assert "They go on." in told
    assert "Appeal within two months." in told
    assert cli.main(["order", "list", *reading, "--territory", "DE"]) == 0
    assert capsys.readouterr().out == "no order applies\n"

    taking = ["order", "withdraw", "fr-protection/2026-014", *workshop]
    assert cli.main([*taking, "--key", founded.key("anne")]) == 0
    assert cli.main([*taking, "--key", founded.key("bruno")]) == 0
    assert cli.main(["order", "publish", *workshop, "--key", founded.key("online")]) == 0
    capsys.readouterr()
    assert cli.main(["order", "show", "fr-protection/2026-014", *reading]) == 2
    assert cli.main([*taking, "--key", founded.key("anne")]) == 2  # there is nothing left to withdraw


@pytest.mark.usefixtures("english")
def test_what_is_beyond_the_mandate_is_not_signed(
    founded: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "order.json", scope=["FR", "DE"])
    assert cli.main(["order", "sign", file, "--workshop", founded.workshop, "--key", founded.key("anne")]) == 1
    assert "extends to DE" in capsys.readouterr().err
    assert not (founded.folder / "workshop" / "staged" / "authority-fr-protection.json").exists()


@pytest.mark.usefixtures("english")
def test_nobody_signs_what_they_were_not_shown(
    founded: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, other = written(tmp_path / "1.json"), written(tmp_path / "2.json", id="fr-protection/hidden")
    workshop = ["--workshop", founded.workshop]
    assert cli.main(["order", "sign", shown, other, *workshop, "--key", founded.key("anne")]) == 0
    assert cli.main(["order", "sign", shown, *workshop, "--key", founded.key("bruno")]) == 1
    assert "orders/fr-protection/hidden.json" in capsys.readouterr().err
    assert cli.main(["order", "sign", shown, other, *workshop, "--key", founded.key("bruno")]) == 0
    assert cli.main(["order", "publish", *workshop, "--key", founded.key("online")]) == 0
    # Nor does one lift an order under cover of another.
    new = written(tmp_path / "3.json", id="fr-protection/new")
    taking = ["--withdraw", "fr-protection/hidden"]
    assert cli.main(["order", "sign", new, *taking, *workshop, "--key", founded.key("anne")]) == 0
    assert cli.main(["order", "sign", new, *workshop, "--key", founded.key("bruno")]) == 1
    assert "orders/fr-protection/hidden.json" in capsys.readouterr().err
    assert cli.main(["order", "sign", new, *taking, *workshop, "--key", founded.key("bruno")]) == 0
    assert "2/2" in capsys.readouterr().out


def published_order(founded: Founded, tmp_path: Path) -> Path:
    """Have an order published, and return the file of the authority's metadata in the workshop."""
    file = written(tmp_path / "published.json", id="fr-protection/first")
    for name in ("anne", "bruno"):
        assert cli.main(["order", "sign", file, "--workshop", founded.workshop, "--key", founded.key(name)]) == 0
    assert cli.main(["order", "publish", "--workshop", founded.workshop, "--key", founded.key("online")]) == 0
    return founded.folder / "workshop" / "published" / "metadata" / "2.authority-fr-protection.json"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("how", ["unsigned", "older"])
def test_nothing_is_signed_or_published_on_a_forged_copy_of_what_is_published(
    founded: Founded, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever had the workshop for an hour made an order that is in force seem never to have been."""
    place = published_order(founded, tmp_path)
    if how == "unsigned":
        metadata: Metadata[Targets] = Metadata.from_bytes(place.read_bytes())
        metadata.signed.targets.clear()
        place.write_bytes(metadata.to_bytes())
    else:
        place.write_bytes(place.with_name("1.authority-fr-protection.json").read_bytes())
    file = written(tmp_path / "order.json")
    capsys.readouterr()
    assert cli.main(["order", "sign", file, "--workshop", founded.workshop, "--key", founded.key("anne")]) == 1
    assert cli.main(["order", "publish", "--workshop", founded.workshop, "--key", founded.key("online")]) == 1
    assert cli.main(["charter", "status", "--workshop", founded.workshop]) == 1
    said = {"unsigned": "authority-fr-protection: not signed enough", "older": "authority-fr-protection: is not what"}
    assert capsys.readouterr().err.count(said[how]) == 3
    assert not (founded.folder / "workshop" / "staged" / "authority-fr-protection.json").exists()


def _live_ten_years(signed: Targets) -> None:
    signed.expires += timedelta(days=3650)


def _skip_a_version(signed: Targets) -> None:
    signed.version += 1


def _say_more(signed: Targets) -> None:
    signed.unrecognized_fields["x-junk"] = "1"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("change", [_live_ten_years, _skip_a_version, _say_more])
def test_nothing_of_a_draft_is_signed_but_what_was_given(
    founded: Founded, tmp_path: Path, change: Callable[[Targets], None], capsys: pytest.CaptureFixture[str]
) -> None:
    published_order(founded, tmp_path)
    workshop = Workshop(founded.folder / "workshop")
    now = datetime.now(UTC).replace(microsecond=0)
    draft = workshop.draft_authority("authority-fr-protection", now)
    change(draft.signed)
    workshop.stage("authority-fr-protection", draft)
    capsys.readouterr()
    file = written(tmp_path / "order.json")
    assert cli.main(["order", "sign", file, "--workshop", founded.workshop, "--key", founded.key("anne")]) == 0
    signed = workshop.next().authorities["authority-fr-protection"].signed
    assert sorted(signed.targets) == [f"orders/fr-protection/{name}.json" for name in ("2026-014", "first")]
    assert (signed.version, signed.unrecognized_fields) == (3, {})
    assert now + timedelta(days=7) <= signed.expires <= now + timedelta(days=7, minutes=5)
    told = capsys.readouterr().out
    assert f"version 3, until {signed.expires:%Y-%m-%d %H:%M} UTC" in told
    assert "  = orders/fr-protection/first.json (stays)" in told


@pytest.mark.usefixtures("english")
def test_more_orders_than_count_are_not_signed(
    founded: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [written(tmp_path / f"{n}.json", id=f"fr-protection/{n}") for n in range(MAX_ORDERS + 1)]
    signing = ["--workshop", founded.workshop, "--key", founded.key("anne")]
    assert cli.main(["order", "sign", *files, *signing]) == 2
    assert "would have more than 100 orders" in capsys.readouterr().err
    assert cli.main(["order", "sign", *files[1:], *signing]) == 0


def test_reasons_are_listed_as_each_language_does(
    founded: Founded, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "order.json", scope=["DE"], expires="2099-01-01T00:00:00Z")
    assert cli.main(["order", "sign", file, "--workshop", founded.workshop, "--key", founded.key("anne")]) == 1
    told = capsys.readouterr().err
    assert ("(FR) ; dure" if language == "fr" else "(FR); lasts") in told


@pytest.mark.usefixtures("english")
def test_one_signature_is_for_one_authority(founded: Founded, tmp_path: Path) -> None:
    one = written(tmp_path / "1.json")
    two = written(tmp_path / "2.json", id="eu-office/1", authority="eu-office", scope=["EU"])
    signing = ["--workshop", founded.workshop, "--key", founded.key("anne")]
    assert cli.main(["order", "sign", one, two, *signing]) == 2
    assert cli.main(["order", "sign", two, *signing]) == 2


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("stranger", ["party", "online"])
def test_no_other_key_signs_for_an_authority(
    founded: Founded, tmp_path: Path, stranger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "order.json")
    assert cli.main(["order", "sign", file, "--workshop", founded.workshop, "--key", founded.key(stranger)]) == 2
    assert "is no key of authority-fr-protection" in capsys.readouterr().err
    assert not (founded.folder / "workshop" / "staged" / "authority-fr-protection.json").exists()


@pytest.mark.usefixtures("english")
def test_one_signature_of_two_publishes_nothing(
    founded: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "order.json")
    cli.main(["order", "sign", file, "--workshop", founded.workshop, "--key", founded.key("anne")])
    cli.main(["order", "publish", "--workshop", founded.workshop, "--key", founded.key("online")])
    capsys.readouterr()
    assert cli.main(["order", "list", "--repository", founded.repository, "--root", founded.root]) == 0
    assert capsys.readouterr().out == "no order applies\n"


@pytest.mark.usefixtures("english")
def test_a_repository_is_read_by_a_root_one_trusts_only(
    founded: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["order", "list", "--repository", founded.repository]) == 2
    assert "--root" in capsys.readouterr().err
    other = tmp_path / "other.json"
    other.write_bytes(b"{}")
    assert cli.main(["order", "list", "--repository", founded.repository, "--root", str(other)]) == 2


class _Gateway(BaseHTTPRequestHandler):
    body = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/charter/orders" else 404)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def gateway() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Gateway)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.mark.usefixtures("english")
def test_a_gateway_tells_what_applies_and_what_was_refused(gateway: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused = {
        "path": "orders/x/1.json",
        "digest": "0" * 64,
        "reasons": [{"fr": "sans mandat", "en": "no mandate\x1b[2J"}],
    }
    _Gateway.body = json.dumps(
        {"orders": [{"digest": "0" * 64, "order": spelled()}], "refused": [refused], "more": 1}
    ).encode()
    assert cli.main(["order", "list", "--url", gateway]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("fr-protection/2026-014\n")
    assert "orders/x/1.json without effect: no mandate" in told.err
    assert "\x1b" not in told.err


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("body", [b"", b"[]", b'{"orders": [{"digest": "0", "order": {}}]}', b"\xff"])
def test_a_gateway_that_tells_something_else_is_not_believed(gateway: str, body: bytes) -> None:
    _Gateway.body = body
    assert cli.main(["order", "list", "--url", gateway]) == 1


@pytest.mark.usefixtures("english")
def test_an_address_that_is_none_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["order", "list", "--url", "file:///etc/passwd"]) == 2
    assert "--url" not in capsys.readouterr().out
