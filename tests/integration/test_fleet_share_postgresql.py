"""Gateways that share what they know in a real PostgreSQL: killed, stopped, full, newer, read-only, clocks wrong."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from tests.fleet_kit import PACE, Fleet, FleetProcess, eventually, fleet
from tests.postgresql import PASSWORD, PostgreSQL

from bouclier.fleet.adapters.server_address import ServerAddress
from bouclier.fleet.adapters.share_postgresql import PostgreSQLShare
from bouclier.fleet.book_model import Outcome, Shared, SharedDeployment, Standing
from bouclier.fleet.sharing import Line, SharingError, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def running() -> Iterator[PostgreSQL]:
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def server(running: PostgreSQL) -> PostgreSQL:
    running.sql("DROP SCHEMA IF EXISTS bouclier CASCADE")
    return running


def a_fleet(server: PostgreSQL, data: Path, **more: object) -> AbstractAsyncContextManager[Fleet]:
    return fleet(data, server.socket, password_file=server.password_file, **more)  # type: ignore[arg-type]


def share(server: PostgreSQL, gateway: str = "a", **address: object) -> PostgreSQLShare:
    where = ServerAddress(str(server.socket), 5432, "bouclier", "bouclier", server.password_file)
    return PostgreSQLShare(replace(where, **address), gateway=gateway, on_announced=lambda: None)  # type: ignore[arg-type]


def a_line(announced: str, deployment: str = "", *, age_ms: int = 0, site: str = "lyon") -> Line:
    return Line(announced * 32, site, deployment, Standing.DRAINING, None, "operations@lyon", age_ms, DAY_MS)


async def shared(*fleets: Fleet, why: bool = True) -> None:
    """Wait until all share, or until none does."""
    await eventually(lambda: all(one.health["shared"] is why for one in fleets))


async def trouble(one: Fleet) -> str:
    """Wait until a gateway is alone for a reason, and return it."""
    await eventually(lambda: one.health.get("why") not in {None, "starting"})
    return str(one.health["why"])


# What gateways tell one another ---------------------------------------------------------------------------------------


async def _load(server: PostgreSQL, tmp_path: Path) -> None:
    lasting = replace(PACE, lease_ms=90_000)
    async with a_fleet(server, tmp_path / "a", pace=lasting) as a:
        async with a_fleet(server, tmp_path / "b", pace=lasting) as b:
            assert a.begin("echo", "1")
            assert a.begin("echo", "2")
            assert b.begin("echo", "3")
            await eventually(lambda: b.state("echo").elsewhere == 2 and a.state("echo").elsewhere == 1)
            await eventually(lambda: a.health == {"shared": True, "gateways": 2})
            a.end("echo", "1")
            await eventually(lambda: b.state("echo").elsewhere == 1)
            for number in range(3):
                assert a.begin("mistral", f"m{number}")
                a.end("mistral", f"m{number}", Outcome.FAILED)
            assert a.state("mistral").breaker == "open"
            await eventually(lambda: b.state("mistral").word != "unknown")
            assert b.state("mistral").word == "down"
        # One that stops says so: nobody waits for its lease.
        await eventually(lambda: a.state("echo").elsewhere == 0, within_s=30)
    assert server.sql("SELECT count(*) FROM bouclier.fleet_gateways WHERE ends > clock_timestamp()") == "0"


def test_gateways_see_each_others_load_and_breakers(server: PostgreSQL, tmp_path: Path) -> None:
    asyncio.run(_load(server, tmp_path))


async def _drain(server: PostgreSQL, tmp_path: Path) -> None:
    rarely = replace(PACE, beat_ms=60_000, lease_ms=90_000)
    async with a_fleet(server, tmp_path / "a", pace=rarely) as a, a_fleet(server, tmp_path / "b", pace=rarely) as b:
        await shared(a, b)
        assert await a.drain("lyon", for_ms=DAY_MS) is True
        await eventually(lambda: b.state("echo").word == "draining", within_s=30)  # a beat comes each minute
        assert b.state("mistral").word == "draining"
        assert b.state("other").word == "unknown"
        assert await b.join("lyon", echo=3) is True
        await eventually(lambda: a.state("echo").word == "unknown")
        assert [(one.deployment, one.slots) for one in a.sharing.announced()] == [("", None), ("echo", 3)]
        assert "echo" in a.freed


def test_a_drain_announced_at_one_gateway_wakes_the_others_at_once(server: PostgreSQL, tmp_path: Path) -> None:
    asyncio.run(_drain(server, tmp_path))


async def _busy(server: PostgreSQL, tmp_path: Path) -> None:
    rarely = replace(PACE, beat_ms=60_000, lease_ms=90_000)
    async with a_fleet(server, tmp_path / "a", pace=rarely) as a, a_fleet(server, tmp_path / "b", pace=rarely) as b:
        await shared(a, b)
        assert a.begin("echo", "1")
        assert b.begin("echo", "2")
        assert await a.drain("lyon", for_ms=DAY_MS) is True  # wakes both, a minute early
        await eventually(lambda: b.state("echo").elsewhere == 1 and a.state("echo").elsewhere == 1)
        assert a.begin("other", "3")
        await eventually(lambda: b.state("other").elsewhere == 1)
        a.end("other", "3", Outcome.SERVED)
        await eventually(lambda: b.state("other").elsewhere == 0)


def test_gateways_speak_more_often_while_they_have_exchanges(server: PostgreSQL, tmp_path: Path) -> None:
    asyncio.run(_busy(server, tmp_path))


async def _polled(server: PostgreSQL, tmp_path: Path) -> None:
    async with a_fleet(server, tmp_path / "a") as a:
        await shared(a)
        server.sql(
            "INSERT INTO bouclier.fleet_announcements VALUES "
            f"('lyon', '', '{'7' * 32}', 'draining', NULL, 'dba', now(), now() + interval '5 s')"
        )
        await eventually(lambda: a.state("echo").draining)
        await eventually(lambda: not a.state("echo").draining)
        server.sql("UPDATE bouclier.fleet_announcements SET ends = NULL")
        await eventually(lambda: a.state("echo").draining)
        server.sql("DELETE FROM bouclier.fleet_announcements")
        await eventually(lambda: not a.state("echo").draining)


def test_an_announcement_that_nobody_was_woken_for_is_heard_all_the_same_and_ends(
    server: PostgreSQL, tmp_path: Path
) -> None:
    asyncio.run(_polled(server, tmp_path))


async def _at_once(server: PostgreSQL, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        fleets = [await stack.enter_async_context(a_fleet(server, tmp_path / str(n))) for n in range(6)]
        await eventually(lambda: all(one.health == {"shared": True, "gateways": 6} for one in fleets))


def test_gateways_that_begin_at_once_on_an_empty_database_all_share(server: PostgreSQL, tmp_path: Path) -> None:
    asyncio.run(_at_once(server, tmp_path))


# Processes that die, and clocks that are wrong ------------------------------------------------------------------------


async def _killed(server: PostgreSQL, tmp_path: Path) -> None:
    async with a_fleet(server, tmp_path / "a") as a:
        child = await asyncio.to_thread(FleetProcess, tmp_path / "b", server.socket, server.password_file)
        assert child.do("begin", name="echo", exchange="1")
        await eventually(lambda: a.state("echo").elsewhere == 1)
        child.kill()
        # It said nothing of its end: what it had counts until its lease is over, and no more then.
        await eventually(lambda: a.state("echo").elsewhere == 0)


def test_the_load_of_a_killed_gateway_ends_with_its_lease(server: PostgreSQL, tmp_path: Path) -> None:
    asyncio.run(_killed(server, tmp_path))


async def _skewed(server: PostgreSQL, tmp_path: Path, skew_ms: int) -> None:
    async with a_fleet(server, tmp_path / "a") as a:
        child = await asyncio.to_thread(
            FleetProcess, tmp_path / "b", server.socket, server.password_file, skew_ms=skew_ms
        )
        try:
            assert child.do("begin", name="echo", exchange="1")
            await eventually(lambda: a.state("echo").elsewhere == 1)
            assert a.begin("echo", "2")
            await eventually(lambda: child.do("state", name="echo")["elsewhere"] == 1)
            # Its lease, and the end of what it announces, are the database's business.
            assert child.do("drain", site="lyon", for_ms=5_000) is True
            await eventually(lambda: a.state("echo").draining)
            await eventually(lambda: not a.state("echo").draining)
            assert await a.drain("lyon", for_ms=DAY_MS) is True
            await eventually(lambda: child.do("state", name="echo")["word"] == "draining")
        finally:
            child.kill()
        await eventually(lambda: a.state("echo").elsewhere == 0)


@pytest.mark.parametrize("skew_ms", [400 * DAY_MS, -400 * DAY_MS], ids=["a year ahead", "a year late"])
def test_a_gateway_whose_clock_is_wrong_harms_nobody(server: PostgreSQL, tmp_path: Path, skew_ms: int) -> None:
    asyncio.run(_skewed(server, tmp_path, skew_ms))


# A database that does not do what is asked ----------------------------------------------------------------------------


async def _longest_gap(stop: asyncio.Event) -> float:
    """How much longer than a thread beside it the event loop kept others waiting, at most, seconds."""
    beside, longest, last = threading.Event(), 0.0, time.monotonic()
    paused = asyncio.get_running_loop().run_in_executor(None, _longest_pause, beside)
    while not stop.is_set():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    beside.set()
    return longest - await paused


def _longest_pause(over: threading.Event) -> float:
    longest, last = 0.0, time.monotonic()
    while not over.wait(0.005):
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


async def _stopped(server: PostgreSQL, tmp_path: Path) -> None:
    hasty = replace(PACE, wait_ms=1_500)
    async with a_fleet(server, tmp_path / "a", pace=hasty) as a, a_fleet(server, tmp_path / "b", pace=hasty) as b:
        assert b.begin("echo", "0")
        await eventually(lambda: a.state("echo").elsewhere == 1)
        stop = asyncio.Event()
        gap = asyncio.create_task(_longest_gap(stop))
        with server.stopped():
            assert await trouble(a) == "timed-out"
            assert a.health["shared"] is False
            assert a.state("echo").elsewhere == 0  # its lease is over: unknown, and not counted for ever
            assert a.begin("echo", "1")
            a.end("echo", "1")
            assert await a.drain("lyon", for_ms=DAY_MS) is False  # it counts here; the others will be told
            assert a.state("echo").word == "draining"
            assert not a.begin("echo", "2")
            await trouble(b)
            assert b.state("echo").word != "draining"
        await shared(a, b)
        stop.set()
        assert await gap < 0.5
        await eventually(lambda: b.state("echo").word == "draining" and a.state("echo").elsewhere == 1)


def test_while_the_database_is_stopped_exchanges_go_on_and_afterwards_all_share(
    server: PostgreSQL, tmp_path: Path
) -> None:
    asyncio.run(_stopped(server, tmp_path))


async def _power_cut(server: PostgreSQL, tmp_path: Path) -> None:
    async with a_fleet(server, tmp_path / "a") as a:
        async with a_fleet(server, tmp_path / "b") as b:
            assert await a.drain("nice", for_ms=DAY_MS) is True
            await eventually(lambda: b.state("other").draining)
            server.kill()
            assert await trouble(a) == "unreachable"
            assert a.begin("echo", "1")
            assert a.state("other").draining  # what is known is not forgotten
        # One that starts meanwhile remembers from its own folder.
        async with a_fleet(server, tmp_path / "b") as b:
            assert b.state("other").draining
            assert b.health["shared"] is False
            await asyncio.to_thread(server.start)
            await shared(a, b)
            await eventually(lambda: b.state("echo").elsewhere == 1)
    async with a_fleet(server, tmp_path / "new") as new:
        await eventually(lambda: new.state("other").draining)


def test_after_a_power_cut_of_the_database_announcements_and_load_are_there_again(
    server: PostgreSQL, tmp_path: Path
) -> None:
    asyncio.run(_power_cut(server, tmp_path))


async def _said_meanwhile(server: PostgreSQL) -> None:
    here, there = share(server, "a"), share(server, "b")
    await there.announce([a_line("2", age_ms=0)])
    await here.announce([a_line("1", age_ms=5_000), a_line("1", "echo", age_ms=5_000)])
    assert [one.id[0] for one in await here.announced()] == ["2"]
    await here.announce([a_line("3", "echo")])
    assert [(one.id[0], one.deployment) for one in await there.announced()] == [("2", ""), ("3", "echo")]
    await there.announce([a_line("4"), a_line("4", "mistral")])
    assert [(one.id[0], one.deployment) for one in await here.announced()] == [("4", ""), ("4", "mistral")]
    await here.close()
    await there.close()


def test_what_could_be_told_only_later_does_not_undo_a_later_word(server: PostgreSQL) -> None:
    asyncio.run(_said_meanwhile(server))


async def _for_a_while(server: PostgreSQL, tmp_path: Path, *, wrong: str, right: str) -> str:
    async with a_fleet(server, tmp_path / "a") as a:
        await shared(a)
        server.sql(wrong)
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bouclier'")
        try:
            await eventually(lambda: a.health.get("why") not in {None, "starting", "unreachable"})
            why = str(a.health["why"])
            assert a.begin("echo", "1")
        finally:
            server.sql(right)
        await shared(a)
        return why


@pytest.mark.parametrize(
    ("why", "wrong", "right"),
    [
        (
            "read-only",
            "ALTER ROLE bouclier SET default_transaction_read_only = on",
            "ALTER ROLE bouclier RESET default_transaction_read_only",
        ),
        ("full", "ALTER ROLE bouclier CONNECTION LIMIT 0", "ALTER ROLE bouclier CONNECTION LIMIT -1"),
        ("refused", "ALTER ROLE bouclier NOLOGIN", "ALTER ROLE bouclier LOGIN"),
        ("refused", "ALTER ROLE bouclier PASSWORD 'another'", f"ALTER ROLE bouclier PASSWORD '{PASSWORD}'"),
        (
            "newer",
            "UPDATE bouclier.fleet_version SET version = version + 1",
            "UPDATE bouclier.fleet_version SET version = version - 1",
        ),
    ],
    ids=["read-only", "no connection left", "no login", "another password", "newer tables"],
)
def test_a_database_that_says_no_is_named_and_asked_again(
    server: PostgreSQL, tmp_path: Path, caplog: pytest.LogCaptureFixture, why: str, wrong: str, right: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert asyncio.run(_for_a_while(server, tmp_path, wrong=wrong, right=right)) == why
    assert PASSWORD not in caplog.text
    assert sum("Sharing between gateways" in record.getMessage() for record in caplog.records) < 3


# What it may do, and what it believes ---------------------------------------------------------------------------------


async def _rights(server: PostgreSQL, tmp_path: Path) -> None:
    server.sql("DROP ROLE IF EXISTS plain")
    server.sql(f"CREATE ROLE plain LOGIN PASSWORD '{PASSWORD}'")
    async with fleet(tmp_path / "a", server.socket, user="plain", password_file=server.password_file) as a:
        # Nobody made the tables yet, and it may not: it says so, and goes on alone.
        assert await trouble(a) == "refused"
        assert a.health["detail"] == "SQLSTATE 42501"
        async with a_fleet(server, tmp_path / "owner") as owner:
            await shared(owner)
        server.sql("GRANT USAGE ON SCHEMA bouclier TO plain")
        server.sql("GRANT SELECT ON bouclier.fleet_version TO plain")
        server.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON bouclier.fleet_gateways TO plain")
        server.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON bouclier.fleet_announcements TO plain")
        # Where the tables are made, the rights to use them are enough.
        await shared(a)
        assert await a.drain("lyon", for_ms=DAY_MS) is True
    server.sql("DROP OWNED BY plain")
    server.sql("DROP ROLE plain")


def test_an_account_that_may_use_the_tables_needs_no_right_to_make_them(server: PostgreSQL, tmp_path: Path) -> None:
    asyncio.run(_rights(server, tmp_path))


async def _migrated(server: PostgreSQL) -> None:
    before, after = share(server, "a"), share(server, "b")
    await before.announce([a_line("1")])
    await before.close()
    server.sql("DROP TABLE bouclier.spent, bouclier.spent_batches")
    server.sql("UPDATE bouclier.fleet_version SET version = 1")
    assert [line.id[0] for line in await after.announced()] == ["1"]
    await after.close()
    assert server.sql("SELECT version FROM bouclier.fleet_version") == "2"
    assert server.sql("SELECT count(*) FROM bouclier.spent") == "0"


def test_tables_of_an_older_version_are_brought_up_to_date_and_keep_what_they_hold(server: PostgreSQL) -> None:
    asyncio.run(_migrated(server))


WORDS = ("'; DROP SCHEMA bouclier CASCADE; --", "$1", "\\", '"', "' || pg_sleep(5) || '", "a\nb")


async def _injected(server: PostgreSQL) -> None:
    one, other = share(server, "a"), share(server, "'; DROP SCHEMA bouclier CASCADE; --")
    for word in WORDS:
        await one.announce([replace(a_line("1"), site=word, deployment=word, by=word)])
    await other.publish(Shared({word: SharedDeployment(1) for word in WORDS}, lease_ms=60_000))
    await one.announce([a_line("2")])
    assert len(server.sql("SELECT site FROM bouclier.fleet_announcements").splitlines()) >= len(WORDS)
    # Kept as they are, and none of them is one of ours when it is read.
    assert [line.site for line in await one.announced()] == ["lyon"]
    assert await one.heard() == {}
    assert one.unread == 1
    await one.close()
    await other.close()


def test_no_word_becomes_a_part_of_a_statement(server: PostgreSQL) -> None:
    asyncio.run(_injected(server))


async def _not_ours(server: PostgreSQL) -> None:
    one, other = share(server, "a"), share(server, "b")
    await one.publish(Shared({}))
    await other.publish(Shared({"echo": SharedDeployment(2, 50_000)}, lease_ms=60_000))
    for number, text in enumerate(("", "{}", "x" * 2_000_000, '{"format":"bouclier-fleet-share/v9"}')):
        server.sql(f"INSERT INTO bouclier.fleet_gateways VALUES ('{number}', '{text[:100_000]}', now(), now() + '1h')")
    heard = await one.heard()
    assert list(heard) == ["b"]
    assert heard["b"].deployments["echo"].in_flight == 2
    assert 30_000 < heard["b"].deployments["echo"].open_ms < 50_000
    assert 50_000 < heard["b"].lease_ms <= 60_000
    assert one.unread == 4
    await one.close()
    await other.close()


def test_what_is_not_ours_is_left_out_and_counted(server: PostgreSQL) -> None:
    asyncio.run(_not_ours(server))


async def _kept(server: PostgreSQL, tmp_path: Path) -> str:
    async with a_fleet(server, tmp_path / "a") as a:
        assert a.begin("echo", "an-exchange-id-to-look-for")
        assert await a.drain("lyon", for_ms=DAY_MS) is True
        await eventually(lambda: "in_flight" in server.sql("SELECT shared FROM bouclier.fleet_gateways"))
        tables = server.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'bouclier'").splitlines()
        return "\n".join(server.sql(f'SELECT * FROM bouclier."{table}"') for table in tables)


def test_nothing_is_kept_of_an_exchange_but_that_there_is_one(server: PostgreSQL, tmp_path: Path) -> None:
    kept = asyncio.run(_kept(server, tmp_path))
    assert '"echo":{"in_flight":1,' in kept
    assert "operations@lyon" in kept
    assert "an-exchange-id-to-look-for" not in kept


async def _wrong(address: ServerAddress) -> SharingError:
    one = PostgreSQLShare(address, gateway="a", on_announced=lambda: None)
    with pytest.raises(SharingError) as told:
        await one.heard()
    await one.close()
    return told.value


def test_a_wrong_address_or_password_file_is_told_without_a_secret(
    server: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the environment says of a database is another program's business.
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("PGHOST", str(server.socket))
    right = ServerAddress(str(server.socket), 5432, "bouclier", "bouclier", server.password_file)
    cases = {
        Trouble.REFUSED: [
            replace(right, password_file=None),
            replace(right, password_file=tmp_path / "none"),
            replace(right, user="nobody-here"),
            replace(right, database="none"),
        ],
        Trouble.UNREACHABLE: [replace(right, host=str(tmp_path)), replace(right, host="127.0.0.1", port=1)],
    }
    for expected, addresses in cases.items():
        for address in addresses:
            error = asyncio.run(_wrong(address))
            assert error.trouble is expected, address
            assert PASSWORD not in f"{error.message} {error.hint} {error.__cause__!r}"


class TlsProxy:
    """Speaks TLS as PostgreSQL does, in front of a server that cannot: asked for it by 8 bytes, it says `S`, or `N`."""

    def __init__(self, behind: Path, *, speaks: bool = True) -> None:
        self.seen = b""
        self._behind = behind
        self._speaks = speaks
        self.authority = trustme.CA()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1").configure_cert(self._context)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(8)
            writer.write(b"S" if self._speaks else b"N")
            if not self._speaks:
                self.seen = await reader.read()
                return
            await writer.start_tls(self._context)
            there = await asyncio.open_unix_connection(self._behind / ".s.PGSQL.5432")
            await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))
        except (OSError, EOFError):
            return
        finally:
            writer.close()

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            writer.write(piece)
        writer.close()


async def _over_tls(server: PostgreSQL, folder: Path) -> None:
    proxy, plain = TlsProxy(server.socket), TlsProxy(server.socket, speaks=False)
    roots, others = folder / "roots.pem", folder / "others.pem"
    proxy.authority.cert_pem.write_to_path(roots)
    plain.authority.cert_pem.write_to_path(others)
    async with (
        await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as listening,
        await asyncio.start_server(plain.serve, "127.0.0.1", 0) as mute,
    ):
        port, mute_port = (one.sockets[0].getsockname()[1] for one in (listening, mute))
        right = ServerAddress("127.0.0.1", port, "bouclier", "bouclier", server.password_file, True, roots)
        one = PostgreSQLShare(right, gateway="a", on_announced=lambda: None)
        await one.publish(Shared({}))
        await one.close()
        # Another authority, no authority of ours, another name, and a server that speaks no TLS: no word is said.
        for wrong in (
            replace(right, roots=others),
            replace(right, roots=None),
            replace(right, host="localhost"),
            replace(right, roots=folder / "none.pem"),
        ):
            assert (await _wrong(wrong)).trouble is Trouble.REFUSED, wrong
        assert (await _wrong(replace(right, port=mute_port))).trouble is Trouble.UNREACHABLE
        assert plain.seen == b""


@pytest.mark.filterwarnings("default")
def test_over_tls_the_servers_certificate_and_name_are_checked(server: PostgreSQL, tmp_path: Path) -> None:
    asyncio.run(_over_tls(server, tmp_path))
