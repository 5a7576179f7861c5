"""A plan of several cuts of a lake, each of a recipe of its own."""

from pathlib import Path

import polars as pl
import pytest

from curate.errors import LakeError
from curate.reader import Lake, Loader
from jobs.recipe import build
from jobs.session import Session, open_session
from jobs.show import JsonLines
from tests.encode.clips import film

JOBS = ["fetch", "scan", "split", "score", "encode", "pick"]
ENCODE = {"sizes": [[32, 64]]}
CUTS = {"long": {"at_least": 0.9}, "brief": {"at_most": 0.9}}


def session(lake: Path, cut: str, **plan: object) -> Session:
    bound = {"metric": "duration", **CUTS[cut]}
    recipe = {"encode": ENCODE, "pick": {"cut": cut, "statuses": None, "bounds": [bound]}, "plan": plan}
    return open_session(str(lake), build(recipe), "inline", JsonLines())


def mix(long: float) -> dict[str, object]:
    parts = [{"cut": "long", "share": long}, {"cut": "brief", "share": 1 - long}]
    return {"samples_per_step": 2, "epochs": 60, "mix": parts}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two films with the cut of the longer."""
    root = tmp_path_factory.mktemp("mixed")
    opened = session(root / "lake", "long")
    opened.add([str(film(root / "long.mkv", 1.2)), str(film(root / "brief.mkv", 0.6))])
    opened.run(JOBS)
    return root / "lake"


def test_a_mix_names_cuts_of_other_recipes_and_gives_each_its_share(lake: Path) -> None:
    with pytest.raises(LakeError, match=r"0 cuts are called 'brief'.* of long \("):
        session(lake, "long", **mix(0.75)).run(["plan"])
    session(lake, "brief").run(["pick"])
    session(lake, "long", **mix(0.75)).run(["plan"])
    loader = Loader(Lake(str(lake)))
    told = loader.plan.summary()
    assert {cut.cut: cut.share for cut in told.record.cuts} == {"long": 0.75, "brief": 0.25}
    kept = pl.scan_delta(str(lake / "picks")).filter("kept").select("cut", "clip_id").collect()
    cut_of = {clip: cut for cut, clip in kept.iter_rows()}
    read = [cut_of[clip] for batch in loader for clip in batch.clip_ids]
    assert len(read) > 100
    assert read.count("long") / len(read) == pytest.approx(0.75, abs=0.02)


def test_a_mix_of_the_same_cuts_is_made_once_and_another_share_is_another_plan(lake: Path) -> None:
    session(lake, "brief").run(["pick"])
    first = session(lake, "long", **mix(0.5)).run(["plan"])
    assert [one.total for one in first] == [1]
    assert [one.total for one in session(lake, "long", **mix(0.5)).run(["plan"])] == [0]
    before = pl.scan_delta(str(lake / "plans")).select("plan_hash").unique().collect().height
    session(lake, "long", **mix(0.25)).run(["plan"])
    assert pl.scan_delta(str(lake / "plans")).select("plan_hash").unique().collect().height == before + 1
