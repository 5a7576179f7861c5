"""Proxies on the road: made once for a clip, only where somebody may look, and only where the recipe asks for them."""

from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from curate.review.footage import Footage
from curate.storage.lake import Lake, open_lake
from jobs.cli import main
from jobs.engines import Inline
from jobs.fsck import Pool, fsck
from jobs.recipe import Recipe, build
from jobs.road import road
from schemas.proxy import Proxy
from schemas.tables import TABLES
from tests.proxy.films import Spec, film, numbers

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake over a film of 200 numbered frames, with a click, and over a still; proxies of all."""
    root = tmp_path_factory.mktemp("proxies")
    folder = root / "media"
    folder.mkdir()
    film(folder, Spec(frames=200, click_us=1_200_000))
    Image.new("RGB", (320, 180), (200, 30, 90)).save(folder / "still.png")
    run(root, "sources = ['media']\n[proxy]\nsample_share = 1.0\n", str(folder))
    return root


def run(root: Path, recipe: str, *sources: str) -> None:
    (root / "recipe.toml").write_text(recipe.replace("['media']", f"['{root / 'media'}']"))
    with pytest.raises(SystemExit) as ended:
        main(["run", str(root / "recipe.toml"), "--lake", str(root / "lake"), "--until", "proxy", "--engine", "inline"])
    assert not ended.value.code


def lake_of(root: Path) -> Lake:
    return open_lake(str(root / "lake"), {})


def test_every_clip_has_a_proxy_and_its_film_shows_the_clip(root: Path) -> None:
    lake = lake_of(root)
    proxies = list(lake.rows("proxies", Proxy))
    clips = lake.scan("clips").filter(pl.col("outputs") > 0).select("clip_id", "start_us", "still").collect()
    assert sorted(one.clip_id for one in proxies) == sorted(clips["clip_id"])
    assert sorted(one.still for one in proxies) == sorted(clips["still"])
    footage = Footage(lake, root / "disk")
    for one in proxies:
        path = footage.mp4_path(one.clip_id)
        assert path.read_bytes()[4:8] == b"ftyp"
        if not one.still:
            first = round(one.start_us * 24 / 1e6)
            assert numbers(path) == list(range(first, first + one.frames))
            assert footage.peaks(one.clip_id)[0] == 100
        assert footage.thumbs(one.clip_id)[1].startswith(b"\xff\xd8")


def test_the_lake_is_whole_with_them(root: Path) -> None:
    found = fsck(lake_of(root), list(TABLES), Pool(Inline()), lambda _: None)
    assert not found.damages
    assert not found.orphans
    assert not found.unused_members


def test_run_again_nothing_is_made_twice(root: Path) -> None:
    before = lake_of(root).scan("proxies").select(pl.len()).collect().item()
    run(root, "sources = ['media']\n[proxy]\nsample_share = 1.0\n")
    assert lake_of(root).scan("proxies").select(pl.len()).collect().item() == before


def test_where_nobody_looks_a_verdict_leaves_a_row_without_a_film(root: Path) -> None:
    lake = lake_of(root)
    run(root, "sources = ['media']\n[proxy]\nsample_share = 0.0\nstatuses = ['flagged']\n")
    recipe = build({"proxy": {"sample_share": 0.0}})
    (job,) = (job for job in road(recipe) if job.name == "proxy")
    verdicts = lake.scan("verdicts").filter(pl.col("outputs") > 0).select("caption_id", "status").collect()
    rows = lake.scan("proxies", job.fingerprint).select("input_id", "outputs", "failure").collect()
    assert sorted(rows["input_id"]) == sorted(verdicts["caption_id"])
    made = dict(rows.select("input_id", "outputs").iter_rows())
    assert made == {one: int(status == "flagged") for one, status in verdicts.iter_rows()}
    assert rows["failure"].null_count() == len(rows)


def test_a_recipe_without_the_table_has_no_such_job() -> None:
    assert "proxy" not in [job.name for job in road(Recipe())]
