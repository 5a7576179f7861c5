"""From a playlist on the web to the cues of a clip, by the command line."""

import json
from pathlib import Path

import polars as pl
import pytest

from curate.storage.lake import open_lake
from schemas.media import Media
from tests.fetch.playlists import make_playlists, shelf
from tests.jobs.test_cli import ran, retold

pytestmark = pytest.mark.integration

RECIPE = '[fetch.web]\nallow_networks = ["127.0.0.1/32"]\nrobots = "ignore"\n'


def test_a_playlist_becomes_media_with_cues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playlists, recipe, lake = tmp_path / "playlists", tmp_path / "recipe.toml", str(tmp_path / "lake")
    playlists.mkdir()
    make_playlists(playlists)
    recipe.write_text(RECIPE)
    with shelf({}, playlists) as server:
        assert retold(capsys, "add", server.url("subs/m.m3u8"), server.url("dash/a.mpd"), "--lake", lake)[0] == 0
        options = ("--lake", lake, "--recipe", str(recipe), "--engine", "inline")
        code, out, _ = retold(capsys, "run", *options, "--until", "split", "--strict", "--json")
    assert code == 0, out
    assert ran(out)["subtitle"] == (2, 0)
    rows = open_lake(lake, {}).scan("subtitles").filter(pl.col("outputs") > 0).collect()
    assert [row["text"] for row in rows.sort("start_us").iter_rows(named=True)] == ["Hello there", "Second\nline"]
    origins = [json.loads(media.origin or "") for media in open_lake(lake, {}).rows("media", Media)]
    assert sorted(origin["extractor"] for origin in origins) == ["Dash", "Hls"]
    media_id = rows["media_id"][0]
    _, out, _ = retold(capsys, "explain", media_id, "--lake", lake, "--recipe", str(recipe))
    assert "subtitle: Hello there (sidecar 0, en)" in out
    assert "subtitle: Second / line" in out
    assert ran(retold(capsys, "subtitle", *options, "--json")[1])["subtitle"] == (0, 2)
