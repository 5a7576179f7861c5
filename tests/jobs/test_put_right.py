"""Captions put right on the road: by a model that is asked again, by a person; what counts is what is trained on."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from captioners.seeing.answer import Answer, SeenOverlay
from curate.reader import Lake, Loader
from jobs import explain
from jobs.captions import captions_of
from jobs.counting import that_count
from jobs.job import Job
from jobs.recipe import Recipe, build
from jobs.road import road
from jobs.session import Session, open_session
from jobs.show import JsonLines
from jobs.status import status
from jobs.takedown import named, takedown
from schemas.caption import Caption, Judgement, Review
from tests.captioners.asking.scripted import Said, completed, serving, words
from tests.jobs.test_cli import retold
from tests.jobs.test_see import BEFORE, SMALL, rows, server
from tests.rate.clips import made

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

LIE = "There is an overlay: black bars on both sides from 0.00 s to 1.00 s."
SEEN = Answer(overlays=(SeenOverlay(description="black bars on both sides", start_s=0, end_s=1),)).model_dump_json()
NOTHING = {"can_tell": False, "so": None, "sentence": None, "start_s": None, "end_s": None, "sure": None}
ANSWERS = {
    "honest": {**NOTHING, "can_tell": True, "so": False},
    "silent": NOTHING,
    "liar": {**NOTHING, "can_tell": True, "so": False, "sentence": "The picture is very dark.", "start_s": 0.0,
             "end_s": 1.0, "sure": True},
    "blind": {**NOTHING, "can_tell": True, "so": True},
}  # fmt: skip


def script(body: dict[str, Any]) -> Said:
    """One who sees bars where there are none; asked again, what the name of the model says."""
    if body["model"] not in ANSWERS:
        return completed(SEEN)
    asked = re.findall(r"^(q\d+)\. Is all of this so: (.*?) \(so:", words(body), re.MULTILINE)
    assert [text for _, text in asked] == [LIE]
    return completed(json.dumps({name: ANSWERS[body["model"]] for name, _ in asked}), tokens=(70, 30))


@dataclass(frozen=True)
class World:
    """A lake of two films whose captions have been tested, and the server of the models."""

    folder: Path
    url: str

    def recipe(self, repair: str | None, **more: Any) -> Recipe:
        seeing = {"profile": "qwen3-vl-2b", "sight": SMALL, "children": 1}
        model = {"server": {"model": repair, "revision": "1", "urls": [self.url]}}
        mend = {"repair": {**seeing, "model": model}} if repair else {}
        plan = {"samples_per_step": 1, "multiple_of": 1, "shares": [{"variant": "dense", "share": 1.0}]}
        return build({"see": {**seeing, "model": server(self.url)}, "plan": plan, **mend, **more})

    def session(self, repair: str | None, **more: Any) -> Session:
        return open_session(str(self.folder / "lake"), self.recipe(repair, **more), "inline", JsonLines())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("put_right")
    with serving(script) as (replica,):
        found = World(folder, replica.url)
        opened = found.session(None)
        opened.add([str(made(folder / "red.avi", (200, 30, 30))), str(made(folder / "blue.avi", (30, 30, 200)))])
        opened.run([*BEFORE, "see", "caption", "check", "encode"])
        yield found


def done(opened: Session) -> dict[str, tuple[int, int, int]]:
    """Of each job: what it worked on, what it gave, what failed."""
    return {one.job: (one.done, one.rows_out, one.failed) for one in opened.progress}


def statuses(opened: Session) -> list[str]:
    return sorted(opened.snapshot.all_payload("verdicts").collect()["status"])


def reasons(opened: Session) -> list[str | None]:
    newest = opened.lake.scan("picks").filter(pl.col("made_us") == pl.col("made_us").max()).sort("clip_id").collect()
    return newest["reason"].to_list()


def job(opened: Session, label: str) -> Job:
    return next(one for one in opened.road if one.label == label)


def test_a_repair_that_is_so_passes_and_is_what_counts(world: World) -> None:
    opened = world.session("honest")
    opened.run(["repair", "check", "pick"])
    assert done(opened)["repair"] == (2, 2, 0) and done(opened)["check (repairs)"] == (2, 2, 0)
    assert statuses(opened) == ["flagged", "flagged", "repaired", "repaired"]
    assert reasons(opened) == [None, None]
    told = opened.snapshot.all_payload("captions").collect().to_dicts()
    first, fixed = ([one for one in told if one["captioner"] == who] for who in ("blend", "blend+repair"))
    assert {one["parent"] for one in fixed} == {one["caption_id"] for one in first}
    assert {(one["model"], one["tokens_in"], one["tokens_out"]) for one in fixed} == {("honest", 70, 30)}
    assert all(LIE in one["dense"] for one in first) and not any("overlay" in one["dense"] for one in fixed)
    shown = {caption_id for caption_id, *_ in captions_of(opened.snapshot, None)}
    assert shown == {one["caption_id"] for one in fixed}
    out = Console(width=200, record=True)
    explain.show(opened.snapshot, fixed[0]["clip_id"], out)
    page = out.export_text()
    assert "caption (blend, superseded)" in page and "caption (blend+repair)" in page
    assert "verdict of blend flagged" in page and "verdict of blend+repair repaired" in page

    again = world.session("honest")
    again.run(["caption", "repair", "check", "revise", "pick"])
    assert all(work == (0, 0, 0) for work in done(again).values()), done(again)
    standing = {one.job: (one.done, one.pending, one.rows) for one in status(again.snapshot, again.recipe)}
    assert standing["check (repairs)"] == standing["repair"] == standing["check"] == (2, 0, 2)


@pytest.mark.parametrize(("repair", "gave", "after"), [
    ("silent", 0, ["flagged"] * 2), ("blind", 0, ["flagged"] * 2), ("liar", 2, ["flagged"] * 4),
])  # fmt: skip
def test_who_cannot_tell_changes_nothing_and_who_lies_stays_flagged(
    world: World, repair: str, gave: int, after: list[str]
) -> None:
    opened = world.session(repair)
    opened.run(["repair", "check", "pick"])
    assert done(opened)["repair"] == (2, gave, 0) and statuses(opened) == after
    assert reasons(opened) == ["caption is not pass or repaired or reviewed"] * 2
    assert set(that_count(opened.snapshot, "captions").collect()["captioner"]) == {"blend"}


def test_a_key_reaches_the_servers_and_names_are_told_apart(world: World) -> None:
    jobs = road(world.recipe("honest"), model_key="secret")
    (repair,) = (one for one in jobs if one.name == "repair")
    assert repair.stage.model.server.api_key == "secret"  # type: ignore[attr-defined]
    labels = [one.label for one in jobs]
    assert labels[-7:] == ["caption", "check", "repair", "check (repairs)", "revise", "check (reviews)", "encode"]
    assert len({one.fingerprint for one in jobs}) == len(jobs)


def review(before: Caption, number: int, **more: Any) -> Review:
    """Bars struck out, a colour in other words, one statement more; all else is right."""
    judged = []
    for claim in before.claims:
        status, after = ("wrong", None) if claim.text == LIE else ("right", claim.text)
        if claim.facet == "colour":
            status, after = "edited", "The picture is deep blue and white."
        judged.append(Judgement(claim.claim_id, status, claim.facet, claim.start_us, claim.end_us, claim.text, after,  # type: ignore[arg-type]
                                None, None))  # fmt: skip
    judged.append(Judgement("+1", "added", "action", 0, 2_000_000, None, "A bar crosses it to the right.", None, None))
    row: dict[str, Any] = {
        "review_id": f"item#{number}", "caption_id": before.caption_id, "clip_id": before.clip_id, "revision": number,
        "mode": "triage", "decision": "caption", "reason": None, "settled_by": "one", "reviewers": ("ann",),
        "judgements": tuple(judged), "before": before.dense, "started_us": number, "submitted_us": number,
        "active_ms": 1, **more,
    }  # fmt: skip
    return Review(**row)


def test_what_a_person_decided_is_picked_planned_and_read(world: World) -> None:
    opened = world.session(None)
    opened.run(["pick"])
    assert reasons(opened) == ["caption is not pass or repaired or reviewed"] * 2
    before = next(opened.lake.rows("captions", Caption, pl.col("fingerprint") == job(opened, "caption").fingerprint))
    opened.lake.append("reviews", [review(before, 1)])
    opened.run(["revise", "check", "pick", "plan"])
    assert done(opened)["revise"] == (1, 1, 0) and done(opened)["check (reviews)"] == (1, 1, 0)
    (human,) = opened.lake.rows("captions", Caption, pl.col("captioner") == "human")
    assert human.parent == before.caption_id and human.tokens_in is None and LIE not in human.dense
    assert {claim.text: claim.origin for claim in human.claims if claim.origin == "human"} == {
        "The picture is deep blue and white.": "human", "A bar crosses it to the right.": "human",
    }  # fmt: skip
    assert sorted(reasons(opened), key=str) == [None, "caption is not pass or repaired or reviewed"]
    newest = opened.lake.scan("plans").filter(pl.col("made_us") == pl.col("made_us").max()).collect()
    assert set(newest["caption_id"]) == {human.caption_id}
    batch = next(iter(Loader(Lake(opened.lake.uri))))
    assert batch.captions == (human.dense,) and "A bar crosses it to the right." in human.dense

    again = world.session(None)
    again.run(["revise", "check", "pick", "plan"])
    assert all(work == (0, 0, 0) for work in done(again).values()), done(again)


def test_a_person_stands_above_a_repair_and_a_rejection_above_both(world: World) -> None:
    """After the test before: one of two clips has been reviewed."""
    opened = world.session("honest")
    before = next(opened.lake.rows("captions", Caption, pl.col("fingerprint") == job(opened, "repair").fingerprint))
    opened.lake.append("reviews", [review(before, 2)])
    opened.run(["revise", "check", "pick"])
    counted = dict(that_count(opened.snapshot, "captions").select("clip_id", "captioner").collect().iter_rows())
    assert counted[before.clip_id] == "human"
    opened.lake.append("reviews", [review(before, 3, decision="reject", reason="a test card", judgements=())])
    opened.run(["revise", "check", "pick"])
    assert "rejected by a person: a test card" in reasons(opened)
    opened.lake.append("reviews", [review(before, 4)])
    opened.run(["revise", "check", "pick"])
    assert reasons(opened) == [None, None]


def test_a_review_outlives_the_recipe_that_it_was_of(world: World) -> None:
    """Captions of people count for another prompt; for other clips they are nobody's, and nothing is lost or stuck."""
    other = world.session(None, caption={"colours": 1})
    other.run(["caption", "check", "revise"])
    assert done(other)["revise"] == (0, 0, 0)
    assert "human" in set(that_count(other.snapshot, "captions").collect()["captioner"])
    apart = world.session(None, split={"max_us": 1_500_000}, see=None)
    apart.run([*BEFORE, "caption", "check"])
    assert done(apart)["check (reviews)"] == (0, 0, 0)
    assert set(that_count(apart.snapshot, "captions").collect()["captioner"]) == {"measured"}


def test_a_takedown_leaves_nothing_that_was_put_right(world: World) -> None:
    """The last one: it takes a film, and all that models and people said of it, out of the lake."""
    opened = world.session("honest")
    (caption,) = opened.lake.scan("captions").filter(pl.col("captioner") == "human").head(1).collect().to_dicts()
    media_id = caption["clip_id"].partition("/")[0]
    ids = set(opened.lake.scan("captions").filter(pl.col("clip_id").str.starts_with(media_id)).collect()["caption_id"])
    (source,) = opened.lake.scan("media").filter(pl.col("media_id") == media_id).collect()["source_id"]
    decided = set(opened.lake.scan("reviews").filter(pl.col("caption_id").is_in(list(ids))).collect()["review_id"])
    takedown(opened.lake, named(opened.lake, [source]))
    for table in ("captions", "verdicts"):
        left = opened.lake.scan(table).collect()
        assert not left["clip_id"].drop_nulls().str.starts_with(media_id).any()
        assert not set(left["input_id"]) & (ids | decided), table
    assert not opened.lake.scan("reviews").filter(pl.col("clip_id").str.starts_with(media_id)).collect().height
    assert rows(opened, "captions")  # those of the other film


def test_a_recipe_without_a_model_to_ask_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = retold(capsys, "repair", "--lake", str(tmp_path / "lake"), "--engine", "inline")
    assert code == 2 and "it has no table [repair]" in err
