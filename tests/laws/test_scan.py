"""Laws of scanning: nothing secret comes out, nothing breaks it, nothing unknown is lost."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bouclier.registry.scan import scan_file
from bouclier.registry.scan_addresses import hosts_in, is_own, known_shape
from bouclier.registry.scan_model import Dependency, Place, Shows
from bouclier.registry.scan_resolve import resolve
from bouclier.registry.signs import Match, steps_of
from bouclier.terms.errors import Bilingual, RequestError

labels = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
hosts = st.lists(labels, min_size=2, max_size=4).map(".".join).filter(lambda host: not is_own(host))
# Whatever people put in passwords, the signs that end an authority included.
passwords = st.text(alphabet="abcXYZ019.@:/?#%!$&*()+,;=-_~", min_size=8, max_size=24)


def is_known(_: str) -> bool:
    """Nobody is."""
    return False


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_refused_or_passed_over(data: bytes, asked: bool) -> None:  # noqa: FBT001 -- drawn
    try:
        scan_file(data, "f.csv", is_known=is_known, asked=asked)
    except RequestError as error:
        assert error.param == "f.csv"  # noqa: PT017 -- either is right


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
FIELDS = (
    "components",
    "services",
    "packages",
    "metadata",
    "planned_values",
    "configuration",
    "@graph",
    "relationships",
)


@given(
    st.sampled_from([{"bomFormat": "CycloneDX"}, {"spdxVersion": "SPDX-2.3"}, {"format_version": "1.2", "values": {}},
                     {"@context": "https://spdx.org/rdf/3.0.1/x"}]),
    st.dictionaries(st.sampled_from(FIELDS), json_values),
)  # fmt: skip
def test_any_values_in_the_fields_of_a_bill_or_a_plan_are_read(
    marks: dict[str, object], fields: dict[str, object]
) -> None:
    assert scan_file(json.dumps(fields | marks).encode(), "f", is_known=is_known, asked=True) is not None


@given(hosts, passwords)
def test_a_password_in_an_address_never_comes_out(host: str, password: str) -> None:
    found = hosts_in(f"db://user:{password}@{host}/path")

    assert set(found.found) <= {host}


@given(hosts, passwords)
def test_no_reader_lets_a_value_out(host: str, password: str) -> None:
    value = f"https://{host}/hook/{password}"
    compose = json.dumps({"services": {"a": {"image": "x/y", "environment": {"HOOK_URL": value, "PASS": password}}}})

    scanned = scan_file(compose.encode(), "f", is_known=is_known, asked=True)

    assert scanned is not None
    told = [one.what.fr + str(one.place) + "".join(one.signs) for one in scanned.dependencies if not one.doubtful]
    assert not any(password in text for text in told if password not in f"{host}aHOOK_URLPASS")
    assert not any(password in gap.what.fr for gap in scanned.gaps)


@given(hosts)
def test_a_host_is_found_wherever_its_address_stands(host: str) -> None:
    for text in (f"https://{host}", f"x={host.upper()} https://{host}:443/a?b#c", f"https://user@{host}/"):
        assert host in hosts_in(text).found
    assert known_shape(host) == host


class Table:
    """Who a few signs are of."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def find(self, sign: str) -> Match | None:
        """Return whose it is."""
        return Match(self.known[sign], sign) if sign in self.known else None


dependencies = st.lists(
    st.builds(
        Dependency, hosts.map(lambda host: (f"domain:{host}",)), st.sampled_from(Shows),
        st.builds(Place, st.just("f"), st.integers(1, 9)), st.just(Bilingual("vu", "seen")),
    ),
    max_size=12,
)  # fmt: skip


@given(dependencies, st.data())
def test_every_dependence_is_found_once_and_what_is_unknown_stays_first(
    seen: list[Dependency], data: st.DataObject
) -> None:
    signs = sorted({one.signs[0] for one in seen})
    known = data.draw(st.dictionaries(st.sampled_from(signs), labels)) if signs else {}

    found = resolve(seen, Table(known))

    assert sorted((one.sign, one.shows) for one in found) == sorted({(one.signs[0], one.shows) for one in seen})
    assert {place for one in found for place in one.places} == {one.place for one in seen}
    assert [one.target != "" for one in found] == sorted(one.sign in known for one in found)


@given(hosts, labels)
def test_a_domain_s_steps_begin_those_of_its_subdomains(host: str, label: str) -> None:
    above, below = steps_of(f"domain:{host}"), steps_of(f"domain:{label}.{host}")

    assert above is not None
    assert below is not None
    assert below[: len(above)] == above
