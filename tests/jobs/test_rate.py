"""Raters on the road: workers in an environment of their own, what is said without it, and a cut that asks for them."""

import sys
from pathlib import Path

import polars as pl
import pytest

from curate.errors import UsageError
from curate.weights import sha256
from jobs.interpreter import interpreter
from jobs.recipe import Recipe, build
from jobs.session import Session, job_names, open_session
from jobs.show import JsonLines
from tests.rate.clips import made
from tests.rate.conftest import tiny_models as tiny_models  # noqa: PLC0414  a fixture

pytestmark = [pytest.mark.integration]


def recipe(model: Path, weights: str, **resources: object) -> Recipe:
    rater = {"kind": "nsfw", "model": str(model), "sha256": weights, "labels": ["bare", "worse"]}
    bound = {"metric": "nsfw", "at_most": 0.0}
    return build({"rate": {"raters": [rater]}, "pick": {"bounds": [bound]}, "resources": resources})


def session(folder: Path, chosen: Recipe, engine: str) -> Session:
    made(folder / "red.avi", (200, 30, 30))
    opened = open_session(str(folder / "lake"), chosen, engine, JsonLines())
    opened.add([str(folder / "red.avi")])
    return opened


def test_a_recipe_without_raters_has_no_such_job() -> None:
    assert "rate" not in job_names(Recipe())
    assert "rate" in job_names(recipe(Path("/model"), "a" * 64))


@pytest.mark.parametrize(
    ("engine", "message"), [("inline", "use the engine ray"), ("ray", "resources.environments.models of the recipe")]
)
def test_a_missing_environment_is_said_before_any_work(tmp_path: Path, engine: str, message: str) -> None:
    chosen = recipe(Path("/model"), "a" * 64, environments={"models": str(tmp_path / "nowhere")})
    opened = session(tmp_path, chosen, engine)
    with pytest.raises(UsageError, match=message):
        opened.run(["fetch", "rate"])
    assert opened.lake.scan("media").collect().is_empty()


def test_an_environment_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """This Python itself stands for one: it has no torch."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    with pytest.raises(UsageError, match="does not"):
        interpreter("models", {"models": str(tmp_path)})


@pytest.mark.models
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("default")
def test_clips_are_rated_there_and_a_cut_reads_the_ratings(tmp_path: Path, tiny_models: Path) -> None:
    model = tiny_models / "classifier"
    opened = session(tmp_path, recipe(model, sha256(model)), "ray")
    try:
        opened.run(["fetch", "scan", "split", "score", "rate", "pick"])
    finally:
        opened.engine.close()  # type: ignore[attr-defined]  it is Ray
    assert {one.job: (one.done, one.failed) for one in opened.progress}["rate"] == (1, 0)
    [rating] = opened.lake.scan("ratings").filter(pl.col("outputs") > 0).collect().to_dicts()
    assert rating["metric"] == "nsfw"
    assert 0 < rating["value"] < 1
    [clip] = opened.lake.scan("picks").collect().to_dicts()
    assert "nsfw > 0" in clip["reasons"]
