"""`bouclier.yaml`: every mistake at once, with its line, its key and a hint; and where each setting came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bouclier.compose.configuration import (
    Configuration,
    LogSettings,
    SealSettings,
    configuration_of,
    settings_shown,
)
from bouclier.compose.fleet_settings import AliasSettings, BudgetSettings
from bouclier.terms.errors import ConfigurationError
from bouclier.terms.law import Openness, Weights

FILE = Path("/etc/bouclier/bouclier.yaml")


def configured(
    text: str = "", environment: dict[str, str] | None = None, overrides: dict[str, str] | None = None
) -> Configuration:
    return configuration_of(text, source=FILE, environment=environment or {}, overrides=overrides)


def mistakes(
    text: str = "", environment: dict[str, str] | None = None, overrides: dict[str, str] | None = None
) -> tuple[list[str], list[str]]:
    """The lines of the error in French and in English."""
    with pytest.raises(ConfigurationError) as raised:
        configured(text, environment, overrides)
    error = raised.value
    assert error.hint.fr
    assert error.hint.en
    french, english = error.message.fr.splitlines(), error.message.en.splitlines()
    assert len(french) == len(english)
    return french, english


WHOLE = """\
institution: {name: "Ville de Gravelines, Nord"}
listen: {host: 0.0.0.0, port: 80}
data: state
charter: {folder: charters/ours, refresh_s: 5, when_expired: own, territory: FR}
safeguards:
  - {purpose: aide-sociale, holds: [{what: fria, reference: "AIF 2026-1"}, {what: dpia, reference: AIPD-3}]}
deployments:
  - name: gravelines-mistral
    base_url: https://ai.example.fr:9001/v1
    model: mistral-small
    operator: ovhcloud
    site: fr-gra
    country: NO
    open_weights: true
    capabilities: [tools, image-generation, tools]
    evaluations: [inspect-2026-03]
    carbon: {mg_per_1000_tokens: 1_200, source: "mesure de 2026"}
    qualifications:
      - {name: secnumcloud, until: 2027-05-01, source: "liste de l'ANSSI"}
      - {name: hds, source: "certificat"}
    api_key_file: secrets/ovh.key
    connect_timeout_s: 2.5
    idle_timeout_s: 60
  - {name: closed, base_url: "http://[::1]:9/v1", model: 5, operator: x, open_weights: false}
  - {name: unsaid, base_url: "http://127.0.0.1/v1", model: m, operator: x}
aliases:
  - {name: assistant, models: [mistral-small, closed], fr: "L'agent", en: The clerk}
fleet:
  exposure: 500
  price_ms: 3
  queue_wait_s: 2.5
  patience_ms: 4_000
  share: postgresql://bouclier@base.exemple.fr/bouclier
  share_password_file: secrets/pg
budgets: [{application: "*", period: month, grams: 2.5, warn_percent: 50}]
registry: {facts: [facts/ours.json, /facts.json]}
engine: {model: "off", threads: 2, context: 2048, weights: [a.gguf, /b.gguf], cache: cache}
shield: {names: off, cache_entries: 10}
limits: {max_body_bytes: 1_000, max_text_chars: 500}
console: {open_on_loopback: false}
"""


@pytest.mark.parametrize("figure", ["0", "-3", "0.4", "10_000_001", '"400 mg"'])
def test_a_declared_figure_that_cannot_be_is_refused_with_what_to_write(figure: str) -> None:
    entry = f"name: d, base_url: http://127.0.0.1/v1, model: m, operator: x, carbon: {{mg_per_1000_tokens: {figure}"
    with pytest.raises(ConfigurationError) as refused:
        configured(f"deployments: [{{{entry}, source: mesure}}}}]")
    told = str(refused.value.message) + str(refused.value.hint)
    assert "mg_per_1000_tokens" in told
    assert "from 1 to 10000000" in told
    assert "leave `carbon` out" in told


def test_a_whole_file_is_read_with_its_types_and_its_paths_relative_to_it() -> None:
    read = configured(WHOLE)
    assert (read.host, read.port, read.institution) == ("0.0.0.0", 80, "Ville de Gravelines, Nord")
    assert read.data == FILE.parent / "state"
    charter = read.charter
    assert (charter.folder, charter.repository, charter.root) == (FILE.parent / "charters/ours", None, None)
    assert (charter.refresh_s, charter.when_expired, charter.territory) == (5, "own", "FR")
    (safeguards,) = read.safeguards
    assert (safeguards.purpose, safeguards.holds) == ("aide-sociale", (("dpia", "AIPD-3"), ("fria", "AIF 2026-1")))
    assert read.engine.weights == (FILE.parent / "a.gguf", Path("/b.gguf"))
    assert (read.engine.model, read.engine.threads, read.engine.cache) == ("off", 2, FILE.parent / "cache")
    first, closed, unsaid = read.deployments
    assert first.api_key_file == FILE.parent / "secrets/ovh.key"
    assert (first.country, first.connect_timeout_s, first.idle_timeout_s) == ("NO", 2.5, 60.0)
    assert (first.capabilities, first.evaluations) == (("image-generation", "tools"), ("inspect-2026-03",))
    assert (first.carbon_mg, first.carbon_source) == (1200, "mesure de 2026")
    assert first.qualifications == ("hds", "secnumcloud@20270501")
    assert (unsaid.carbon_mg, unsaid.capabilities, unsaid.evaluations, unsaid.qualifications) == (None, (), (), ())
    assert (first.openness, closed.openness, unsaid.openness) == (Openness.OPEN, Openness.CLOSED, Openness.UNKNOWN)
    assert (closed.model, unsaid.site, unsaid.country) == ("5", "unknown", None)
    assert read.aliases == (AliasSettings("assistant", ("mistral-small", "closed"), "L'agent", "The clerk"),)
    assert read.fleet.weights == Weights(exposure_ms=500, price_ms=3, carbon_ms=500)
    assert (read.fleet.queue_wait_s, read.fleet.patience_ms) == (2.5, 4000)
    assert read.fleet.share == "postgresql://bouclier@base.exemple.fr/bouclier"
    assert read.fleet.share_password_file == FILE.parent / "secrets/pg"
    assert read.budgets == (BudgetSettings("*", "month", 2.5, warn_percent=50),)
    assert read.registry.facts == (FILE.parent / "facts/ours.json", Path("/facts.json"))
    assert (read.shield.names, read.shield.cache_entries) == ((), 10)
    assert (read.max_body_bytes, read.max_text_chars, read.open_on_loopback) == (1000, 500, False)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_is_the_defaults(text: str) -> None:
    read = configured(text)
    assert (read.host, read.port, read.data, read.deployments) == ("127.0.0.1", 8787, Path("var"), ())
    assert all(origin == "default" for _, _, origin in settings_shown(read))


MANY = """\
institution: {name: ""}
listen:
  host: localhost
  prot: 80
  port: eighty
data: [a]
deployments:
  - name: one
    base_url: ftp://example.fr/v1
    model: m
    operator: OVH Cloud
  - base_url: http://example.fr/v1
    name: auto
    model: m
    opeartor: x
  - just words
  - {name: one, base_url: "http://x/v1", model: m, operator: x, connect_timeout_s: 0}
engine:
  model: off
  model: auto
limits: 5
shield: {names: on}
"""


def test_every_mistake_is_said_at_once_with_its_line_its_key_and_a_hint() -> None:
    french, english = mistakes(MANY, {"BOUCLIER_ENGINE_THREADS": "none"}, {"listen.port": "99999"})
    heads = [line for line in english if not line.startswith("    → ")]
    assert [head.removeprefix(str(FILE)).partition(": ")[0] for head in heads[2:]] == [
        f":{line}" for line in (1, 4, 5, 6, 9, 11, 12, 13, 15, 16, 17, 17, 20, 21, 22)
    ]
    assert [line.rsplit(": ", 1)[0].partition(": ")[2] for line in heads[2:]] == [
        "institution.name",
        "listen.prot",
        "listen.port",
        "data",
        "deployments[0].base_url",
        "deployments[0].operator",
        "deployments[1].operator",
        "deployments[1].name",
        "deployments[1].opeartor",
        "deployments[2]",
        "deployments[3].name",
        "deployments[3].connect_timeout_s",
        "engine.model",
        "limits",
        "shield.names",
    ]
    assert heads[:2] == ["--port: wrong value.", "BOUCLIER_ENGINE_THREADS: wrong value."]
    hints = [line for line in english if line.startswith("    → ")]
    assert len(hints) == len(heads)
    assert "    → did you mean `port`?" in hints
    assert "    → did you mean `operator`?" in hints
    assert "    → give each its own; reserved: auto, embedded" in hints
    assert "    → vouliez-vous dire « port » ?" in french


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("nonsense: 1", "nonsense", "possible keys"),
        ("deployments: {name: x}", "deployments", "beginning with `-`"),
        ("- a", "keys and values are expected.", "institution"),
        ("data:", "data", "a file path"),
        ("data: ~", "data", "a file path"),
        ("listen: {port: 70000}", "listen.port", "0 to 65535"),
        ("listen: {port: '80'}", "listen.port", "0 to 65535"),
        ("limits: {max_body_bytes: 0}", "limits.max_body_bytes", "positive"),
        ("console: {open_on_loopback: 1}", "console.open_on_loopback", "true or false"),
        ("engine: {threads: 1.5}", "engine.threads", "positive"),
        ("operators: [{id: x}]", "operators: unknown key", "registry"),
        ("safeguards: [{purpose: x}]", "safeguards[0].holds", "add `holds: …`"),
        ("charter: {territory: fr}", "charter.territory", "FR"),
        ("fleet: {exposure: last}", "fleet.exposure", "`first`"),
        ("fleet: {patience_ms: 3600001}", "fleet.patience_ms", "3600000"),
        ("fleet: {share: 'postgresql://u:secret@host/db'}", "fleet.share", "share_password_file"),
        ("fleet: {share: 'mysql://host/db'}", "fleet.share", "postgresql"),
        ("aliases: [{name: auto, models: [x]}]", "aliases[0].name", "reserved"),
        ("budgets: [{application: a, period: week, grams: 1}]", "budgets[0].period", "day"),
        ("budgets: [{application: a, period: day, grams: 0}]", "budgets[0].grams", "above zero"),
    ],
)
def test_a_mistake_names_its_key_and_says_what_is_expected(text: str, where: str, hint: str) -> None:
    _, english = mistakes(text)
    assert any(line.startswith(f"{FILE}:1: {where}") for line in english)
    assert any(hint in line for line in english)


@pytest.mark.parametrize(
    "url",
    [
        "example.fr/v1",
        "https://",
        "https:///v1",
        "http://zoe:s3cr3t@example.fr/v1",
        "http://:s3cr3t@example.fr/v1",
        "http://s3cr3t@example.fr/v1",
        "http://example.fr/v1?key=s3cr3t",
        "http://example.fr/v1#s3cr3t",
        "http://example.fr:abc/v1",
        "http://example.fr:99999/v1",
        "http://example.fr:0/v1",
        "http://exa mple.fr/v1",
        "http://[::1/v1",
        "http://élysée.example/v1",
        "http://example.fr/\u200b/v1",
    ],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused_and_not_shown(url: str) -> None:
    french, english = mistakes(f"deployments: [{{name: a, base_url: '{url}', model: m, operator: x}}]")
    for said in ("\n".join(french), "\n".join(english)):
        assert "base_url" in said
        assert "s3cr3t" not in said
        assert url not in said


@pytest.mark.parametrize("name", ["auto", "embedded", "taken"])
def test_a_deployment_has_a_name_of_its_own_even_when_another_entry_is_wrong(name: str) -> None:
    entry = "{name: %s, base_url: 'http://x/v1', model: m, operator: x}"
    text = f"deployments:\n  - {entry % 'taken'}\n  - {{name: wrong}}\n  - {entry % name}\n"
    _, english = mistakes(text)
    assert f'{FILE}:4: deployments[2].name: "{name}" is taken.' in english
    assert any("deployments[1].base_url" in line for line in english)


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("aliases: [{name: ours, models: [claude]}]", "aliases.ours", "name an entry of `deployments`"),
        ("aliases: [{name: ours, models: [closet]}]", "aliases.ours", 'did you mean "closed"?'),
        ("aliases: [{name: closed, models: [m]}]", "aliases.closed", "another name"),
        ("budgets: [{application: a, period: day, grams: 1, warn_percent: 130}]", "budgets.a", "80, 100, 120"),
    ],
)
def test_what_only_several_entries_together_show_is_said_too(text: str, where: str, hint: str) -> None:
    _, english = mistakes(f"deployments: [{{name: closed, base_url: 'http://x/v1', model: m, operator: x}}]\n{text}\n")
    assert any(line.startswith(f"{FILE}:2: {where}: ") for line in english), english
    assert any(hint in line for line in english)


def test_an_application_has_one_budget() -> None:
    entry = "{application: x, period: day, grams: 1}"
    said = mistakes(f"budgets:\n  - {entry}\n  - {entry}\n")[1]
    assert f'{FILE}:3: budgets[1].application: "x" is taken.' in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c", 1),
        ("listen:\n  host: x\n port: 1", 3),
        ("listen: {host: 'x", 1),
        ("data: a\n---\ndata: b", 2),
        ("data: \t@", 1),
        ("a: *unknown", 1),
    ],
)
def test_what_is_not_yaml_is_said_with_its_line(text: str, line: int) -> None:
    french, english = mistakes(text)
    assert english == [f"{FILE}:{line}: this is not YAML."]
    assert french == [f"{FILE}:{line} : ce n'est pas du YAML."]


@pytest.mark.parametrize("text", ["data: \x00", "[" * 2_000])
def test_what_is_not_yaml_anywhere_is_said_too(text: str) -> None:
    assert "this is not YAML" in mistakes(text)[1][0]


def test_the_command_line_goes_before_the_environment_before_the_file_before_the_default() -> None:
    file = "listen: {port: 1, host: file.example}\ndata: file\nlimits: {max_body_bytes: 1}\n"
    environment = {"BOUCLIER_LISTEN_PORT": "2", "BOUCLIER_DATA": "environment", "BOUCLIERS": "x", "PATH": "/bin"}
    read = configured(file, environment, {"listen.port": "3"})
    assert (read.port, read.data, read.host, read.max_body_bytes) == (3, Path("environment"), "file.example", 1)
    shown = {name: (value, origin) for name, value, origin in settings_shown(read)}
    assert shown["listen.port"] == ("3", "command line")
    assert shown["data"] == ("environment", "BOUCLIER_DATA")
    assert shown["listen.host"] == ("file.example", str(FILE))
    assert shown["limits.max_text_chars"] == ("1000000", "default")


@pytest.mark.parametrize(
    "value", ["/tmp/x #y", "a: b", "[x]", "{x}", "*x", "&x", "!x", "%x", "@x", "'x", '"x', "- x", "x, y", "é", "off"]
)
@pytest.mark.parametrize("setting", ["data", "institution.name"])
def test_a_value_outside_the_file_is_taken_as_it_is_whatever_yaml_would_make_of_it(setting: str, value: str) -> None:
    variable = "BOUCLIER_" + setting.replace(".", "_").upper()
    for read in (configured("", {variable: value}), configured("", None, {setting: value})):
        found = read.data if setting == "data" else read.institution
        assert str(found) == value


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BOUCLIER_LISTEN_PORT", ""),
        ("BOUCLIER_LISTEN_PORT", "80, host: 0.0.0.0"),
        ("BOUCLIER_DATA", ""),
        ("BOUCLIER_DATA", " "),
        ("BOUCLIER_SHIELD_NAMES", "on"),
        ("BOUCLIER_CONSOLE_OPEN_ON_LOOPBACK", "yes"),
    ],
)
def test_a_wrong_value_outside_the_file_is_said_by_the_name_of_its_variable(variable: str, value: str) -> None:
    french, english = mistakes("", {variable: value})
    assert english[0] == f"{variable}: wrong value."
    assert french[0] == f"{variable} : valeur incorrecte."


def test_settings_of_any_type_can_come_from_the_environment() -> None:
    read = configured(
        "",
        {
            "BOUCLIER_SHIELD_NAMES": "off",
            "BOUCLIER_CONSOLE_OPEN_ON_LOOPBACK": "false",
            "BOUCLIER_LIMITS_MAX_BODY_BYTES": "1_000",
            "BOUCLIER_ENGINE_MODEL": "off",
            "BOUCLIER_LISTEN_PORT": "0",
        },
    )
    assert (read.shield.names, read.open_on_loopback, read.max_body_bytes) == ((), False, 1000)
    assert (read.engine.model, read.port) == ("off", 0)


def test_paths_of_the_environment_and_the_command_line_are_relative_to_the_working_folder() -> None:
    assert configured("data: a", {"BOUCLIER_CHARTER": "c"}, {"data": "b"}).data == Path("b")
    assert configured("", {"BOUCLIER_CHARTER_FOLDER": "c"}).charter.folder == Path("c")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost")),
        *((host, False) for host in ("0.0.0.0", "192.0.2.1", "::", "localhost.example.fr")),
    ],
)
def test_only_a_loopback_address_is_this_machine_only(host: str, *, loopback: bool) -> None:
    assert configured(f"listen: {{host: '{host}'}}").is_loopback is loopback


def test_a_misspelt_override_is_told() -> None:
    (warning,) = configured("", {"BOUCLIER_CONSOLE_OPEN_ON_LOOPBAK": "false"}, {}).warnings
    assert "BOUCLIER_CONSOLE_OPEN_ON_LOOPBACK" in warning.en


RECORD = """\
shared: keys
log:
  origin: log.example.fr/mairie
  policy: witnesses.txt
  ml_dsa: true
  pooling_ms: 50
  interval_s: 60
  max_unwitnessed_s: 300
  open: true
seal:
  authorities: [cnil.public, /etc/keys/prefecture.public]
  threshold: 3
  retention_days: 30
"""


def test_how_the_record_is_kept_and_sealed_is_read_with_paths_relative_to_the_file() -> None:
    configuration = configured(RECORD)

    assert configuration.log == LogSettings(
        origin="log.example.fr/mairie",
        policy=Path("/etc/bouclier/witnesses.txt"),
        ml_dsa=True,
        pooling_ms=50,
        interval_s=60,
        max_unwitnessed_s=300,
        open=True,
    )
    assert configuration.seal == SealSettings(
        authorities=(Path("/etc/bouclier/cnil.public"), Path("/etc/keys/prefecture.public")),
        threshold=3,
        retention_days=30,
    )
    assert configuration.keys_folder == Path("/etc/bouclier/keys")
    shown = {name: value for name, value, _ in settings_shown(configuration)}
    assert shown["log.policy"] == "/etc/bouclier/witnesses.txt"
    assert shown["log.open"] == "True"
    assert shown["seal.threshold"] == "3"


def test_by_default_the_log_has_a_name_of_its_own_no_witnesses_and_is_open_to_nobody() -> None:
    configuration = configured("")

    assert configuration.log == LogSettings()
    assert (configuration.log.origin, configuration.log.policy, configuration.log.open) == (None, None, False)
    assert configuration.log.max_unwitnessed_s is None
    assert configuration.seal.authorities == ()
    assert configuration.keys_folder == configuration.data


def test_settings_of_the_record_come_from_the_environment_too() -> None:
    configuration = configured(
        RECORD,
        environment={
            "BOUCLIER_LOG_POLICY": "here.txt",
            "BOUCLIER_LOG_ML_DSA": "false",
            "BOUCLIER_LOG_POOLING_MS": "200",
            "BOUCLIER_SEAL_RETENTION_DAYS": "7",
        },
    )

    assert configuration.log.policy == Path("here.txt")
    assert (configuration.log.ml_dsa, configuration.log.pooling_ms) == (False, 200)
    assert configuration.seal.retention_days == 7


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("log: {origin: 'two words'}", "log.origin"),
        ("log: {origin: a+b}", "log.origin"),
        ("log: {origin: mairie-d'Évian}", "log.origin"),
        ("log: {origin: ''}", "log.origin"),
        ("log: {policy: }", "log.policy"),
        ("log: {ml_dsa: perhaps}", "log.ml_dsa"),
        ("log: {pooling_ms: 0}", "log.pooling_ms"),
        ("log: {pooling_ms: 0.5}", "log.pooling_ms"),
        ("log: {interval_s: -1}", "log.interval_s"),
        ("log: {max_unwitnessed_s: 0}", "log.max_unwitnessed_s"),
        ("log: {open: 1}", "log.open"),
        ("log: {witnesses: x}", "log.witnesses"),
        ("seal: {authorities: cnil.public}", "seal.authorities"),
        ("seal: {authorities: [1.5, {}]}", "seal.authorities"),
        ("seal: {threshold: 0}", "seal.threshold"),
        ("seal: {retention_days: many}", "seal.retention_days"),
        ("seal: {keys: x}", "seal.keys"),
    ],
)
def test_a_wrong_setting_of_the_record_is_said_by_its_name(text: str, where: str) -> None:
    french, english = mistakes(text)

    assert where in french[0]
    assert where in english[0]
