"""A cut that asks for what was read."""

from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest

from curate.errors import RecipeError
from jobs.recipe import build
from jobs.session import open_session
from jobs.show import JsonLines

pytestmark = pytest.mark.integration


def test_a_cut_drops_pictures_full_of_text_and_waits_for_no_reader(tmp_path: Path) -> None:
    plain = np.full((240, 426, 3), 230, np.uint8)
    written = plain.copy()
    for line, words in enumerate(("SALE TODAY", "HALF PRICE")):
        cv2.putText(written, words, (20, 90 + 90 * line), cv2.FONT_HERSHEY_DUPLEX, 2, (20, 20, 20), 4)
    for name, picture in (("plain", plain), ("written", written)):
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), picture)
    bound = {"metric": "text_share", "at_most": 0.05}
    policy = {"statuses": None, "encoder": None, "duplicates": None, "bounds": [bound]}
    opened = open_session(str(tmp_path / "lake"), build({"pick": policy}), "inline", JsonLines())
    opened.add([str(tmp_path / "plain.png"), str(tmp_path / "written.png")])

    def reasons() -> dict[str, str | None]:
        named = opened.lake.scan("sources").select("source_id", name=pl.col("uri").str.extract(r"([^/]+)\.png$"))
        media = opened.lake.scan("media").select("media_id", "source_id").join(named, on="source_id")
        newest = opened.lake.scan("picks").filter(pl.col("made_us") == pl.col("made_us").max())
        cut = newest.with_columns(media_id=pl.col("clip_id").str.split("/").list.first())
        return dict(cut.join(media, on="media_id").select("name", "reason").collect().iter_rows())

    opened.run(["fetch", "scan", "split", "score", "pick"])
    assert reasons() == dict.fromkeys(("plain", "written"), "text_share not measured")
    opened.run(["read", "pick"])
    assert reasons() == {"plain": None, "written": "text_share > 0.05"}


def test_a_bound_on_what_nothing_tells_names_what_is_near() -> None:
    with pytest.raises(RecipeError, match="did you mean 'music_share'"):
        build({"pick": {"bounds": [{"metric": "musik_share", "at_most": 0.5}]}})
