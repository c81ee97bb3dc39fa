"""What engines answer, read: as they document it, and as a stranger might."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bouclier.fleet.book_model import Probe
from bouclier.fleet.probes import Answered, Engine, questions, read_probe

MODELS = json.dumps(
    {"object": "list", "data": [{"id": "open-model-7b", "object": "model", "created": 1, "owned_by": "x"}]}
).encode()
VLLM_METRICS = b"""# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="open-model-7b"} 8.0
vllm:num_requests_running{engine="1",model_name="open-model-7b"} 4.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="open-model-7b"} 1.0
vllm:num_requests_waiting{engine="1",model_name="open-model-7b"} 2.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="open-model-7b",reason="capacity"} 1.0
vllm:kv_cache_usage_perc{engine="0",model_name="open-model-7b"} 0.25
"""
LLAMA_METRICS = b"""# HELP llamacpp:requests_processing Number of requests processing.
# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 2
# HELP llamacpp:requests_deferred Number of requests deferred.
# TYPE llamacpp:requests_deferred gauge
llamacpp:requests_deferred 5
"""
PROPS = json.dumps({"total_slots": 4, "model_path": "/m.gguf", "chat_template": "{{x}}", "is_sleeping": False}).encode()
OK = Answered(200, b'{"status":"ok"}')


def test_llama_cpp_says_its_slots_and_its_load() -> None:
    answers = [OK, Answered(200, PROPS), Answered(200, LLAMA_METRICS), Answered(200, MODELS)]
    assert read_probe(Engine.LLAMA_CPP, answers) == Probe(
        alive=True, slots=4, running=2, waiting=5, models=("open-model-7b",)
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
        b'{"status": "loading model"}',
    ],
)
def test_llama_cpp_that_loads_its_model_is_alive_and_not_ready(body: bytes) -> None:
    assert read_probe(Engine.LLAMA_CPP, [Answered(503, body)]) == Probe(alive=True, loading=True)


def test_llama_cpp_whose_metrics_are_off_and_whose_key_is_refused_is_alive_all_the_same() -> None:
    answers = [OK, Answered(401, b'{"error":{}}'), Answered(501, b""), Answered(0, code="timed-out")]
    assert read_probe(Engine.LLAMA_CPP, answers) == Probe(alive=True)


def test_the_prompts_in_llama_cpps_slots_are_never_asked_for() -> None:
    assert all("slots" not in path for path in questions(Engine.LLAMA_CPP))


def test_vllm_says_its_load_summed_over_its_engines() -> None:
    answers = [Answered(200, b""), Answered(200, VLLM_METRICS), Answered(200, MODELS)]
    assert read_probe(Engine.VLLM, answers) == Probe(alive=True, running=12, waiting=3, models=("open-model-7b",))


def test_vllm_whose_engine_died_is_not_alive() -> None:
    assert read_probe(Engine.VLLM, [Answered(503, b"")]) == Probe(alive=False, code="status-503")


def test_ollama_says_its_models() -> None:
    tags = json.dumps(
        {"models": [{"name": "open:7b", "model": "open:7b", "size": 1}, {"name": "b:1b", "model": "b:1b"}]}
    ).encode()
    answers = [Answered(200, b'{"version":"0.12.6"}'), Answered(200, tags)]
    assert read_probe(Engine.OLLAMA, answers) == Probe(alive=True, models=("b:1b", "open:7b"))


def test_any_other_says_its_models() -> None:
    assert read_probe(Engine.OPENAI, [Answered(200, MODELS)]) == Probe(alive=True, models=("open-model-7b",))


@pytest.mark.parametrize("status", [401, 403, 404, 405, 429, 501])
def test_somebody_who_will_not_say_is_somebody(status: int) -> None:
    assert read_probe(Engine.OPENAI, [Answered(status, MODELS)]) == Probe(alive=True)


@pytest.mark.parametrize("status", [301, 307, 500, 502, 503, 530])
def test_an_address_that_breaks_or_sends_elsewhere_is_nobody(status: int) -> None:
    for engine in Engine:
        assert read_probe(engine, [Answered(status, b"")]) == Probe(alive=False, code=f"status-{status}")


def test_what_did_not_answer_says_why() -> None:
    assert read_probe(Engine.VLLM, [Answered(0, code="timed-out")]) == Probe(alive=False, code="timed-out")


@pytest.mark.parametrize(
    "metrics",
    [
        b"vllm:num_requests_running NaN",
        b"vllm:num_requests_running -3",
        b"vllm:num_requests_running 1e9",
        b"vllm:num_requests_running 0.5",
        b"xvllm:num_requests_running 3",
        b"# vllm:num_requests_running 3",
        b'"vllm:num_requests_running 3"',
        b"vllm:num_requests_running 3 evil",
    ],
)
def test_numbers_that_are_not_counts_are_unknown(metrics: bytes) -> None:
    probe = read_probe(Engine.VLLM, [Answered(200), Answered(200, metrics)])
    assert probe == Probe(alive=True)


@pytest.mark.parametrize("slots", [0, -1, 10**9, "4", None, True])
def test_slots_that_cannot_be_are_unknown(slots: object) -> None:
    props = Answered(200, json.dumps({"total_slots": slots}).encode())
    assert read_probe(Engine.LLAMA_CPP, [OK, props]) == Probe(alive=True)


def test_a_label_that_looks_like_a_number_is_not_one() -> None:
    metrics = b'vllm:num_requests_running{model_name="m} 99"} 3\n'
    assert read_probe(Engine.VLLM, [Answered(200), Answered(200, metrics)]).running == 3


def test_a_crowd_of_models_or_a_huge_count_stays_within_bounds() -> None:
    many = json.dumps({"data": [{"id": f"m{number}"} for number in range(5_000)] + [{"id": "x" * 5_000}]}).encode()
    models = read_probe(Engine.OPENAI, [Answered(200, many)]).models
    assert models is not None
    assert len(models) <= 2_000
    metrics = b"vllm:num_requests_running{} 999999999999\n" * 50
    assert read_probe(Engine.VLLM, [Answered(200), Answered(200, metrics)]).running == 1_000_000


@given(
    engine=st.sampled_from(Engine),
    answers=st.lists(
        st.builds(
            Answered,
            st.sampled_from([0, 200, 404, 500, 503]),
            st.binary(max_size=200)
            | st.sampled_from([MODELS, PROPS, VLLM_METRICS, b"[" * 5_000, b'{"error":"x"}', b'{"data":[1]}', b"\xff"]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_whatever_comes_nothing_is_raised(engine: Engine, answers: list[Answered]) -> None:
    probe = read_probe(engine, answers)
    assert probe.alive == (probe.code == "")
    for number in (probe.slots, probe.running, probe.waiting):
        assert number is None or number >= 0
