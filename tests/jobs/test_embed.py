"""A text encoder on the road: workers of their own environment, a plan, and a loader that gives the embeddings."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from captioners.render import renderer, stored
from curate.encode.stored import restored
from curate.errors import RecipeError
from curate.reader import Lake, Loader
from curate.weights import sha256
from jobs.cli import main
from jobs.evict import Choice, evict
from jobs.recipe import Recipe, build
from jobs.road import road
from jobs.session import Session, open_session
from jobs.show import JsonLines
from tests.encode.clips import film
from tests.encode.conftest import tiny_texts as tiny_texts  # noqa: PLC0414  a fixture

CORE = ["fetch", "scan", "split", "score", "listen", "read", "caption", "check", "encode", "pick"]
MODELS = {"name": "t5", "sha256": "0" * 64, "folder": "/models/t5"}


def data(model: dict[str, Any], **plan: Any) -> dict[str, Any]:
    embed = {"model": {**model, "max_tokens": 24}, "formats": {"dense": "ltx2"}}
    shares = [{"variant": name, "share": 0.25} for name in ("dense", "medium", "short", "none")]
    return {
        "embed": embed, "pick": {"statuses": ["pass", "flagged"]},
        "plan": {"text_encoder": "t5", "epochs": 64, "samples_per_step": 1, "shares": shares, **plan},
        "encode": {"sizes": [[32, 64]]}, "resources": {"workers": 1},
    }  # fmt: skip


def test_each_generation_of_captions_is_embedded() -> None:
    jobs = [job for job in road(build(data(MODELS))) if job.name == "embed"]
    assert [job.label for job in jobs] == ["embed", "embed (reviews)"]
    assert {job.environment for job in jobs} == {"models"}
    assert not [job for job in road(Recipe()) if job.name == "embed"]


def test_a_plan_of_what_nothing_embeds_is_a_mistake_of_the_recipe() -> None:
    with pytest.raises(RecipeError, match=r"embeds captions by 't5'; it has no table \[embed\]"):
        build({"plan": {"text_encoder": "t5"}})
    with pytest.raises(RecipeError, match=r"embeds captions by 'clip'; \[embed\] has 't5'"):
        build(data(MODELS, text_encoder="clip"))
    strange = data(MODELS)
    strange["embed"]["formats"] = {"dense": "ltx3"}
    with pytest.raises(RecipeError, match="no rendering is called 'ltx3'"):
        build(strange)
    fewer = data(MODELS)
    fewer["embed"] |= {"variants": ["dense", "none"]}
    with pytest.raises(RecipeError, match=r"embed.variants has no 'medium'(.|\n)*embed.variants has no 'short'"):
        build(fewer)


def session(folder: Path, chosen: Recipe, engine: str) -> Session:
    opened = open_session(str(folder / "lake"), chosen, engine, JsonLines())
    if not (folder / "film.mkv").exists():
        opened.add([str(film(folder / "film.mkv", 1.5))])
    return opened


def run(folder: Path, chosen: Recipe, jobs: list[str]) -> None:
    opened = session(folder, chosen, "ray")
    opened.run(jobs)


@pytest.mark.models
@pytest.mark.integration
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("default")  # Ray warns of itself
@pytest.mark.usefixtures("one_ray")
def test_a_trainer_gets_what_its_text_encoder_reads(
    tmp_path: Path, tiny_texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tiny_texts / "t5"
    given = data({"name": "t5", "sha256": sha256(folder), "folder": str(folder)})
    chosen = build(given)
    session(tmp_path, chosen, "inline").run(CORE)
    run(tmp_path, chosen, ["embed", "plan"])
    lake = session(tmp_path, chosen, "inline").lake
    rows = {row["variant"]: row for row in lake.scan("embeddings").collect().to_dicts()}
    assert set(rows) == {"dense", "medium", "short", "tags", "none"}
    assert rows["dense"]["truncated"] > 0
    texts = {"dense": stored(renderer("ltx2"))}
    first = list(Loader(Lake(lake.uri), text_encoder="t5", texts=texts))
    seen = {}
    for batch in first:
        row = rows[batch.variants[0]]
        body = lake.blobs.read(row["blob"]["shard"], row["blob"]["offset"], row["blob"]["length"])
        assert np.array_equal(batch.text_embeddings[0], restored(body, row["dtype"], tuple(row["shape"])))
        seen[batch.variants[0]] = batch.captions[0]
    assert {"dense", "none"} <= set(seen)
    _shown(tmp_path, given, capsys)
    evict(lake, Choice("embeddings", encoder="t5"))
    run(tmp_path, chosen, ["embed", "pick", "plan"])
    again = list(Loader(Lake(lake.uri)))
    assert [one.text_embeddings.tobytes() for one in again] == [one.text_embeddings.tobytes() for one in first]
    kept = lake.scan("embeddings").filter(pl.col("blob").is_not_null()).collect()
    assert sorted(kept["variant"]) == ["dense", "medium", "none", "short", "tags"]


def _shown(folder: Path, given: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """What was cut off is told by `status` and `explain`."""
    recipe = folder / "recipe.json.toml"
    model = given["embed"]["model"]
    lines = [
        "[embed]",
        'formats = {dense = "ltx2"}',
        f"model = {{{', '.join(f'{k} = {json.dumps(v)}' for k, v in model.items())}}}",
    ]
    recipe.write_text("\n".join(lines))
    capsys.readouterr()
    asked = ["--lake", str(folder / "lake"), "--recipe", str(recipe)]
    for command in (["status", *asked], ["explain", str(folder / "film.mkv"), *asked]):
        with pytest.raises(SystemExit):
            main(command)
        assert "cut off" in capsys.readouterr().out
