"""The facts by which a gateway decides: signed with the charter, in force with it, in the log before they decide."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from tests.asking import ask, eventually, policies_of
from tests.charter_kit import ORDINARY, files_of_charter, forbid
from tests.facts_kit import document, facts
from tests.order_kit import PROTECTION, authorities, spelled
from tests.servers import Deployment as Upstream
from tests.servers import serve
from tests.tuf_kit import Repo

from bouclier.charter import bundle_of
from bouclier.compose.configuration_model import CharterSettings, Configuration, DeploymentSettings
from bouclier.compose.data_folder import prepare
from bouclier.compose.facts_reading import packaged_facts
from bouclier.compose.fleet_settings import RegistrySettings
from bouclier.compose.keeping import record_keeper
from bouclier.compose.law_keeping import LawKeeping, law_keeping, law_standing
from bouclier.oversight.adapters.log_reader import read_entries
from bouclier.terms.errors import CharterError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    from bouclier.terms.law import Deployment

AUTHORITY = "fr-protection"
FRENCH, AMERICAN = facts("FR"), facts("US")
DAY = 20261122


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def charter(version: str = "1") -> bytes:
    return bundle_of(
        files_of_charter(ORDINARY, data={"union": ["FR"]}, version=version, authorities=authorities(PROTECTION))
    )


def published(folder: Path, registry: bytes | None = FRENCH) -> Repo:
    repo = Repo.create(folder / "repo", parties=1, threshold=1, authorities={AUTHORITY: (1, 1)}, files=None)
    repo.propose(charter())
    if registry is not None:
        repo.propose_registry(registry)
    repo.publish()
    (folder / "root.json").write_bytes(repo.root_bytes)
    return repo


def following(folder: Path, repo: Repo | Path | None, *own: Path) -> Configuration:
    settings = CharterSettings(territory="FR", refresh_s=1)
    if repo is not None:
        place = repo.folder if isinstance(repo, Repo) else repo
        settings = replace(settings, repository=str(place), root=folder / "root.json")
    usual = Configuration()
    return replace(
        usual,
        data=folder / "data",
        charter=settings,
        engine=replace(usual.engine, model="off"),
        registry=RegistrySettings(facts=own),
        deployments=(
            DeploymentSettings(name="acme", base_url="http://127.0.0.1:9", model="m", operator="acme", country="FR"),
        ),
    )


class Life:
    """A gateway's law while it runs: every second it asks what changed."""

    def __init__(self, law: LawKeeping, configuration: Configuration) -> None:
        self.law = law
        self._data = configuration.data

    def adoptions(self) -> list[str]:
        """Digests of the facts, as the log's adoptions cite them, in order."""
        entries = [json.loads(one.entry) for one in read_entries(self._data / "log")]
        return [one["law"]["registry"] for one in entries if one["kind"] == "adoption"]

    def decided_by(self) -> str:
        return self.law.ruling().law.stamp.registry

    def deployment(self) -> Deployment:
        return self.law.facts.deployments(self.decided_by(), DAY)["acme"]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                await asyncio.sleep(0.02)


@asynccontextmanager
async def alive(configuration: Configuration) -> AsyncIterator[Life]:
    await asyncio.to_thread(prepare, configuration)
    law = await law_keeping(configuration)
    keeper = record_keeper(configuration, law=lambda: law.stamp)
    await keeper.begin()
    try:
        await law.begin(keeper)
        task = asyncio.create_task(law.run(keeper))
        yield Life(law, configuration)
        task.cancel()
        await asyncio.wait([task])
    finally:
        await keeper.close()


def lived(configuration: Configuration, live: Callable[[Life], Awaitable[None]]) -> list[str]:
    """Let a gateway live; the facts that its log says it adopted, in order."""

    async def run() -> list[str]:
        async with alive(configuration) as life:
            await live(life)
            await life.until(lambda: life.decided_by() in life.adoptions())
            return life.adoptions()

    return asyncio.run(run())


def again(repo: Repo) -> None:
    repo.now = datetime.now(UTC)
    repo.publish()


def problem(life: Life) -> Any:
    return law_standing(life.law)["problem"]


def test_a_charter_of_ones_own_serves_the_packaged_facts_and_says_so(tmp_path: Path) -> None:
    async def live(life: Life) -> None:
        assert life.law.registry.canonical == packaged_facts()
        assert law_standing(life.law)["registry_from"] == "packaged"

    configuration = following(tmp_path, None)
    assert lived(configuration, live) == [digest(packaged_facts())]
    # They are published as anybody's would be.
    (served,) = (configuration.data / "charter/local/targets").glob("*.registry.json")
    assert served.read_bytes() == packaged_facts()


def test_a_repository_without_facts_is_followed_with_the_packaged_ones(tmp_path: Path) -> None:
    repo = published(tmp_path, None)

    async def live(life: Life) -> None:
        assert law_standing(life.law)["registry_from"] == "packaged"
        repo.propose_registry(FRENCH)
        await asyncio.to_thread(again, repo)
        await life.until(lambda: life.decided_by() == digest(FRENCH))
        assert law_standing(life.law)["registry_from"] == "signed"

    assert lived(following(tmp_path, repo), live) == [digest(packaged_facts()), digest(FRENCH)]


def test_other_facts_are_entered_in_the_log_and_then_decide(tmp_path: Path) -> None:
    repo = published(tmp_path)

    async def live(life: Life) -> None:
        before = life.deployment()
        assert (before.exposure.known, before.exposure.control) == (True, ("FR",))
        repo.propose_registry(AMERICAN)
        await asyncio.to_thread(again, repo)
        await life.until(lambda: life.decided_by() == digest(AMERICAN))
        assert life.deployment().exposure.control == ("US",)
        # What was decided a moment ago can still be held against what it was decided by.
        assert life.law.facts.deployments(digest(FRENCH), DAY)["acme"] == before

    assert lived(following(tmp_path, repo), live) == [digest(FRENCH), digest(AMERICAN)]


def test_signed_facts_that_cannot_be_used_leave_charter_and_facts_and_let_orders_through(tmp_path: Path) -> None:
    repo = published(tmp_path)
    wrong = document("FR", controlled_by="nobody")

    async def live(life: Life) -> None:
        law = life.law
        was = law.stamp
        repo.propose(charter("2"))
        repo.propose_registry(wrong)
        await asyncio.to_thread(again, repo)
        await life.until(lambda: problem(life) is not None)
        assert "registry.json:" in problem(life)["en"]
        assert "entities[0].controlled_by" in problem(life)["en"]
        now = datetime.now(UTC).replace(microsecond=0)
        times = {"start": now - timedelta(minutes=1), "expires": now + timedelta(hours=1)}
        written = {name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in times.items()}
        order = spelled(id=f"{AUTHORITY}/n-1", selector={}, **written)
        await asyncio.to_thread(repo.order, AUTHORITY, "n-1", order)
        await life.until(lambda: law.stamp.orders != was.orders)
        assert (law.stamp.charter, law.stamp.registry) == (was.charter, was.registry)
        assert law_standing(law)["registry_from"] == "signed"
        repo.propose_registry(AMERICAN)
        await asyncio.to_thread(again, repo)
        await life.until(lambda: law.stamp.registry == digest(AMERICAN))
        assert (law.stamp.charter, problem(life)) == (digest(charter("2")), None)

    assert set(lived(following(tmp_path, repo), live)) == {digest(FRENCH), digest(AMERICAN)}


def test_facts_that_were_fetched_and_never_adopted_are_adopted_first_at_the_next_start(tmp_path: Path) -> None:
    """As after a kill between the two: what is held is new, and the log does not know it."""
    repo = published(tmp_path)
    configuration = following(tmp_path, repo)

    async def nothing(life: Life) -> None:
        assert life.decided_by() == digest(FRENCH)

    async def silent(life: Life) -> None:
        assert life.decided_by() == digest(AMERICAN)

    assert lived(configuration, nothing) == [digest(FRENCH)]
    repo.propose_registry(AMERICAN)
    again(repo)

    async def fetched() -> None:
        await law_keeping(configuration)

    asyncio.run(fetched())
    repo.folder.rename(repo.folder.with_name("gone"))
    assert lived(configuration, silent) == [digest(FRENCH), digest(AMERICAN)]


def test_a_gateway_does_not_start_by_facts_that_cannot_be_used(tmp_path: Path) -> None:
    repo = published(tmp_path, document("France"))

    async def start() -> None:
        await law_keeping(following(tmp_path, repo))

    with pytest.raises(CharterError, match=r"registry\.json:\d+: entities\[0\]\.seat"):
        asyncio.run(start())


def test_an_institution_s_own_facts_add_to_the_signed_ones_and_are_cited_with_them(tmp_path: Path) -> None:
    repo = published(tmp_path)
    own = tmp_path / "own.json"
    entity = json.loads(document())["entities"][0]
    own.write_text(json.dumps({"format": "bouclier-registry/v2", "entities": [{**entity, "id": "mine"}]}))

    async def live(life: Life) -> None:
        assert set(life.law.registry.entities) == {"acme", "mine"}

    (adopted,) = lived(following(tmp_path, repo, own), live)
    assert adopted not in {digest(FRENCH), digest(packaged_facts())}
    own.write_text(own.read_text().replace('"mine"', '"acme"'))
    with pytest.raises((CharterError, ConfigurationError), match="acme"):
        lived(following(tmp_path, repo, own), live)


def test_what_facts_say_of_a_deployment_is_worked_out_once_a_day(tmp_path: Path) -> None:
    repo = published(tmp_path)

    async def live(life: Life) -> None:
        kept = life.law.facts
        today = datetime.now(UTC)
        days = [int(f"{today + timedelta(days=number):%Y%m%d}") for number in range(2)]
        known: list[Mapping[str, Deployment]] = [kept.deployments(life.decided_by(), day) for day in days]
        assert [kept.deployments(life.decided_by(), day) is one for day, one in zip(days, known, strict=True)]
        with pytest.raises(CharterError):
            kept.deployments(digest(AMERICAN), days[0])

    assert lived(following(tmp_path, repo), live) == [digest(FRENCH)]


def test_a_gateway_decides_by_other_facts_as_soon_as_they_are_signed(tmp_path: Path, deployment: Upstream) -> None:
    """The same request, to the same deployment: what changed is who holds the operator, and since when it is known."""
    files = files_of_charter(ORDINARY, forbid("not-there", 'resource.control.contains("US")'), data={"union": ["FR"]})
    repo = Repo.create(tmp_path / "repo", parties=1, threshold=1, files=None)
    repo.propose(bundle_of(files))
    repo.propose_registry(FRENCH)
    repo.publish()
    (tmp_path / "root.json").write_bytes(repo.root_bytes)
    served = serve(
        tmp_path,
        config=(
            f"charter: {{repository: '{repo.folder}', root: '{tmp_path / 'root.json'}', refresh_s: 1}}\n"
            f"deployments: [{{name: acme, base_url: '{deployment.base_url}', model: echo, operator: acme}}]\n"
            "engine: {model: off}\nshield: {names: off}\n"
        ),
    )
    try:
        assert ask(served).status_code == 200
        repo.propose_registry(AMERICAN)
        again(repo)
        eventually(lambda: ask(served).status_code == 403, "a refusal by the new facts")
        assert policies_of(ask(served)) == {"not-there"}
    finally:
        assert served.stop() == 0
    entries = [json.loads(one.entry) for one in read_entries(served.data / "log")]
    ruled = [(one["kind"], one["law"]["registry"]) for one in entries if one["kind"] in {"adoption", "decision"}]
    adopted = [facts for kind, facts in ruled if kind == "adoption"]
    assert list(dict.fromkeys(adopted)) == [digest(FRENCH), digest(AMERICAN)]
    turn = ruled.index(("adoption", digest(AMERICAN)))
    assert {facts for _, facts in ruled[:turn]} == {digest(FRENCH)}
    assert {facts for _, facts in ruled[turn:]} == {digest(AMERICAN)}
    assert "decision" in {kind for kind, _ in ruled[:turn]} & {kind for kind, _ in ruled[turn:]}
