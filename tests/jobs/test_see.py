"""Models that see on the road: asked by a server or in the worker, blended, phrased, checked; servers that go away."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from curate.weights import sha256
from jobs import explain
from jobs.recipe import Recipe, build
from jobs.session import Session, job_names, open_session
from jobs.show import JsonLines
from tests.rate.clips import made
from tests.servers.vllm import VllmServer, serving

pytestmark = [pytest.mark.integration, pytest.mark.vllm, pytest.mark.timeout(1800)]

BEFORE = ["fetch", "scan", "split", "score", "listen", "read"]
BRIEF = {"sampling": {"max_tokens": 600}, "bounds": {"items": 0, "chars": 20}, "children": 1}
SMALL = {"max_pixels": 32 * 32 * 4, "min_pixels": 32 * 32, "max_frames": 8}


def server(url: str, **more: object) -> dict[str, Any]:
    return {"server": {"model": "tiny", "revision": "noise", "urls": [url], **more}}


def recipe(model: dict[str, Any], phrase: dict[str, Any] | None = None) -> Recipe:
    see = {"profile": "qwen3-vl-2b", "model": model, "sight": SMALL, **BRIEF}
    caption = {"phrase": {"model": phrase, "sampling": {"max_tokens": 600}}} if phrase else {}
    return build({"see": see, "caption": caption, "resources": {"workers": 2}})


def session(folder: Path, chosen: Recipe, engine: str) -> Session:
    opened = open_session(str(folder / "lake"), chosen, engine, JsonLines())
    for name, colour in (("red", (200, 30, 30)), ("blue", (30, 30, 200))):
        if not (folder / f"{name}.avi").exists():
            opened.add([str(made(folder / f"{name}.avi", colour))])
    return opened


def counts(opened: Session) -> dict[str, tuple[int, int, int]]:
    return {one.job: (one.done, one.failed, one.blocked) for one in opened.progress}


def rows(opened: Session, table: str) -> list[dict[str, Any]]:
    return opened.snapshot.payload(table).collect().to_dicts()


def test_only_a_recipe_that_names_a_model_asks_one() -> None:
    assert {"see", "hear"} & set(job_names(Recipe())) == set()
    assert "see" in job_names(recipe(server("http://127.0.0.1:1/v1")))


def test_clips_are_shown_to_a_server_blended_phrased_and_checked(tmp_path: Path, vllm_server: VllmServer) -> None:
    model = server(vllm_server.url)
    opened = session(tmp_path, recipe(model, model), "inline")
    opened.run([*BEFORE, "see", "caption", "check"])
    assert counts(opened)["see"] == counts(opened)["caption"] == counts(opened)["check"] == (2, 0, 0)
    views, captions = rows(opened, "views"), rows(opened, "captions")
    assert sorted(view["clip_id"] for view in views) == sorted(clip["clip_id"] for clip in rows(opened, "clips"))
    for view in views:
        assert json.loads(view["record"])["start_us"] == 0
        assert view["tokens_in"] > 0 and view["windows"][0]["facts"] and view["model"] == "tiny"
    assert {caption["captioner"] for caption in captions} == {"blend"}
    assert all(caption["phrasing"]["model"] == "tiny" and caption["dense"] for caption in captions)

    again = open_session(str(tmp_path / "lake"), recipe(model, model), "inline", JsonLines())
    again.run(["see", "caption"])
    assert counts(again) == {"see": (0, 0, 0), "caption": (0, 0, 0)}
    out = Console(width=200, record=True)
    explain.show(again.snapshot, views[0]["clip_id"], out)
    assert "asked tiny (qwen3-vl-2b, prompt see.v1): 1 window(s)" in out.export_text()


def test_a_server_that_is_away_costs_nothing_but_time(tmp_path: Path, vllm_server: VllmServer) -> None:
    away = session(tmp_path, recipe(server("http://127.0.0.1:9/v1", patience_s=0.5)), "inline")
    away.run([*BEFORE, "see", "caption"])
    assert counts(away)["see"] == (2, 2, 0)
    assert counts(away)["caption"] == (0, 0, 2)  # no caption of a clip that the model did not see
    failed = away.lake.scan("views").filter(pl.col("failure").is_not_null()).collect()
    assert set(failed["failure"].struct.field("kind")) == {"unreachable"}

    back = session(tmp_path, recipe(server(vllm_server.url)), "inline")
    back.run(["see", "caption"])
    assert counts(back) == {"see": (2, 0, 0), "caption": (2, 0, 0)}
    assert len(rows(back, "views")) == len(rows(back, "captions")) == 2


@pytest.mark.filterwarnings("default")
def test_clips_are_shown_to_vllm_in_the_worker(tmp_path: Path, tiny_vlm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
    model = {"model": str(tiny_vlm), "sha256": sha256(tiny_vlm), "max_model_len": 4096, "max_num_seqs": 4,
             "images": 16, "enforce_eager": True}  # fmt: skip
    chosen = recipe({"vllm": model})
    session(tmp_path, chosen, "inline").run(BEFORE)
    opened = session(tmp_path, chosen, "ray")
    try:
        opened.run(["see"])
    finally:
        opened.engine.close()  # type: ignore[attr-defined]  it is Ray
    told = session(tmp_path, chosen, "inline")
    told.run(["caption"])
    assert (counts(opened)["see"], counts(told)["caption"]) == ((2, 0, 0), (2, 0, 0))
    assert {view["engine"] for view in rows(opened, "views")} == {"vllm"}


def test_the_sound_of_a_clip_is_heard_by_a_server(
    tmp_path: Path, media: Path, vllm_python: Path, tiny_omni: Path
) -> None:
    limits = ("--limit-mm-per-prompt", json.dumps({"audio": 1, "image": 1, "video": 1}))
    with serving(vllm_python, tiny_omni, tmp_path / "log", *limits) as heard:
        hear = {"model": server(heard.url), "window_s": 10.0, **BRIEF}
        opened = open_session(str(tmp_path / "lake"), build({"hear": hear}), "inline", JsonLines())
        opened.add([str(media / "good" / "bbb_240p_5s.mp4"), str(made(tmp_path / "silent.avi", (9, 9, 200)))])
        opened.run([*BEFORE, "hear", "caption"])
    clips = len(rows(opened, "clips"))
    assert counts(opened)["hear"] == counts(opened)["caption"] == (clips, 0, 0)
    hearings = rows(opened, "hearings")
    assert 0 < len(hearings) < clips  # nothing is asked of the clip without sound
    assert all(window["heard"] and window["width"] is None for hearing in hearings for window in hearing["windows"])
    assert {caption["captioner"] for caption in rows(opened, "captions")} == {"blend", "measured"}
