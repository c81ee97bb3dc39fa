"""`fleet.share`: what is an address of a database, and when TLS is spoken."""

from __future__ import annotations

from pathlib import Path

import pytest

from bouclier.compose.fleet_share_address import share_address
from bouclier.compose.site_announcing import seconds_of, slots_of
from bouclier.fleet.adapters.server_address import ServerAddress
from bouclier.terms.errors import ConfigurationError


def test_an_address_on_this_machine_needs_no_tls() -> None:
    assert share_address("postgresql://b@/fleet?host=/run/pg") == ServerAddress("/run/pg", 5432, "b", "fleet")
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert not share_address(f"postgresql://b@{host}:6432/fleet").is_encrypted


def test_off_this_machine_the_server_is_checked_unless_the_address_says_otherwise() -> None:
    address = share_address("postgresql://b@db.example.eu/fleet", password_file=Path("p"))
    assert address == ServerAddress("db.example.eu", 5432, "b", "fleet", Path("p"), is_encrypted=True)
    assert not share_address("postgresql://b@db.example.eu/fleet?sslmode=disable").is_encrypted
    roots = share_address("postgres://b@10.0.0.3/fleet?sslmode=verify-full&sslrootcert=ca.pem", base=Path("/etc/b"))
    assert (roots.roots, roots.is_encrypted) == (Path("/etc/b/ca.pem"), True)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://b:secret@db/fleet",
        "postgresql://b:@db/fleet",
        "mysql://b@db/fleet",
        "postgresql://db/fleet",
        "postgresql://b@db",
        "postgresql://b@/fleet",
        "postgresql://b@db/fleet/more",
        "postgresql://b@db/fleet?sslmode=require",
        "postgresql://b@db/fleet?sslmode=prefer",
        "postgresql://b@db/fleet?password=x",
        "postgresql://b@db/fleet?options=-c",
        "postgresql://b@db/fleet#x",
        "postgresql://b@db:port/fleet",
        "postgresql://b@db/%00",
        "",
    ],
)
def test_what_is_no_address_or_holds_a_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|Port"):
        share_address(text)


def test_spans_and_slots_are_read_strictly() -> None:
    assert [seconds_of(text) for text in ("45s", "30m", "8h", "31d")] == [45, 1_800, 28_800, 2_678_400]
    assert slots_of(["a/b=c=8", "echo=12"]) == {"a/b=c": 8, "echo": 12}
    for text in ("", "h", "8", "-1h", "1.5h", "8 h", "٣h", "9" * 20 + "s"):
        with pytest.raises(ConfigurationError):
            seconds_of(text)
    for given in (["echo"], ["=3"], ["echo="], ["echo=x"], ["echo=1", "echo=2"], ["echo=" + "9" * 30]):
        with pytest.raises(ConfigurationError):
            slots_of(given)
