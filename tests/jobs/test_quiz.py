"""One who sees asks, a model reads, a witness judges: on the road, by a server, and only where a recipe says so."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from curate.errors import RecipeError
from curate.storage.lake import open_lake
from jobs import explain
from jobs.job import Job
from jobs.pending import pending
from jobs.recipe import Recipe, build
from jobs.road import road
from jobs.session import Session, job_names, open_session
from jobs.show import JsonLines
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Failure, Trace
from tests.jobs.test_see import BEFORE, SMALL, counts, rows, server
from tests.jobs.test_verdicts import captioned, put
from tests.rate.clips import made
from tests.servers.vllm import VllmServer

STILLS = 4  # of three in four or so, noise writes something
FEW = {"sampling": {"max_tokens": 1500}, "children": 1}


def recipe(url: str, **more: Any) -> Recipe:
    seeing = {"profile": "qwen3-vl-2b", "model": server(url), "sight": SMALL, **FEW}
    return build(
        {
            "see": {**seeing, "bounds": {"items": 1, "chars": 20}, "sampling": {"max_tokens": 1500}},
            "quiz": {**seeing, "most": 1, "times": 2, "asked_together": 4, "most_tool_questions": 4},
            "witness": seeing,
            "check": {"reader": {"model": server(url), "sampling": {"max_tokens": 600}}},
            "resources": {"workers": 2},
            **more,
        }
    )


def first(chosen: Recipe) -> dict[str, Job]:
    """The jobs of a recipe by name; of those that are over captions of several kinds, the first."""
    return {job.name: job for job in reversed(road(chosen))}


def test_only_a_recipe_that_says_so_has_a_quiz_or_a_witness() -> None:
    assert {"quiz", "witness"} & set(job_names(Recipe())) == set()
    names = job_names(recipe("http://127.0.0.1:1/v1"))
    assert names.index("quiz") < names.index("caption") < names.index("witness") < names.index("check")


def test_captions_do_not_depend_on_a_quiz_and_verdicts_do() -> None:
    bare, asked = Recipe(), recipe("http://127.0.0.1:1/v1", see=None)
    own, other = (first(one) for one in (asked, bare))
    assert own["caption"].fingerprint == other["caption"].fingerprint
    unread = first(recipe("http://127.0.0.1:1/v1", see=None, check={}))
    assert len({one["check"].fingerprint for one in (own, other, unread)}) == 3


def test_the_key_reaches_the_servers_of_all_who_are_asked() -> None:
    jobs = road(recipe("http://127.0.0.1:1/v1"), model_key="secret")
    stages = {job.name: job.stage for job in reversed(jobs)}
    assert {stages[name].model.server.api_key for name in ("see", "quiz", "witness")} == {"secret"}
    assert stages["check"].reader.model.server.api_key == "secret"
    assert [job.fingerprint for job in jobs] == [job.fingerprint for job in road(recipe("http://127.0.0.1:1/v1"))]


def test_a_quiz_asks_by_the_rules_of_the_check() -> None:
    with pytest.raises(RecipeError, match=r"quiz\.rules: other than check\.rules"):
        recipe("http://127.0.0.1:1/v1", check={"rules": {"time_s": 0.3}}, witness=None)


def session(folder: Path, chosen: Recipe) -> Session:
    opened = open_session(str(folder / "lake"), chosen, "inline", JsonLines())
    for name, colour in (("red", (200, 30, 30)), ("blue", (30, 30, 200))):
        if not (folder / f"{name}.avi").exists():
            opened.add([str(made(folder / f"{name}.avi", colour))])
    return opened


def test_a_check_waits_for_the_quiz_of_the_clip(tmp_path: Path) -> None:
    """Of two captions, that of the clip which has been asked about can be tested."""
    lake = open_lake(str(tmp_path), {})
    lake.create()
    job = first(recipe("http://127.0.0.1:1/v1", witness=None))["check"]
    captions = [captioned(index, None) for index in range(2)]
    put(lake, "captions", job.reads["captions"], captions)
    traces = to_table(Trace, [
        Trace(captions[0].clip_id, 0, 0, None, 1, job.reads["questions"], "run", 0),
        Trace(captions[1].clip_id, 0, 0, Failure("bad_answer", "no"), 1, job.reads["questions"], "run", 0),
    ])  # fmt: skip
    lake.append_table("questions", pa.table({
        field.name: traces[field.name] if field.name in traces.column_names else pa.nulls(2, field.type)
        for field in TABLES["questions"].schema
    }, schema=TABLES["questions"].schema))  # fmt: skip
    found = pending(lake, job, 3)
    assert (found.todo["id"].to_list(), found.blocked) == ([captions[0].caption_id], 1)


@pytest.mark.integration
@pytest.mark.vllm
@pytest.mark.timeout(1800)
def test_a_server_asks_reads_and_judges(tmp_path: Path, vllm_server: VllmServer) -> None:
    opened = session(tmp_path, recipe(vllm_server.url))
    opened.run([*BEFORE, "see", "quiz", "caption", "witness", "check"])
    assert {name: counts(opened)[name] for name in ("quiz", "caption", "witness", "check")} == {
        name: (2, 0, 0) for name in ("quiz", "caption", "witness", "check")
    }
    asked = rows(opened, "questions")
    assert {row["clip_id"] for row in asked} == {clip["clip_id"] for clip in rows(opened, "clips")}
    assert {len(row["sittings"]) for row in asked if row["asker"] == "model"} <= {2}
    assert {len(row["sittings"]) for row in asked if row["asker"] == "tools"} == {1}
    assert all(row["model"] == "tiny" and json.loads(row["sampling"]) for row in asked)
    for said in rows(opened, "testimonies"):
        assert said["tokens_in"] > 0 or not said["findings"]
    verdicts = rows(opened, "verdicts")
    assert len(verdicts) == 2
    assert all(sum(axis["seen"] for axis in verdict["axes"]) > 0 for verdict in verdicts)

    again = session(tmp_path, recipe(vllm_server.url))
    again.run(["quiz", "witness", "check"])
    assert set(counts(again).values()) == {(0, 0, 0)}


@pytest.mark.integration
@pytest.mark.vllm
@pytest.mark.timeout(1800)
def test_what_a_model_writes_of_a_picture_is_asked_again_and_read(tmp_path: Path, vllm_server: VllmServer) -> None:
    """Noise has no times that are right, and a picture has none: what it writes of that are questions, now and then."""
    for n in range(STILLS):
        noise = np.random.default_rng(n).integers(0, 255, (48, 64, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"still{n}.png"), noise)
    drawn = {"sampling": {"max_tokens": 3000, "temperature": 1.0}}
    quiz = {"profile": "qwen3-vl-2b", "model": server(vllm_server.url), "sight": SMALL, "most": 2, **FEW, **drawn}
    opened = open_session(str(tmp_path / "lake"), recipe(vllm_server.url, see=None, quiz=quiz), "inline", JsonLines())
    opened.add([str(tmp_path)])
    opened.run([*BEFORE, "quiz", "caption", "witness", "check"])
    assert counts(opened)["quiz"] == counts(opened)["check"] == (STILLS, 0, 0)
    written = [row for row in rows(opened, "questions") if row["asker"] == "model"]
    assert written and all(len(row["sittings"]) == 3 for row in written)
    of = written[0]["clip_id"]
    stable = [row["stable"] for row in written if row["clip_id"] == of]
    (verdict,) = [row for row in rows(opened, "verdicts") if row["clip_id"] == of]
    assert sum(axis["seen"] for axis in verdict["axes"]) >= sum(stable)
    out = Console(width=300, record=True)
    explain.show(opened.snapshot, of, out)
    assert f"quiz by tiny: {len(stable)} question(s), {sum(stable)} of them stable" in out.export_text()


@pytest.mark.integration
@pytest.mark.vllm
@pytest.mark.timeout(1800)
def test_a_check_waits_for_those_who_see(tmp_path: Path, vllm_server: VllmServer) -> None:
    """Of a clip that nobody could ask about, and a caption that nobody could judge, there is no verdict yet."""
    away = {"model": server("http://127.0.0.1:9/v1", patience_s=0.5), "profile": "qwen3-vl-2b", "sight": SMALL, **FEW}
    chosen = recipe(vllm_server.url, see=None, quiz=away)
    opened = session(tmp_path, chosen)
    opened.run([*BEFORE, "quiz", "caption", "witness", "check"])
    assert counts(opened)["quiz"] == (2, 2, 0) and counts(opened)["caption"] == (2, 0, 0)
    assert counts(opened)["check"] == (0, 0, 2)
    healed = session(tmp_path, recipe(vllm_server.url, see=None, quiz={**away, "model": server(vllm_server.url)}))
    healed.run(["quiz", "check"])
    assert (counts(healed)["quiz"], counts(healed)["check"]) == ((2, 0, 0), (2, 0, 0))
