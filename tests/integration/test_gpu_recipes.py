"""The recipes for GPU sites, as far as they can be tried without one: what they say, and what their scripts start.

vLLM, Ray and a container engine are not here. Programs that only note how they were called stand in for `vllm`, `ray`
and `serve`; what the real ones do with it was not seen.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.weights_kit import Ask, Hub

from bouclier.compose.configuration import configuration_of

ROOT = Path(__file__).parents[2]
VLLM = ROOT / "examples" / "vllm"
RAY = ROOT / "examples" / "ray-serve"
COMMIT = "d" * 40

# Options of `vllm serve` these recipes may use. Source: docs.vllm.ai/en/v0.30.0/cli/serve; vllm/entrypoints/openai/
# cli_args.py; read on 2026-11-22.
SERVE_OPTIONS = {
    "model": str,
    "served-model-name": str,
    "tokenizer-mode": str,
    "config-format": str,
    "load-format": str,
    "tensor-parallel-size": int,
    "gpu-memory-utilization": float,
    "max-model-len": int,
    "max-num-seqs": int,
    "enable-prefix-caching": bool,
    "enable-log-requests": bool,
    "disable-uvicorn-access-log": bool,
    "disable-fastapi-docs": bool,
    "fingerprint-mode": str,
    "trust-remote-code": bool,
    "port": int,
}
# Fields of LLMConfig. Source: docs.ray.io/en/master/serve/llm/user-guides/configuration.html, read on 2026-11-22.
LLM_FIELDS = {"model_loading_config", "accelerator_type", "deployment_config", "engine_kwargs", "runtime_env"}

NOTE = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
made = [Path(word).read_text() for word in sys.argv[1:] if word.endswith("serve_config.yaml")]
with open(os.environ["NOTES"], "a") as notes:
    notes.write(json.dumps({{"argv": sys.argv, "environment": dict(os.environ), "made": made}}) + "\\n")
print(401, end="")
"""


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _started(folder: Path, script: Path, *programs: str, **more: str) -> tuple[int, list[dict[str, Any]]]:
    """Run a recipe's script with programs that only note how they were called; return its code and their notes."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    for program in programs:
        (tools / program).write_text(NOTE)
        (tools / program).chmod(0o755)
    notes, key = folder / "notes", folder / "site.key"
    notes.touch()
    key.write_text("clef-du-site\n")
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "NOTES": str(notes), "VLLM_KEY_FILE": str(key), **more}
    done = subprocess.run(["/bin/sh", str(script)], env=environment, check=False, capture_output=True)
    return done.returncode, [json.loads(line) for line in notes.read_text().splitlines()]


@pytest.mark.parametrize("folder", [VLLM, RAY], ids=["vllm", "ray-serve"])
def test_the_gateway_s_side_is_a_valid_configuration_whose_model_and_slots_are_the_site_s(folder: Path) -> None:
    (site,) = configuration_of((folder / "bouclier.yaml").read_text(), source=None, environment={}).deployments
    assert site.base_url == "http://127.0.0.1:8000/v1"
    if folder == VLLM:
        serve = _yaml(VLLM / "serve.yaml")
        assert (site.model, site.slots, site.engine) == (serve["served-model-name"], serve["max-num-seqs"], "vllm")
    else:
        (model,) = _yaml(RAY / "serve_config.yaml")["applications"][0]["args"]["llm_configs"]
        replicas = model["deployment_config"]["autoscaling_config"]["max_replicas"]
        assert site.model == model["model_loading_config"]["model_id"]
        assert site.slots == model["engine_kwargs"]["max_num_seqs"] * replicas


def test_vllm_s_options_exist_have_the_right_type_and_keep_content_out_of_logs() -> None:
    serve = _yaml(VLLM / "serve.yaml")
    assert {name: type(value) for name, value in serve.items()} == {name: SERVE_OPTIONS[name] for name in serve}
    assert serve["enable-log-requests"] is False
    assert serve["disable-uvicorn-access-log"] is True
    assert serve["trust-remote-code"] is False
    assert serve["enable-prefix-caching"] is True


def test_the_container_listens_on_this_machine_alone_and_its_revision_must_be_given() -> None:
    compose = _yaml(VLLM / "compose.yaml")
    assert set(compose) == {"name", "services", "secrets", "volumes"}
    service = compose["services"]["vllm"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["environment"]["MODEL_REVISION"].startswith("${MODEL_REVISION:?")
    assert re.fullmatch(r"vllm/vllm-openai:v\d+\.\d+\.\d+", service["image"])
    (gpu,) = service["deploy"]["resources"]["reservations"]["devices"]
    assert gpu["count"] == _yaml(VLLM / "serve.yaml")["tensor-parallel-size"]
    assert gpu["capabilities"] == ["gpu"]
    mounted = {volume.split(":")[0] for volume in service["volumes"] if volume.startswith("./")}
    assert all((VLLM / name).is_file() for name in mounted)
    assert set(service["secrets"]) == set(compose["secrets"])
    compile(service["healthcheck"]["test"][3], "healthcheck", "exec", dont_inherit=True)


def test_the_unit_starts_the_script_and_may_reach_no_other_machine(tmp_path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign] # systemd's names are case-sensitive
    unit.read(VLLM / "bouclier-vllm.service")
    service = unit["Service"]
    assert (service["IPAddressAllow"], service["IPAddressDeny"]) == ("localhost", "any")
    assert service["ExecStart"].endswith("start.sh")
    assert service["LimitCORE"] == "0"
    analyse = shutil.which("systemd-analyze")
    if analyse is not None:
        copy = tmp_path / "bouclier-vllm.service"
        shutil.copy(VLLM / "bouclier-vllm.service", copy)
        said = subprocess.run([analyse, "verify", str(copy)], capture_output=True, text=True, check=False).stderr
        assert "Unknown" not in said


def test_vllm_is_started_with_its_key_out_of_sight_its_revision_fixed_and_no_statistics(tmp_path: Path) -> None:
    code, (called,) = _started(tmp_path, VLLM / "start.sh", "vllm", MODEL_REVISION=COMMIT)
    assert code == 0
    words, environment = called["argv"][1:], called["environment"]
    assert words[0] == "serve"
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options == {
        "--config": str(VLLM / "serve.yaml"),
        "--host": "127.0.0.1",
        "--revision": COMMIT,
        "--tokenizer-revision": COMMIT,
    }
    assert environment["VLLM_API_KEY"] == "clef-du-site"
    assert (environment["VLLM_NO_USAGE_STATS"], environment["DO_NOT_TRACK"]) == ("1", "1")


@pytest.mark.parametrize("folder", [VLLM, RAY], ids=["vllm", "ray-serve"])
@pytest.mark.parametrize("wrong", [{}, {"MODEL_REVISION": "main"}, {"MODEL_REVISION": "d" * 39}])
def test_nothing_is_started_without_a_commit(tmp_path: Path, folder: Path, wrong: dict[str, str]) -> None:
    assert _started(tmp_path, folder / "start.sh", "vllm", "ray", "serve", **wrong) == (2, [])


def test_ray_is_started_on_this_machine_without_statistics_and_with_the_commit_written_in(tmp_path: Path) -> None:
    code, called = _started(tmp_path, RAY / "start.sh", "ray", "serve", "curl", MODEL_REVISION=COMMIT)
    assert code == 0
    head, deploy, asked = called
    assert asked["argv"][-1] == "http://127.0.0.1:8000/v1/models"
    assert {"--head", "--disable-usage-stats", "--dashboard-host=127.0.0.1"} <= set(head["argv"])
    assert "--node-ip-address=127.0.0.1" in head["argv"]
    for one in called:
        assert one["environment"]["RAY_USAGE_STATS_ENABLED"] == "0"
        assert one["environment"]["VLLM_API_KEY"] == "clef-du-site"
        assert "clef-du-site" not in " ".join(one["argv"]) + "".join(one["made"])
    (made,) = deploy["made"]
    (model,) = yaml.safe_load(made)["applications"][0]["args"]["llm_configs"]
    assert model["engine_kwargs"]["revision"] == model["engine_kwargs"]["tokenizer_revision"] == COMMIT


def test_ray_s_configuration_has_the_fields_that_are_documented_and_listens_on_this_machine() -> None:
    config = _yaml(RAY / "serve_config.yaml")
    assert set(config) <= {"proxy_location", "http_options", "grpc_options", "logging_config", "applications"}
    assert config["http_options"]["host"] == "127.0.0.1"
    assert config["logging_config"]["enable_access_log"] is False
    (application,) = config["applications"]
    assert application["import_path"] == "ray.serve.llm:build_openai_app"
    (model,) = application["args"]["llm_configs"]
    assert set(model) <= LLM_FIELDS
    assert {name.replace("_", "-") for name in model["engine_kwargs"]} - {"revision", "tokenizer-revision"} <= set(
        SERVE_OPTIONS
    )
    assert model["runtime_env"]["env_vars"]["VLLM_NO_USAGE_STATS"] == "1"


@pytest.mark.parametrize(("status", "code"), [(401, 0), (200, 1)])
def test_a_model_that_answers_without_its_key_is_found_out(status: int, code: int) -> None:
    def answer(ask: Ask) -> None:
        ask.head(status, length=0)

    with Hub(answer) as site:
        done = subprocess.run(["/bin/sh", str(RAY / "check_key.sh"), site.base], check=False, capture_output=True)
        assert [ask.path for ask in site.asked] == ["/v1/models"]
    assert done.returncode == code
