"""What a person can meet is in the reference: codes, settings, routes, verbs, options, types, policies."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from argparse import ArgumentParser, _SubParsersAction
from typing import TYPE_CHECKING, Any, cast

from tests.docs.pages import REFERENCE, ROOT, named, read

import bouclier
from bouclier import cli
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.compose import configuration, configuration_shapes, fleet_shapes, shield_shapes
from bouclier.compose.yaml_reader import Fields
from bouclier.gateway.app import App
from bouclier.shield.kinds import KINDS, Part
from bouclier.terms.content import DataClass, EntityType, Label
from bouclier.terms.errors import BouclierError
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = ROOT / "src" / "bouclier"
PART_IN_WORDS = {
    Part.DIRECT: "direct", Part.COMPANY: "company", Part.QUASI: "quasi-identifier", Part.DETAIL: "detail",
    Part.SECRET: "secret", Part.MARKING: "marking", Part.CATEGORY: "category",
}  # fmt: skip
CHILDREN = {"bouclier.__main__", "bouclier.fleet.adapters.engine_child"}  # programs of their own


def test_every_error_code_is_explained_with_its_status() -> None:
    rows = {row[0].strip("` "): row[1].strip() for row in _rows(REFERENCE / "errors.md")}
    for module in pkgutil.walk_packages(bouclier.__path__, "bouclier."):
        if module.name not in CHILDREN:
            importlib.import_module(module.name)
    errors = {kind.code: kind for kind in _subclasses(BouclierError)}
    assert len(errors) > 20
    assert set(rows) - {"code"} == set(errors)
    wrong = {code for code, kind in errors.items() if rows[code].isdigit() and int(rows[code]) != kind.status}
    assert not wrong


def test_every_setting_is_explained() -> None:
    explained = named(REFERENCE / "configuration.md")
    settings = [setting for setting, _ in configuration.SETTINGS]
    assert {configuration.environment_name(setting) for setting in settings} <= explained
    keys = set(_keys(configuration_shapes.SHAPE))
    assert set(settings) <= keys
    assert keys <= explained
    for fields in (
        configuration_shapes.DEPLOYMENT,
        fleet_shapes.ALIAS,
        fleet_shapes.BUDGET,
        shield_shapes.IDENTIFIER,
        shield_shapes.DETECTOR,
        shield_shapes.NAMES,
    ):
        assert set(fields.readers) <= explained
    assert {f"price.{key}" for key in fleet_shapes.PRICE.readers} <= explained


def test_every_default_is_the_one_written() -> None:
    rows = {row[0].strip("` "): row for row in _rows(REFERENCE / "configuration.md")}
    for setting, value, _ in configuration.settings_shown(configuration.Configuration()):
        written = rows[setting][2]
        if value != "—" or "`—`" in written:
            assert value.lower() in written.lower(), setting


def test_every_environment_variable_we_read_is_explained() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (SOURCES / "compose").glob("*.py"))
    assert set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', text)) <= named(REFERENCE / "configuration.md")


def test_every_route_is_explained() -> None:
    app = App(cast("Any", None), cast("Any", None))
    rows = {(row[0].strip("` "), row[1].strip()) for row in _rows(REFERENCE / "api.md")}
    assert {(path, method) for path, (method, _) in app._routes.items()} <= rows
    prefixes = re.findall(r'path\.startswith\("(/[^"]+/)"\)', (SOURCES / "gateway" / "app.py").read_text())
    served = {f"{prefix}{{name}}" for prefix in prefixes} - {"/v1/{name}"}  # the last only chooses the shape of errors
    assert len(served) == 2
    assert {(path, "GET") for path in served} <= rows


def test_every_part_of_the_log_is_explained() -> None:
    served = set(
        re.findall(r'"(openings|checkpoint|proof/|entry/)"', (SOURCES / "gateway" / "log_routes.py").read_text())
    )
    assert len(served) == 4
    rows = {row[0].strip("` ").removeprefix("/log/") for row in _rows(REFERENCE / "api.md")}
    assert {f"{part}{{index}}" if part.endswith("/") else part for part in served} <= rows
    assert {"tile/{L}/{N}", "tile/entries/{N}"} <= rows


def test_every_header_of_ours_is_explained() -> None:
    text = "".join(path.read_text(encoding="utf-8").lower() for path in SOURCES.rglob("*.py"))
    headers = set(re.findall(r"x-bouclier-[a-z-]+[a-z]", text))
    assert len(headers) >= 3
    assert headers <= named(REFERENCE / "api.md")


def test_every_field_of_our_object_is_explained() -> None:
    text = (SOURCES / "gateway" / "present.py").read_text() + (SOURCES / "gateway" / "http_errors.py").read_text()
    fields = set(re.findall(r'"([a-z_]+)":', text)) | {"outcome", "came_back", "restored", "left"}
    words = set(re.findall(r"[a-z_]+", " ".join(named(REFERENCE / "api.md"))))
    assert fields <= words


def test_every_verb_action_and_option_is_explained() -> None:
    page = read(REFERENCE / "cli.md")
    words = set(re.findall(r"--[a-z0-9-]+|[a-z]+", " ".join(named(REFERENCE / "cli.md"))))
    commands = _commands()
    assert len(commands) > 8
    for command, parser in commands.items():
        assert f"`bouclier {command}" in page, command
        options = {option for action in parser._actions for option in action.option_strings}
        assert {option for option in options if option.startswith("--")} <= words, command


def test_every_verb_of_the_reference_exists() -> None:
    verbs = {command.split()[0] for command in _commands()}
    assert set(re.findall(r"^## `([a-z]+)`$", read(REFERENCE / "cli.md"), re.MULTILINE)) == verbs


def test_every_type_of_finding_is_explained_with_its_part_its_class_and_its_label() -> None:
    rows = {row[0].strip("` "): row[-1] for row in _rows(REFERENCE / "detectors.md", first="type")}
    assert set(rows) == {kind.value for kind in EntityType}
    for type_, kind in KINDS.items():
        said = rows[type_.value]
        assert said.startswith(PART_IN_WORDS[kind.part]), type_
        assert f"`{kind.data_class.slug}`" in said, type_
        assert set(re.findall("label `([a-z-]+)`", said)) == ({kind.label.value} if kind.label else set()), type_


def test_everything_that_validates_a_finding_is_explained() -> None:
    reasons = {reason for path in (SOURCES / "shield").rglob("*.py") for reason in _reasons(read(path))}
    assert len(reasons) > 80
    assert reasons <= named(REFERENCE / "detectors.md")


def test_every_policy_and_every_warning_of_the_starter_charter_is_explained() -> None:
    charter, explained = load_charter(), named(REFERENCE / "charter-packs.md")
    assert set(charter.policies) <= explained
    assert {f"warn:{warning}" for warning in charter.data.warnings} <= explained


def test_the_glossary_has_the_words_the_api_shows() -> None:
    words = {one.slug for one in DataClass} | {one.value for one in Label} | {one.value for one in Duty}
    assert words <= named(ROOT / "docs" / "glossary.md")


def _rows(path: Path, *, first: str | None = None) -> list[list[str]]:
    """The rows of a page's tables, or of those whose first column is headed so, without the heads of these."""
    rows: list[list[str]] = []
    wanted = heading = True
    for line in read(path).splitlines():
        if not line.startswith("|"):
            heading = True
            continue
        cells = line.strip("|").split(" | ")
        if first is not None and heading:
            wanted = cells[0].strip() == first
        elif wanted and not line.startswith("| ---"):
            rows.append([cell.strip() for cell in cells])
        heading = False
    return rows


def _reasons(source: str) -> set[str]:
    """What a module may give as `validated_by`: arguments of findings and shapes, and whatever is written like one."""
    found = set(re.findall(r'"((?:stdnum|check|marking|context|key):[a-z_.0-9-]+)"', source))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = {"Finding": 4, "Shape": 2}.get(node.func.id)
            said = [keyword.value for keyword in node.keywords if keyword.arg in {"by", "validated_by"}]
            said += [] if place is None else node.args[place : place + 1]
            constants = [inner for one in said for inner in ast.walk(one) if isinstance(inner, ast.Constant)]
            found |= {inner.value for inner in constants if isinstance(inner.value, str)}
    return found


def _subclasses(kind: type[BouclierError]) -> list[type[BouclierError]]:
    found = [kind] if kind.__module__.startswith("bouclier.") else []
    return found + [below for child in kind.__subclasses__() for below in _subclasses(child)]


def _keys(fields: Fields, prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, reader in fields.readers.items():
        found += _keys(reader, f"{prefix}{key}.") if isinstance(reader, Fields) else [prefix + key]
    return found


def _commands() -> dict[str, ArgumentParser]:
    """Every command by its words, such as `log fsck`."""
    parser = ArgumentParser()
    verbs = parser.add_subparsers()
    for verb in cli._VERBS:
        importlib.import_module(f"bouclier.cli.{verb.replace(' ', '_')}").add_to(verbs, french=False)
    return _leaves(parser)


def _leaves(parser: ArgumentParser, words: tuple[str, ...] = ()) -> dict[str, ArgumentParser]:
    below = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not below:
        return {" ".join(words): parser}
    return {
        name: leaf
        for action in below
        for word, child in action.choices.items()
        for name, leaf in _leaves(child, (*words, word)).items()
    }
