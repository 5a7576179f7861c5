"""Jobs that ask models: where their workers run, what they may use, and what is said of it."""

import json
from typing import Any

import pytest

from captioners.asking.model import Model
from captioners.asking.server import Server
from captioners.asking.vllm import Vllm
from curate.errors import RecipeError
from jobs.environment import model_key
from jobs.recipe import build, render
from jobs.road import road

SERVED = {"server": {"model": "qwen", "revision": "1", "urls": ["http://a/v1", "http://b/v1"]}}
OWN = {"vllm": {"model": "/models/qwen", "sha256": "0" * 64}}


def seen(model: dict[str, Any], **resources: Any) -> dict[str, Any]:
    return {"see": {"model": model, "profile": "qwen3-vl-8b"}, "resources": resources}


def test_a_model_in_the_worker_has_its_environment_and_one_worker_or_gpus() -> None:
    jobs = {job.name: job for job in road(build(seen(OWN)))}
    assert (jobs["see"].environment, jobs["see"].workers, jobs["see"].gpus) == ("vllm", 1, 0)
    assert jobs["see"].concurrent_units > 1
    jobs = {job.name: job for job in road(build(seen(OWN, gpus={"see": 2})))}
    assert (jobs["see"].workers, jobs["see"].gpus) == (None, 2)
    assert jobs["scan"].gpus == 0


def test_a_model_behind_servers_is_asked_by_workers_of_the_core() -> None:
    jobs = {job.name: job for job in road(build(seen(SERVED)))}
    assert (jobs["see"].environment, jobs["see"].workers) == (None, None)


def test_gpus_of_a_job_that_is_not_there_are_refused() -> None:
    with pytest.raises(RecipeError, match="no job of this recipe is called 'sea'"):
        road(build(seen(SERVED, gpus={"sea": 1})))


def test_the_key_reaches_the_servers_and_nothing_else() -> None:
    recipe = build(seen(SERVED))
    bare, keyed = (
        next(job for job in road(recipe, model_key=key) if job.name == "see")
        for key in (None, model_key({"RETOLD_MODEL_KEY": "secret"}))
    )
    assert keyed.stage.model.server.api_key == "secret"
    assert bare.fingerprint == keyed.fingerprint
    assert "secret" not in repr(keyed) + json.dumps(render(recipe))


def test_where_a_model_runs_is_not_part_of_what_it_says() -> None:
    jobs = [
        {job.name: job.fingerprint for job in road(build(seen({"server": {**SERVED["server"], **more}})))}
        for more in ({}, {"urls": ["http://c/v1"], "at_once": 3}, {"revision": "2"})
    ]
    assert jobs[0] == jobs[1]
    assert jobs[0]["see"] != jobs[2]["see"]


def test_a_model_is_one_of_both() -> None:
    server, vllm = Server("a", "1"), Vllm("/models/b")
    for both_or_none in ({}, {"server": server, "vllm": vllm}):
        with pytest.raises(RecipeError, match="exactly one"):
            Model(**both_or_none)  # type: ignore[arg-type]
    assert (Model(server).name, Model(server).engine) == ("a", "server")
    assert (Model(vllm=vllm).name, Model(vllm=vllm).engine) == ("b", "vllm")
