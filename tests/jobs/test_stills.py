"""Stills go the whole road: a clip of one frame each, told without time."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from curate.storage.lake import open_lake
from jobs.cli import main
from schemas.strip import THUMB_HEIGHT, THUMB_WIDTH

pytestmark = pytest.mark.integration


def test_a_folder_of_stills_goes_the_whole_road(tmp_path: Path) -> None:
    pixels = np.zeros((180, 320, 3), np.uint8)
    pixels[:, :160], pixels[:, 160:] = (200, 30, 30), (240, 240, 240)  # dark on the left
    card, folder = Image.fromarray(pixels), tmp_path / "stills"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 7
    card.transpose(Image.Transpose.TRANSVERSE).save(folder / "phone.jpg", exif=exif, quality=95)
    card.save(folder / "plain.png")
    card.save(folder / "moves.gif", save_all=True, append_images=[card.rotate(180)] * 4, duration=200)
    (folder / "cut.jpg").write_bytes((folder / "phone.jpg").read_bytes()[:900])
    with pytest.raises(SystemExit) as ended:
        main(["run", str(folder), "--lake", str(tmp_path / "lake"), "--engine", "inline"])
    assert not ended.value.code
    lake = open_lake(str(tmp_path / "lake"), {})

    def rows(name: str) -> pl.DataFrame:
        return lake.scan(name).filter(pl.col("outputs") > 0).collect()

    named = lake.scan("sources").select("source_id", name=pl.col("uri").str.extract(r"([^/]+)$")).collect()
    media = rows("media").join(named, on="source_id")
    assert sorted(media.select("name", "still").rows()) == [
        ("moves.gif", False), ("phone.jpg", True), ("plain.png", True),
    ]  # fmt: skip
    stills = media.filter("still")
    assert set(stills["picture"].struct.field("width")) == {320}
    clips = rows("clips").join(stills, on="media_id")
    assert clips.select("frames", "start_us", "start_kind").unique().height == 1
    assert clips["frames"].to_list() == [1, 1]
    for thumbs in rows("strips").join(stills, on="media_id")["thumbs"]:
        luma = np.frombuffer(thumbs, np.uint8)[: THUMB_HEIGHT * THUMB_WIDTH].reshape(THUMB_HEIGHT, THUMB_WIDTH)
        assert luma[:, :4].mean() + 100 < luma[:, -4:].mean()  # as displayed
    captions = rows("captions").join(clips.select("clip_id"), on="clip_id")
    assert len(captions) == 2
    for dense, record in captions.select("dense", "record").rows():
        assert json.loads(record)["still"]
        assert not re.search(r"\d s\b|second", dense)
    assert rows("latents").join(clips.select("clip_id"), on="clip_id").height == 2
    failed = lake.scan("media").filter(pl.col("outputs") == 0).select(pl.col("failure").struct.field("kind")).collect()
    assert failed["kind"].to_list() == ["no_frames"]
