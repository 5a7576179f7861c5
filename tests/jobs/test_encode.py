"""Encoders with weights on the road: workers of their own environment, a plan, and a loader that gives the latents."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from curate.encode.stored import restored
from curate.errors import RecipeError, UsageError
from curate.reader import Lake, Loader
from curate.weights import sha256
from jobs.recipe import Recipe, build
from jobs.session import Session, open_session
from jobs.show import JsonLines
from tests.encode.clips import film
from tests.encode.conftest import tiny_encoders as tiny_encoders  # noqa: PLC0414  a fixture

pytestmark = [pytest.mark.integration]

RANDOM = {"psnr_db": 0.0, "ssim": -1.0, "least_deviation": 0.0}  # random weights give nothing back
CORE = ["fetch", "scan", "split", "score", "listen", "read", "caption", "check"]


def recipe(encoders: Path, health: dict[str, float] | None = None, hashed: bool = True) -> Recipe:
    def model(name: str) -> dict[str, Any]:
        digest = sha256(encoders / name) if hashed else "0" * 64
        return {"folder": str(encoders / name), "sha256": digest, "stored": "bfloat16"}

    encode = {
        "picture": "wan-2.1", "sound": "encodec-24khz", "sizes": [[32, 64]], "decode_every": 1,
        "picture_model": model("wan-2.1"), "sound_model": model("encodec-24khz"), "health": health or {},
    }  # fmt: skip
    pick = {"encoder": "wan-2.1", "statuses": None}
    plan = {"picture_encoder": "wan-2.1", "sound_encoder": "encodec-24khz", "samples_per_step": 1}
    return build({"encode": encode, "pick": pick, "plan": plan, "resources": {"workers": 1}})


def session(folder: Path, chosen: Recipe, engine: str) -> Session:
    opened = open_session(str(folder / "lake"), chosen, engine, JsonLines())
    if not (folder / "film.mkv").exists():
        opened.add([str(film(folder / "film.mkv", 1.5))])
    return opened


def run(folder: Path, chosen: Recipe, jobs: list[str]) -> Session:
    opened = session(folder, chosen, "ray")
    opened.run(jobs)
    return opened


def test_it_wants_workers_that_have_torch(tmp_path: Path) -> None:
    opened = session(tmp_path, recipe(tmp_path, hashed=False), "inline")
    with pytest.raises(UsageError, match="use the engine ray"):
        opened.run(["fetch", "encode"])
    assert opened.lake.scan("media").collect().is_empty()


@pytest.mark.models
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("default")  # Ray warns of itself
@pytest.mark.usefixtures("one_ray")
def test_a_trainer_gets_the_latents_of_a_vae(tmp_path: Path, tiny_encoders: Path) -> None:
    chosen = recipe(tiny_encoders, RANDOM)
    session(tmp_path, chosen, "inline").run(CORE)
    opened = run(tmp_path, chosen, ["encode", "pick", "plan"])
    rows = opened.lake.scan("latents").filter(pl.col("outputs") > 0).collect().to_dicts()
    assert {(row["encoder"], row["dtype"]) for row in rows} == {("wan-2.1", "bfloat16"), ("encodec-24khz", "int16")}
    batches = list(Loader(Lake(str(tmp_path / "lake"))))
    assert len(batches) == 1
    [picture] = [row for row in rows if row["encoder"] == "wan-2.1"]
    [sound] = [row for row in rows if row["encoder"] == "encodec-24khz"]
    for row, given in ((picture, batches[0].latents[0]), (sound, batches[0].sound[0])):
        body = opened.lake.blobs.read(row["blob"]["shard"], row["blob"]["offset"], row["blob"]["length"])
        assert np.array_equal(given, restored(body, row["dtype"], tuple(row["shape"])))
    assert json.loads(picture["contract"])["encoder"]["weights_hash"] == sha256(tiny_encoders / "wan-2.1")


@pytest.mark.models
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("one_ray")
def test_a_sick_shard_stops_the_job_before_it_is_stored(tmp_path: Path, tiny_encoders: Path) -> None:
    chosen = recipe(tiny_encoders, {**RANDOM, "psnr_db": 60.0})
    session(tmp_path, chosen, "inline").run(["fetch", "scan", "split"])
    with pytest.raises(RecipeError, match=r"the shard of 1 clips, .*comes back with a PSNR of"):
        run(tmp_path, chosen, ["encode"])
    assert not list((tmp_path / "lake" / "latents").rglob("*.parquet"))
