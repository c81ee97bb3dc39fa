"""LiteLLM's own routing strategies, as objects with their in-memory cache, asked over standard input.

Run by an interpreter that has LiteLLM; nothing of ours is imported. One line of JSON asks, one answers:

    ["deployments", [{"id", "weight", "price"}, ...]]       what there is
    ["choose", group, [id, ...], now_s]                      -> [id or null, seconds it took]
    ["began", group, id, now_s]
    ["ended", group, id, now_s, {"served", "timed_out", "first_s", "whole_s", "prompt_tokens", "answer_tokens"}]

Minutes are those of the simulation: the modules' clock is replaced. Tokens of a request are not counted by its
tokenizer, which would cost more than choosing. `began` and `ended` answer nothing.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import sys
import time
from importlib import import_module
from typing import Any

EPOCH = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


class Clock(dt.datetime):
    """The simulation's time, for modules that ask `datetime.now()`."""

    at_s = 0.0

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Clock:
        del tz
        moment = EPOCH + dt.timedelta(seconds=cls.at_s)
        return cls(*moment.timetuple()[:6], tzinfo=dt.UTC)


class Worker:
    """One strategy."""

    def __init__(self, strategy: str) -> None:
        self.litellm = import_module("litellm")
        self.shuffle = import_module("litellm.router_strategy.simple_shuffle").simple_shuffle
        self.strategy = strategy
        busy, latency, cost, usage = (
            import_module(f"litellm.router_strategy.{name}")
            for name in ("least_busy", "lowest_latency", "lowest_cost", "lowest_tpm_rpm_v2")
        )
        for module in (cost, latency):
            vars(module).update(datetime=Clock, token_counter=nought)
        vars(usage).update(get_utc_datetime=Clock.now, token_counter=nought)
        made: dict[str, Any] = {
            "least-busy": busy.LeastBusyLoggingHandler,
            "latency-based-routing": latency.LowestLatencyLoggingHandler,
            "cost-based-routing": cost.LowestCostLoggingHandler,
            "usage-based-routing-v2": usage.LowestTPMLoggingHandler_v2,
        }
        cache = import_module("litellm.caching.caching").DualCache()
        self.handler: Any = made[strategy](cache) if strategy in made else None
        self.known: dict[str, dict[str, Any]] = {}

    def deployments(self, given: list[dict[str, Any]]) -> None:
        for one in given:
            params = {"model": one["model"], "api_base": one["id"]}
            if self.strategy == "simple-shuffle":
                params["weight"] = one["weight"]
            if one["price"] is not None:
                params["input_cost_per_token"] = params["output_cost_per_token"] = one["price"]
            self.known[one["id"]] = {
                "model_name": one["model"],
                "litellm_params": params,
                "model_info": {"id": one["id"]},
            }

    async def choose(self, group: str, ids: list[str], now_s: float) -> list[Any]:
        Clock.at_s = now_s
        healthy = [self.known[one] for one in ids]
        began = time.process_time_ns()
        if self.handler is None:
            chosen = self.shuffle(lambda _: None, healthy, group, None)
        elif self.strategy == "least-busy":
            chosen = await self.handler.async_get_available_deployments(group, healthy)
        elif self.strategy == "usage-based-routing-v2":
            chosen = await self.handler.async_get_available_deployments(group, healthy, messages=[])
        else:
            chosen = await self.handler.async_get_available_deployments(
                group, healthy, messages=[], request_kwargs={"stream": True, "metadata": {}}
            )
        took_s = (time.process_time_ns() - began) / 1e9
        return [None if chosen is None else chosen["model_info"]["id"], took_s]

    async def began(self, group: str, name: str, now_s: float) -> None:
        Clock.at_s = now_s
        if self.strategy == "least-busy":
            self.handler.log_pre_api_call("", [], self._kwargs(group, name))
        elif self.strategy == "usage-based-routing-v2":
            await self.handler.async_pre_call_check(self.known[name], None)

    async def ended(self, group: str, name: str, now_s: float, told: dict[str, Any]) -> None:
        Clock.at_s = now_s
        if self.handler is None:
            return
        kwargs, end = self._kwargs(group, name), Clock.now()
        start = end - dt.timedelta(seconds=told["whole_s"])
        kwargs["stream"] = True
        kwargs["completion_start_time"] = start + dt.timedelta(seconds=told["first_s"])
        if not told["served"]:
            if told["timed_out"]:
                kwargs["exception"] = self.litellm.Timeout(message="", model="", llm_provider="")
            await self.handler.async_log_failure_event(kwargs, None, start, end)
            return
        usage = self.litellm.Usage(
            prompt_tokens=told["prompt_tokens"],
            completion_tokens=told["answer_tokens"],
            total_tokens=told["prompt_tokens"] + told["answer_tokens"],
        )
        kwargs["standard_logging_object"] = {
            "model_group": group,
            "hidden_params": {"litellm_model_name": self.known[name]["litellm_params"]["model"]},
            "model_id": name,
            "total_tokens": usage.total_tokens,
        }
        answer = self.litellm.ModelResponse(usage=usage)
        await self.handler.async_log_success_event(kwargs, answer, start, end)

    def _kwargs(self, group: str, name: str) -> dict[str, Any]:
        return {"litellm_params": {"metadata": {"model_group": group}, "model_info": {"id": name}}}


def nought(*_: object, **__: object) -> int:
    return 0


async def main() -> None:
    worker = Worker(sys.argv[1])
    random.seed(int(sys.argv[2]))
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        if verb == "deployments":
            worker.deployments(*arguments)
        elif verb == "choose":
            print(json.dumps(await worker.choose(*arguments)), flush=True)
        elif verb == "began":
            await worker.began(*arguments)
        elif verb == "ended":
            await worker.ended(*arguments)
        else:
            raise ValueError(verb)


if __name__ == "__main__":
    asyncio.run(main())
