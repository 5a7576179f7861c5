"""From real media to a batch: encode, store, pick, plan, read."""

from pathlib import Path

import numpy as np
import pytest

from curate.encode.dct import Dct
from curate.encode.fidelity import picture_psnr_db
from curate.encode.shards import store_latents
from curate.encode.stage import Encode
from curate.encode.taken import instants_us
from curate.media.picture import Box, frames_rgb
from curate.pick.corpus import Corpus
from curate.pick.cut import pick
from curate.pick.policy import Policy
from curate.pick.rules import accepted_captions
from curate.plan.plan import plan
from curate.plan.settings import PlanSettings, Share
from curate.reader import Lake, Loader
from curate.storage.lake import open_lake
from schemas.caption import Caption, Verdict
from schemas.clip import Sound
from schemas.media import Source
from tests.encode.clips import clip_of
from tests.reader.world import stamped, store, traced


@pytest.mark.golden
def test_a_trainer_gets_the_picture_and_the_words_of_a_real_clip(media: Path, tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    clips = [clip_of(media / "good" / "bbb_240p_5s.mp4", start, start + 2_000_000) for start in (500_000, 2_500_000)]
    heavies = [heavy for outcome in Encode().open()(clips) for heavy in outcome.rows]
    names = [clip.id for clip in clips]
    lake.append("sources", [Source("source", "file:///bbb", "cc-by", None, None, None, tombstone=False, added_us=0)])
    traced(lake, "media", [clips[0].media])
    traced(lake, "clips", [clip.clip for clip in clips])
    traced(lake, "latents", store_latents(lake.blobs, "u", heavies))
    captions = [(f"{name}#c", name) for name in names]
    traced(
        lake,
        "captions",
        [Caption(c, n, "x", "en", "{}", (), f"seen in {n}", "", "", (), None, None, None, None) for c, n in captions],
    )
    traced(lake, "verdicts", [Verdict(c, n, "pass", 1.0, 1.0, 0.0, 1, 0, 0, (), ()) for c, n in captions])
    knock_us = 1_700_000
    knock = Sound(
        names[0], f"{names[0]}#event-0", "event", knock_us, knock_us + 50_000, None, "knock", *[None] * 7, (), "x"
    )
    traced(lake, "sounds", [knock])

    policy = Policy()
    tables = ("sources", "media", "clips", "scores", "verdicts", "latents")
    cut = pick(Corpus(*(lake.scan(name) for name in tables)), policy)
    assert cut.kept == 2
    stamped(lake, "picks", cut.rows)
    settings = PlanSettings(samples_per_step=2, shares=(Share("dense", 1.0),))
    made = plan(lake.scan("picks"), lake.scan("latents"), accepted_captions(lake.scan("verdicts"), policy), settings)
    store(lake, made)

    (batch,) = Loader(Lake(lake.uri))
    at = batch.clip_ids.index(names[0])
    assert batch.captions[at] == f"seen in {names[0]}"
    frames, height, width = (int(n) for n in batch.bucket.split("x"))
    decoded = Dct().decode(batch.latents[at : at + 1])[0]
    crop = Box(0, 0, clips[0].clip.crop_width, clips[0].clip.crop_height)
    shown = frames_rgb(
        clips[0].file, clips[0].media, 500_000, 2_500_000, at_us=instants_us(500_000, frames, 24.0),
        size=(width, height), crop=crop,
    )  # fmt: skip
    seen = np.stack([frame for _, frame in shown])
    assert picture_psnr_db(seen, decoded) > 24
    (event,) = batch.events[at]
    assert event.picture == (7, 9)  # 1.20 to 1.25 s are frames 28 and 29: the last of latent 7, the first of 8
    assert event.sound == (120, 126)
