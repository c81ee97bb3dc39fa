"""Laws of the monitor: silent on whatever the real rooms decide, and never silent on a bent fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.log_kit import ORIGIN, REPLAYER, Institution, PublishedLog, alarms_of, bent, bent_candidate, deployment

from bouclier.oversight import DecisionEntry, parse_entry
from bouclier.oversight.monitor import Alarm, LogWatch, Severity, WatchState, finding_of, parse_finding, render_finding
from bouclier.oversight.monitor.finding import Finding, ForkText
from bouclier.oversight.monitor.tree import pages_of, stretch_to, with_blocks
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Openness
from bouclier.tlog import Frontier, SignatureType, SigningKey, hash_leaf, root_of
from bouclier.tlog.tiles import perfect_root

if TYPE_CHECKING:
    from bouclier.terms.law import Deployment

OPERATORS = ["self", "mistral", "ovhcloud", "scaleway", "openai", "azure", "alibaba", "s3ns", "meta"]


@st.composite
def deployments(draw: st.DrawFn) -> tuple[Deployment, ...]:
    count = draw(st.integers(1, 5))
    return tuple(
        deployment(
            number,
            draw(st.sampled_from(OPERATORS)),
            draw(st.text(min_size=1, max_size=8)),
            draw(st.sampled_from([None, "FR", "DE", "US", "CN", "CA"])),
            draw(st.sampled_from(list(Openness))),
        )
        for number in range(count)
    )


@st.composite
def institutions(draw: st.DrawFn) -> Institution:
    institution = Institution(
        seed=draw(st.integers(0, 2**32)), deployments=draw(deployments()), up=draw(st.floats(0, 1))
    )
    institution.begin()
    for _ in range(draw(st.integers(1, 4))):
        institution.exchange(candidates=institution.deployments)
    return institution


@given(institution=institutions())
def test_what_the_real_rooms_decided_raises_nothing(institution: Institution) -> None:
    # An operator that only publishes weights has no facts as an operator: that much is said, once.
    alarms = [one for one in alarms_of(institution.mark("stop").entries) if one.code != "deployment-unregistered"]

    assert alarms == []


def changes_of(decision: DecisionEntry) -> st.SearchStrategy[tuple[int | None, str, Any]]:
    """Return ways to bend one recorded fact, for a candidate or for the whole."""
    laws = st.sampled_from([(), ("us-cloud-act",), ("law-of-CN",), ("law-of-US", "us-cloud-act")])
    facts = st.one_of(
        st.tuples(st.just("known"), st.booleans()),
        st.tuples(st.just("own"), st.booleans()),
        st.tuples(st.just("control"), st.sampled_from([(), ("FR",), ("US",)])),
        st.tuples(st.sampled_from(["foreign_laws", "contested"]), laws),
        st.tuples(st.just("policies"), st.sampled_from([(), ("made-up",)])),
        st.tuples(st.just("duties"), st.sampled_from([(), ("pseudonymise",), ("seal",)])),
    )
    whole = st.one_of(
        st.tuples(
            st.just("data_class"), st.sampled_from(["public", "internal", "personal", "sensitive", "classified"])
        ),
        st.tuples(st.just("labels"), st.sampled_from([(), ("secret",), ("health",)])),
        st.tuples(st.just("tried"), st.just(("somebody-else",))),
        st.tuples(st.just("findings"), st.sampled_from([{}, {"NIR": 1}, {"API_KEY": 1}, {"HEALTH": 2}])),
    )
    numbers = st.integers(0, len(decision.candidates) - 1)
    return st.one_of(st.tuples(numbers, facts).map(lambda one: (one[0], *one[1])), whole.map(lambda one: (None, *one)))


@given(institution=institutions(), data=st.data())
def test_one_bent_fact_is_an_alarm_that_names_the_entry(institution: Institution, data: st.DataObject) -> None:
    entries = list(institution.entries)
    at = data.draw(st.sampled_from([n for n, one in enumerate(entries) if b'"kind":"decision"' in one]))
    decision = parse_entry(entries[at])
    assert isinstance(decision, DecisionEntry)
    number, field, value = data.draw(changes_of(decision))
    holder = decision if number is None else decision.candidates[number]
    assume(getattr(holder, field) != value)
    if field == "findings":
        # Other findings of the same class and labels are another exchange, not another decision.
        types = [EntityType(one) for one in value]
        before = REPLAYER.classify(decision.findings, (), declared=None, uninspected=decision.uninspected)
        assume(before != REPLAYER.classify(types, (), declared=None, uninspected=decision.uninspected))
        assume(decision.declared is None and not decision.markings)
    change = {field: value}
    entries[at] = bent(entries[at], **change) if number is None else bent_candidate(entries[at], number, **change)

    alarms = [one for one in alarms_of(entries) if one.code != "deployment-unregistered"]

    assert at in {alarm.index for alarm in alarms}
    assert all(alarm.severity.value == "alarm" for alarm in alarms)


@given(institution=institutions(), data=st.data())
def test_a_watch_cut_anywhere_goes_on_as_if_it_had_not_been(institution: Institution, data: st.DataObject) -> None:
    entries = [*institution.entries, b"nonsense"]
    at = data.draw(st.integers(0, len(entries)))
    first = LogWatch(ORIGIN, REPLAYER)
    early = alarms_of(entries[:at], watch=first)
    kept = msgspec.json.decode(msgspec.json.encode(first.state()), type=WatchState)
    second = LogWatch(ORIGIN, REPLAYER, state=kept)

    late = alarms_of(entries[at:], watch=second)

    assert early + late == alarms_of(entries)


LEAVES = [b"entry %d" % number for number in range(1_400)]


@settings(deadline=None)
@given(old=st.integers(0, 1_400), new=st.integers(0, 1_400))
def test_from_any_tree_to_any_larger_one_every_entry_is_handed_out_once_and_in_order(old: int, new: int) -> None:
    old, new = sorted((old, new))
    log = PublishedLog(LEAVES[:new])
    known = Frontier().extended(map(hash_leaf, LEAVES[:old]))

    stretch = stretch_to(log, known, size=new, root=root_of(list(map(hash_leaf, LEAVES[:new]))))
    pages = list(pages_of(log, stretch))

    assert [entry for page in pages for entry in page.entries] == LEAVES[old:new]
    assert stretch.frontier == Frontier().extended(map(hash_leaf, LEAVES[:new]))
    assert not pages or pages[-1].frontier == stretch.frontier


@given(first=st.integers(0, 2), more=st.integers(0, 3))
def test_appending_whole_blocks_is_appending_their_leaves(first: int, more: int) -> None:
    leaves = [hash_leaf(entry) for entry in LEAVES[: (first + more) * 256]]
    roots = [perfect_root(leaves[start : start + 256]) for start in range(first * 256, len(leaves), 256)]

    assert with_blocks(Frontier().extended(leaves[: first * 256]), roots) == Frontier().extended(leaves)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
alarms = st.builds(
    Alarm,
    code=st.sampled_from(["verdict-differs", "split-view", "inconsistent"]),
    severity=st.just(Severity.ALARM),
    origin=texts,
    message=st.just(Bilingual("f", "e")),
    index=st.integers(0, 2**53 - 1) | st.none(),
    exchange=texts | st.none(),
    field=texts | st.none(),
    policy=texts | st.none(),
    expected=texts | st.none(),
    found=texts | st.none(),
)
findings = st.builds(
    lambda alarm, checkpoints, entry, fork, inclusion, time_ms: msgspec.structs.replace(
        finding_of(alarm, time_ms=time_ms), checkpoints=checkpoints, entry=entry, fork=fork, inclusion=inclusion
    ),
    alarms,
    st.lists(texts, max_size=2).map(tuple),
    texts | st.none(),
    st.builds(ForkText, old_root=texts, proof=st.lists(texts, max_size=3).map(tuple)) | st.none(),
    texts | st.none(),
    st.integers(0, 2**53 - 1),
)
keys = st.none() | st.just(SigningKey("monitor.example", SignatureType.ED25519, b"m" * 32))


@given(finding=findings, key=keys)
def test_reading_a_finding_gives_it_back(finding: Finding, key: SigningKey | None) -> None:
    assert parse_finding(render_finding(finding, key)) == finding
