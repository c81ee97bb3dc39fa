"""What each reader sees in an institution's files, and what it never lets out of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bouclier.registry.scan import MAX_BYTES, check_size, scan_file
from bouclier.registry.scan_addresses import hosts_in
from bouclier.registry.scan_model import Kind, Scanned, Shows
from bouclier.terms.errors import RequestError

KNOWN = frozenset({"OVH SAS", "Oodrive", "Zoom"})


def scan(text: str | bytes, file: str = "file", *, asked: bool = True) -> Scanned:
    """Scan a text that must be recognised."""
    scanned = scan_file(
        text.encode() if isinstance(text, str) else text, file, is_known=KNOWN.__contains__, asked=asked
    )
    assert scanned is not None
    return scanned


def signs(scanned: Scanned, *, doubtful: bool = False) -> list[str]:
    """The first sign of each dependence."""
    return [one.signs[0] for one in scanned.dependencies if one.doubtful == doubtful]


def refused(data: str | bytes, file: str = "file") -> RequestError:
    """Scan what cannot be read."""
    with pytest.raises(RequestError) as error:
        scan(data, file)
    return error.value


COMPOSE = """\
x-common: &common
  environment: &env
    LLM_URL: https://u:secret-of-ours@llm.example.eu/v1
    CACHE: redis://cache:6379
services:
  web:
    <<: *common
    image: ghcr.io/town/web:${TAG:-1}
  db:
    image: postgres:16
    environment:
      <<: *env
      EXTRA: api.example.net
      SMTP_HOST: ${SMTP_HOST}
    env_file: [.env]
    command: ["run", "--to=https://logs.example.org/in?key=hidden-key"]
"""


def test_a_compose_file_shows_images_and_hosts_with_their_lines() -> None:
    scanned = scan(COMPOSE, "compose.yaml")

    assert scanned.kind is Kind.COMPOSE
    assert signs(scanned) == [
        "image:ghcr.io/town/web",
        "domain:llm.example.eu",
        "image:docker.io/library/postgres",
        "domain:llm.example.eu",
        "domain:logs.example.org",
    ]
    assert signs(scanned, doubtful=True) == ["domain:api.example.net"]
    assert [one.place.line for one in scanned.dependencies][:2] == [8, 3]


def test_no_value_of_a_variable_is_kept() -> None:
    shown = repr(scan(COMPOSE))

    assert "secret-of-ours" not in shown
    assert "hidden-key" not in shown


def test_what_is_elsewhere_is_a_gap_and_not_nothing() -> None:
    gaps = [gap.what.en for gap in scan(COMPOSE).gaps]

    assert gaps == ["db — SMTP_HOST: an address not told here", "db — `env_file`: another file"]


LABELS = """\
services:
  web:
    image: a/b
    labels:
      org.opencontainers.image.source: https://source.example.org/x
      traefik.http.middlewares.sso.forwardauth.address: https://u:hidden-pass@sso.example.com/auth
      traefik.http.routers.web.rule: Host(`web.town.example`)
    deploy:
      labels: ["alert.url=https://alert.example.net/"]
    command: "--to https://${ELSEWHERE}/ --ping http://localhost:${PORT}/"
"""


def test_an_address_in_a_label_is_told_as_not_followed() -> None:
    scanned = scan(LABELS)

    assert signs(scanned) == ["image:docker.io/a/b"]
    assert [gap.what.en for gap in scanned.gaps] == [
        "web — label traefik.http.middlewares.sso.forwardauth.address: sso.example.com, and not whether data go there",
        "web — label alert.url: alert.example.net, and not whether data go there",
        "web — an address not told here",
    ]
    assert "hidden-pass" not in repr(scanned)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("dns: 8.8.8.8", [("domain:8.8.8.8",)]),
        ("dns: [10.0.0.2, 9.9.9.9, '2620:fe::fe']", [("domain:9.9.9.9",), ("domain:2620:fe::fe",)]),
        (
            "extra_hosts: ['api.example.net:9.9.9.9', 'db=8.8.8.8', 'host:host-gateway', 'x.example.net:10.0.0.1']",
            [("domain:api.example.net", "domain:9.9.9.9"), ("domain:8.8.8.8",)],
        ),
        ("extra_hosts: {api.example.net: '[2620:fe::fe]'}", [("domain:api.example.net", "domain:2620:fe::fe")]),
        ("build: https://git.example.org/town/app.git#main", [("domain:git.example.org",)]),
        ("build: {context: 'git@git.example.org:town/app.git'}", [("domain:git.example.org",)]),
        ("build: {context: github.com/town/app}", [("domain:github.com",)]),
        ("build: {context: ., additional_contexts: ['lib=https://lib.example.org/x']}", [("domain:lib.example.org",)]),
        ("build: {context: ../a.folder/x, args: {INDEX: 'https://pypi.example.org/'}}", [("domain:pypi.example.org",)]),
        ("build: {context: ., labels: {a: 'https://doc.example.org'}}", []),
    ],
)
def test_addresses_that_stand_elsewhere_than_in_variables_are_read(lines: str, found: list[tuple[str, ...]]) -> None:
    scanned = scan(f"services:\n  a:\n    image: a/b\n    {lines}\n")

    assert [one.signs for one in scanned.dependencies if one.signs[0] != "image:docker.io/a/b"] == found


@pytest.mark.parametrize("lines", ["dns: '${DNS}'", "extra_hosts: ['api.example.net:${API}']"])
def test_an_address_that_a_variable_says_is_a_gap(lines: str) -> None:
    [gap] = scan(f"services:\n  a:\n    image: a/b\n    {lines}\n").gaps

    assert gap.what.en == "a — an address not told here"


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ("OPENAI_API_KEY: sk-1", ["variable:OPENAI_API_KEY"]),
        ("OPENAI_API_KEY:", []),
        ("OPENAI_API_KEY: none", []),
        ("{OPENAI_API_KEY: sk-1, OPENAI_BASE_URL: 'http://vllm:8000/v1'}", []),
        ("[OPENAI_API_KEY]", ["variable:OPENAI_API_KEY"]),
    ],
)
def test_a_key_without_an_address_is_a_sign_of_whom_it_is_for(variables: str, found: list[str]) -> None:
    scanned = scan(f"services:\n  a:\n    image: a/b\n    environment:\n      {variables}\n")

    assert signs(scanned, doubtful=True) == found


def test_other_software_s_services_are_no_compose_file() -> None:
    assert scan_file(
        b"services:\n  App\\Mailer:\n    arguments: ['https://mail.example.eu']\n", "s.yaml",
        is_known=KNOWN.__contains__, asked=False,
    ) is None  # fmt: skip


def test_a_merge_key_that_holds_itself_ends() -> None:
    scanned = scan("services: &s\n  a: &a\n    <<: *a\n    image: x/y\n")

    assert signs(scanned) == ["image:docker.io/x/y"]


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("https://api.example.eu:8443/v1", ("api.example.eu",)),
        ("postgres://user:pw@db.example.eu/x", ("db.example.eu",)),
        ("amqp://u:p@one.example.eu:1,two.example.eu:2/v", ("one.example.eu", "two.example.eu")),
        ("jdbc:postgresql://pg.example.eu:5432/x", ("pg.example.eu",)),
        ("see (https://doc.example.eu).", ("doc.example.eu",)),
        ("http://localhost:1/", ()),
        ("http://db:5432", ()),
        ("http://10.1.2.3/", ()),
        ("https://[::1]/", ()),
        ("https://grafana.town.lan/", ()),
        ("http://203.0.113.9/", ()),
        ("https://8.8.8.8/", ("8.8.8.8",)),
    ],
)
def test_a_host_is_told_from_the_rest_of_an_address(address: str, hosts: tuple[str, ...]) -> None:
    assert hosts_in(address).found == hosts


@pytest.mark.parametrize(
    "address",
    [
        "db://u:p/a.ss@h.example",
        "db://u:p@a.ss/x@h.example",
        "db://u:a.ss#b@h.example",
        "db://${HOST}/x",
        "db://a:b.cd/",
    ],
)
def test_where_a_password_may_be_taken_for_a_host_nothing_is_told(address: str) -> None:
    found = hosts_in(address)

    assert (found.found, found.unclear) == ((), True)


def plan(**changes: Any) -> str:
    """A plan of Terraform."""
    return json.dumps({"format_version": "1.2", "planned_values": {"root_module": {}}} | changes)


def test_a_terraform_plan_shows_providers_with_their_region() -> None:
    bucket = {"address": "aws_s3_bucket.a", "type": "aws_s3_bucket", "values": {"name": "x"},
              "provider_name": "registry.terraform.io/hashicorp/aws"}  # fmt: skip
    values = {"root_module": {"child_modules": [{"resources": [bucket, bucket | {"address": "aws_s3_bucket.b"}]}]}}
    region = {"expressions": {"region": {"constant_value": "eu-west-3"}}, "full_name": bucket["provider_name"]}

    scanned = scan(plan(planned_values=values, configuration={"provider_config": {"aws": region}}))

    [found] = scanned.dependencies
    assert scanned.kind is Kind.TERRAFORM
    assert found.signs == ("terraform:hashicorp/aws",)
    assert found.what.en == "hashicorp/aws — 2 × aws_s3_bucket — region eu-west-3"
    assert found.place.path == "aws_s3_bucket.a"


def test_values_a_plan_marks_as_sensitive_are_not_looked_at() -> None:
    resource = {"address": "x.y", "type": "x", "provider_name": "a/b", "sensitive_values": {"password": True},
                "values": {"password": "https://secret.example.eu", "hook": "https://hook.example.eu/t/1"}}  # fmt: skip

    scanned = scan(plan(planned_values={"root_module": {"resources": [resource]}}))

    assert signs(scanned) == ["domain:hook.example.eu", "terraform:a/b"]


def test_keys_of_instances_are_not_shown() -> None:
    resource = {"address": 'module.m["x"].iam_user.u["jeanne \\" essai"]', "type": "iam_user", "provider_name": "a/b"}

    [found] = scan(plan(planned_values={"root_module": {"resources": [resource]}})).dependencies

    assert found.place.path == "module.m[…].iam_user.u[…]"


def test_a_resource_without_a_provider_is_a_gap() -> None:
    scanned = scan(plan(planned_values={"root_module": {"resources": [{"address": "a.b"}]}}))

    assert [(gap.place.path, gap.what.en) for gap in scanned.gaps] == [("a.b", "provider not told")]


def test_a_cyclonedx_bill_shows_components_and_services() -> None:
    bill = {
        "bomFormat": "CycloneDX",
        "components": [
            {"name": "sdk", "purl": "pkg:pypi/sdk@1", "supplier": {"name": "Sdk Inc."},
             "components": [{"name": "inner", "publisher": "Inner GmbH"}]},
            {"name": "orphan"},
        ],
        "services": [{"name": "sms", "provider": {"name": "Sms SA"}, "endpoints": ["https://sms.example.eu/v1"]}],
    }  # fmt: skip

    scanned = scan(json.dumps(bill))

    assert [(one.signs, one.shows) for one in scanned.dependencies] == [
        (("purl:pkg:pypi/sdk@1", "name:Sdk Inc."), Shows.SOFTWARE),
        (("name:Inner GmbH",), Shows.SOFTWARE),
        (("domain:sms.example.eu", "name:Sms SA"), Shows.DATA),
    ]
    assert [gap.what.en for gap in scanned.gaps] == ["orphan: neither origin nor supplier"]


def test_an_spdx_bill_shows_packages_and_no_person() -> None:
    bill = {
        "spdxVersion": "SPDX-2.3",
        "documentDescribes": ["SPDXRef-own"],
        "packages": [
            {"SPDXID": "SPDXRef-own", "name": "ours", "supplier": "Organization: Us"},
            {"SPDXID": "SPDXRef-1", "name": "lib", "supplier": "Organization: Lib Ltd (a@b.example)",
             "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/lib@1"}]},
            {"SPDXID": "SPDXRef-2", "name": "solo", "supplier": "Person: Jeanne Essai (j@e.example)"},
        ],
    }  # fmt: skip

    scanned = scan(json.dumps(bill))

    assert [one.signs for one in scanned.dependencies] == [("purl:pkg:npm/lib@1", "name:Lib Ltd")]
    assert "Jeanne" not in repr(scanned)


def test_an_spdx_3_graph_is_read() -> None:
    graph = [
        {"type": "Organization", "spdxId": "o", "name": "Org SA"},
        {"type": "software_Package", "spdxId": "p", "name": "p", "suppliedBy": "o", "software_packageUrl": "pkg:npm/p"},
    ]

    scanned = scan(json.dumps({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph}))

    assert [one.signs for one in scanned.dependencies] == [("purl:pkg:npm/p", "name:Org SA")]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("a.example.eu\nb.example.eu\n", [("domain:a.example.eu",), ("domain:b.example.eu",)]),
        ("Objet;Fournisseur\npapier;Durand\nvisio;Zoom\n", [("name:Durand",), ("name:Zoom",)]),
        (
            "Domaine,n\nhttps://x.example.eu/y,1\n*.z.example.eu,2\n",
            [("domain:x.example.eu",), ("domain:z.example.eu",)],
        ),
        ("1\tOodrive\n2\tZoom\n", [("name:Oodrive",), ("name:Zoom",)]),
        ("fournisseur;domaine\nDurand;durand.example\n", [("domain:durand.example", "name:Durand")]),
        ("\ufeffdomain\nx.example.eu\n", [("domain:x.example.eu",)]),
        ("fournisseur\njeanne.essai@durand.example\n", [("domain:durand.example",)]),
    ],
)
def test_a_column_of_domains_or_providers_is_found_in_a_table(table: str, found: list[tuple[str, ...]]) -> None:
    assert [one.signs for one in scan(table, "t.csv").dependencies] == found


def test_a_cell_that_names_a_person_is_a_gap_and_not_shown() -> None:
    scanned = scan("fournisseur\nJeanne Essai <jeanne@durand.example>\nZoom\n", "t.csv")

    assert [one.signs for one in scanned.dependencies] == [("name:Zoom",)]
    assert [str(gap.place) for gap in scanned.gaps] == ["t.csv:2"]
    assert "eanne" not in repr(scanned)


def test_a_table_of_persons_is_not_read_and_not_quoted() -> None:
    error = refused("nom,prénom,service\nEssai,Jeanne,état civil\nModèle,Paul,voirie\n", "agents.csv")

    assert "agents.csv" in error.message.fr
    assert "Jeanne" not in error.message.fr + error.hint.fr


@pytest.mark.parametrize(
    ("data", "at"),
    [
        ("services:\n  a: {image: x\n  b: [\n", "f.yml:3"),
        ('{"bomFormat": "CycloneDX",\n "components": [,]}', "f.yml:2"),
        (b"domain\nx.example.eu\n\xff.example\n", "f.yml:3"),
        ('domain\n"x.example.eu\n', "f.yml:"),
    ],
)
def test_what_is_malformed_is_told_with_its_file_and_line(data: str | bytes, at: str) -> None:
    error = refused(data, "f.yml")

    assert error.message.fr.startswith(at)
    assert error.message.en.startswith(at)


SERVICE = {"name": "x", "endpoints": ["https://api.openai.com"]}
PLAN = '"format_version": "1.2", "planned_values": {"root_module": {"resources": [%s]}}'


@pytest.mark.parametrize(
    ("data", "at"),
    [
        ('{"bomFormat": "CycloneDX", "services": [' + json.dumps(SERVICE) + '],\n "services": []}', "f:2"),
        ('{"bomFormat": "CycloneDX", "services": [{},\n {"endpoints": ["https://a.eu"],\n "endpoints": []}]}', "f:3"),
        ('{"bomFormat": "CycloneDX",\n "services": [],\n "\\u0073ervices": []}', "f:3"),
        ('{"spdxVersion": "SPDX-2.3", "packages": [{"name": "a"}],\n "packages": []}', "f:2"),
        ("{" + PLAN % '{"provider_name": "a/aws"}' + ",\n" + PLAN % "" + "}", "f:2"),
        ('{"services": {"a": {"image": "x"}},\n "services": {}}', "f:2"),
        ("services:\n  a: {image: x}\nservices:\n  b: {image: y}\n", "f:3"),
        ("services: {}\nservices:\n  b: {image: y}\n", "f:2"),
        ("services:\n  a:\n    image: x\n    environment: {A: https://a.eu}\n    environment: {}\n", "f:5"),
        ("services:\n  a:\n    image: x\n    environment: {DUPOND_URL: a, DUPOND_URL: b}\n", "f:4"),
    ],
)
def test_a_key_given_twice_hides_nothing_and_is_told_by_its_line(data: str, at: str) -> None:
    error = refused(data, "f")

    assert error.message.en.startswith(f"{at} is not read: a key is given twice in the same object")
    assert error.message.fr.startswith(f"{at} n'est pas lu : une clé est donnée deux fois")
    assert "DUPOND" not in str(error.message) + str(error.hint)


@pytest.mark.parametrize(
    "data",
    [
        '{"bomFormat": "CycloneDX", "components": [{"name": "a"}, {"name": "a", "components": [{"name": "a"}]}]}',
        "x-a: &a {image: x}\nx-b: &b {labels: {}}\nservices:\n  a:\n    <<: *a\n    <<: *b\n    image: y\n",
        "services:\n  a: {image: x}\n  b: {image: x}\n",
    ],
)
def test_the_same_key_in_two_objects_is_no_key_given_twice(data: str) -> None:
    assert scan(data).kind in {Kind.CYCLONEDX, Kind.COMPOSE}


def test_a_bomb_of_references_is_refused_and_costs_nothing() -> None:
    levels = "".join(f"x{n + 1}: &x{n + 1} [{', '.join([f'*x{n}'] * 9)}]\n" for n in range(9))
    bomb = f"x0: &x0 [lol]\n{levels}services:\n  a:\n    image: x/y\n    command: *x9\n"

    assert "too much nesting" in refused(bomb).message.en


@pytest.mark.parametrize(
    "data", ["services: {a: {image: x, command: " + "[" * 200 + "]" * 200 + "}}", '{"bomFormat":' + "[" * 100_000]
)
def test_what_is_nested_too_deeply_is_refused(data: str) -> None:
    assert "too much nesting" in refused(data).message.en


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(RequestError, match="is larger than 32 MiB"):
        check_size(MAX_BYTES + 1, "big.json")


@pytest.mark.parametrize("data", [b"PK\x03\x04\x14\x00", b"\x89PNG\r\n\x1a\n", b"", b"just words\n", b"[1, 2]"])
def test_what_is_none_of_ours_is_refused_if_asked_for_and_passed_over_in_a_folder(data: bytes) -> None:
    assert "not recognised" in refused(data).message.en
    assert scan_file(data, "any", is_known=KNOWN.__contains__, asked=False) is None


def test_many_who_share_one_large_mapping_cost_no_more_than_is_allowed() -> None:
    shared = "".join(f"    A{number}: x\n" for number in range(2000))
    services = "".join(f"  s{number}:\n    image: x/y\n    environment:\n      <<: *all\n" for number in range(2000))

    assert "too many references" in refused(f"x-all:\n  env: &all\n{shared}services:\n{services}").message.en
