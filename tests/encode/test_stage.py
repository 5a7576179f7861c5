import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from curate.encode.bucket import FRAMES, Bucket
from curate.encode.dct import Dct
from curate.encode.mdct import Mdct
from curate.encode.model import EncoderModel
from curate.encode.stage import Encode, Waiting
from curate.encode.taken import Taken, instants_us
from curate.errors import NoVideo, RecipeError
from curate.media.file import ClipFile
from curate.media.picture import Box, frames_rgb
from curate.media.sound import samples
from curate.stage import Heavy, fingerprint
from schemas.latent import Latent
from tests.encode.clips import clip_of

FPS = 24


def encoded(clip: ClipFile, stage: Encode | None = None) -> list[Heavy[Latent]]:
    (outcome,) = (stage or Encode()).open()([clip])
    assert outcome.failure is None
    assert outcome.input_id == clip.id
    return list(outcome.rows)


def tensor(heavy: Heavy[Latent]) -> np.ndarray:
    assert isinstance(heavy.body, bytes)
    return np.frombuffer(heavy.body, "<f2").reshape(heavy.row.shape)


@pytest.fixture(scope="module")
def ramp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 s at 24 fps, 448x256: the grey level of frame n is 30 + 2 n."""
    path = tmp_path_factory.mktemp("ramp") / "ramp.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", FPS, width=448, height=256, pix_fmt="yuv444p")
        for n in range(3 * FPS):
            grey = np.full((256, 448, 3), 30 + 2 * n, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(grey, "rgb24")))
        out.mux(stream.encode())
    return path


@pytest.mark.golden
def test_a_clip_gives_a_picture_and_a_sound_latent_of_one_span(media: Path) -> None:
    clip = clip_of(media / "good" / "bbb_240p_5s.mp4", 1_000_000, 3_000_000)
    video, sound = encoded(clip)
    assert (video.row.modality, sound.row.modality) == ("video", "audio")
    assert video.row.shape[0] == 16
    assert video.row.shape[1] == 1 + (33 - 1) // 4
    assert video.row.bucket == sound.row.bucket == f"33x{8 * video.row.shape[2]}x{8 * video.row.shape[3]}"
    assert (video.row.start_us, video.row.end_us) == (sound.row.start_us, sound.row.end_us) == (1_000_000, 2_375_000)
    assert sound.row.shape == (80, 22_000 // 160 + 1 + 1)
    assert len(video.row.step_us) == video.row.shape[1]
    assert len(sound.row.step_us) == sound.row.shape[1]
    assert video.row.psnr_db is not None
    assert video.row.psnr_db > 24
    assert sound.row.psnr_db is not None
    assert sound.row.psnr_db > 20


@pytest.mark.golden
def test_what_is_decoded_is_what_is_in_the_media(media: Path) -> None:
    clip = clip_of(media / "good" / "bbb_240p_5s.mp4", 1_000_000, 3_000_000)
    video, sound = encoded(clip)
    crop = Box(**json.loads(video.row.contract)["crop"])
    frames, height, width = (int(n) for n in video.row.bucket.split("x"))
    at = instants_us(1_000_000, frames, FPS)
    given = frames_rgb(clip.file, clip.media, 1_000_000, 3_000_000, at_us=at, size=(width, height), crop=crop)
    decoded = Dct().decode(tensor(video)[None])[0].astype(np.float64)
    error = np.mean([np.square(a - b).mean() for a, (_, b) in zip(decoded, given, strict=True)])
    assert 10 * np.log10(255**2 / error) == pytest.approx(video.row.psnr_db, abs=0.01)
    wave = samples(clip.file, clip.media, 1_000_000, 2_375_000, 16_000)[0]
    back = Mdct().decode(tensor(sound)[None], len(wave))[0, 0]
    assert 10 * np.log10(np.square(wave).sum() / np.square(wave - back).sum()) > 6


def test_every_latent_frame_begins_at_its_step(ramp: Path) -> None:
    (video,) = encoded(clip_of(ramp, 500_000, 2_000_000))
    assert video.row.shape == (16, 9, 32, 56)
    luma = Dct().decode(tensor(video)[None])[0].mean((1, 2, 3))
    assert np.allclose(luma, 30 + 2 * (12 + np.arange(33)), atol=1.5)
    for index, step in enumerate(video.row.step_us):
        frame = 0 if index == 0 else 4 * index - 3
        assert step == 500_000 + round(frame * 1e6 / FPS)


def test_frames_are_taken_by_time_whatever_the_rate(ramp: Path) -> None:
    (half,) = encoded(clip_of(ramp, 0, 3_000_000), Encode(rate_hz=12.0))
    luma = Dct().decode(tensor(half)[None])[0].mean((1, 2, 3))
    assert half.row.end_us == round(33e6 / 12)
    assert np.allclose(luma, 30 + 4 * np.arange(33), atol=1.5)


@pytest.mark.parametrize(("end_us", "frames", "covered_us"), [(20_000, 1, 20_000), (1_000_000, 17, 708_333)])
def test_short_clips_have_shorter_buckets(ramp: Path, end_us: int, frames: int, covered_us: int) -> None:
    (video,) = encoded(clip_of(ramp, 0, end_us))
    assert video.row.bucket == f"{frames}x256x448"
    assert video.row.end_us == covered_us


def test_the_crop_is_inside_the_borders_and_recorded(ramp: Path) -> None:
    (video,) = encoded(clip_of(ramp, 0, 1_000_000, crop=(4, 20, 400, 200)))
    contract = json.loads(video.row.contract)
    assert contract["bucket"] == {"frames": 17, "height": 128, "width": 224}
    assert contract["crop"] == {"x": 29, "y": 20, "width": 350, "height": 200}
    assert contract["encoder"]["id"] == video.row.encoder == "dct-4x8x8-c16"
    assert contract["encoder"]["weights_hash"] is None


def test_a_still_is_one_frame_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as out:
        stream = out.add_stream("png", 1, width=640, height=480, pix_fmt="rgb24")
        picture = np.linspace(0, 255, 640, dtype=np.uint8)[None, :, None].repeat(480, 0).repeat(3, 2)
        out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")))
        out.mux(stream.encode())
    clip = clip_of(path, 0, 40_000)
    assert clip.clip.still
    (still,) = encoded(clip)
    assert still.row.modality == "still"
    assert still.row.shape == (16, 1, 36, 48)
    assert still.row.step_us == (0,)
    assert still.row.psnr_db is not None
    assert still.row.psnr_db > 40


def test_the_key_is_the_same_for_the_same_work_and_changes_with_the_contract(ramp: Path) -> None:
    clip = clip_of(ramp, 0, 1_000_000)
    (once,), (again,) = encoded(clip), encoded(clip)
    assert once == again
    others = [
        encoded(clip, Encode(rate_hz=25.0)),
        encoded(clip, Encode(sizes=((128, 224),))),
        encoded(clip, Encode(frames=(5,))),
        encoded(replace(clip, clip=replace(clip.clip, crop_height=250))),
        encoded(replace(clip, clip=replace(clip.clip, start_us=41_667))),
        encoded(replace(clip, media=replace(clip.media, media_id="other"))),
    ]
    assert len({once.row.content_key, *(rows[0].row.content_key for rows in others)}) == 7


def test_impossible_settings_are_refused_by_name() -> None:
    with pytest.raises(RecipeError, match=r"no encoder 'wan' of picture; there are: dct-4x8x8-c16, wan-2\.1"):
        Encode(picture="wan")
    with pytest.raises(RecipeError, match=r"1\+4n frames, not \[4\]"):
        Encode(frames=(1, 4))
    with pytest.raises(RecipeError, match=r"multiples of 8, not \[\(100, 128\)\]"):
        Encode(sizes=((100, 128),))


def test_several_clips_of_several_buckets_are_encoded_as_each_one_alone(ramp: Path) -> None:
    spans = [(0, 1_000_000), (0, 3_000_000), (1_000_000, 2_000_000), (0, 20_000), (500_000, 1_500_000)]
    clips = [clip_of(ramp, *span) for span in spans]
    outcomes = list(Encode(batch_pixels=5_000_000).open()(clips))
    assert sorted(outcome.input_id for outcome in outcomes) == sorted(clip.id for clip in clips)
    together = {heavy.row.content_key: heavy for outcome in outcomes for heavy in outcome.rows}
    alone = {heavy.row.content_key: heavy for clip in clips for heavy in encoded(clip, Encode(batch_pixels=1))}
    assert together.keys() == alone.keys()
    for key, heavy in together.items():
        assert np.allclose(tensor(heavy), tensor(alone[key]), atol=1e-3)


def test_a_clip_that_cannot_be_decoded_is_a_failure_of_its_own(ramp: Path, tmp_path: Path) -> None:
    good = clip_of(ramp, 0, 1_000_000)
    nothing = tmp_path / "nothing.mkv"
    nothing.write_bytes(b"no film" * 100)
    bad = replace(good, clip=replace(good.clip, clip_id="bad"), file=replace(good.file, path=str(nothing), size=700))
    blind = replace(good, clip=replace(good.clip, clip_id="blind"), media=replace(good.media, picture=None))
    outcomes = {outcome.input_id: outcome for outcome in Encode().open()([bad, good, blind])}
    assert len(outcomes[good.id].rows) == 1
    assert [outcomes[one].failure is not None for one in ("bad", "blind")] == [True, True]
    assert outcomes["blind"].failure == NoVideo("no picture stream; only sound, subtitles or data").failure


def test_a_child_that_dies_costs_no_clip(ramp: Path) -> None:
    clips = [clip_of(ramp, start, start + 500_000) for start in range(0, 2_000_000, 250_000)]

    def rows() -> Iterator[ClipFile]:
        for index, clip in enumerate(clips):
            if index in (3, 6):
                for pid in children():
                    os.kill(pid, signal.SIGKILL)
            yield clip

    outcomes = list(Encode().open()(rows()))
    assert sorted(outcome.input_id for outcome in outcomes) == sorted(clip.id for clip in clips)
    assert all(outcome.failure is None for outcome in outcomes)


def children() -> list[int]:
    """Processes of this one that decode."""
    listed = [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    return [pid for pid in listed if b"curate.media.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_each_nth_clip_is_decoded_back_the_same_ones_each_time(ramp: Path) -> None:
    clips = [clip_of(ramp, start, start + 250_000) for start in range(0, 2_500_000, 100_000)]
    looked_at = [
        {outcome.input_id for outcome in Encode(decode_every=4).open()(order) if outcome.rows[0].row.psnr_db}
        for order in (clips, clips[::-1])
    ]
    assert looked_at[0] == looked_at[1]
    assert 1 <= len(looked_at[0]) <= 15


def test_frames_are_those_that_the_encoder_takes() -> None:
    model = EncoderModel("0" * 64, "/models/any")
    assert Encode().frames == FRAMES
    assert Encode(picture="ltx-video", picture_model=model).frames == (1, 9, 17, 33, 49, 65, 97, 129, 193, 257)
    mochi = Encode(picture="mochi", picture_model=model).frames
    assert mochi is not None
    assert all(n % 6 == 1 for n in mochi)
    assert len(mochi) == 10
    assert Encode(picture="flux", picture_model=model).frames == (1,)


def test_weights_are_wanted_of_encoders_that_have_them_alone() -> None:
    model = EncoderModel("0" * 64, "/models/any")
    with pytest.raises(
        RecipeError, match=r"wan-2\.1 needs weights: give their folder and sha256 in encode\.picture_model"
    ):
        Encode(picture="wan-2.1")
    with pytest.raises(RecipeError, match=r"mdct-10ms-c80 has no weights: leave out encode\.sound_model"):
        Encode(sound_model=model)
    with pytest.raises(RecipeError, match=r"there is no encode\.sound"):
        Encode(sound=None, sound_model=model)
    with pytest.raises(RecipeError, match=r"flux takes 1 frame: it is for stills, not \[5\]"):
        Encode(picture="flux", picture_model=model, frames=(1, 5))
    with pytest.raises(RecipeError, match=r"cogvideox-2b takes 1\+8n frames, not \[5\]"):
        Encode(picture="cogvideox-2b", picture_model=model, frames=(5, 9))
    with pytest.raises(RecipeError, match=r"multiples of 32, not \[\(64, 80\)\]"):
        Encode(picture="ltx-video", picture_model=model, sizes=((64, 80),))
    with pytest.raises(RecipeError, match="children: from 1 to 12, not 13"):
        Encode(children=13)


def test_what_changes_no_row_is_not_in_the_fingerprint() -> None:
    model = EncoderModel("0" * 64, "/models/here")
    stage = Encode(picture="wan-2.1", picture_model=model)
    same = replace(stage, picture_model=replace(model, folder="/models/there"), batch_pixels=1, children=5)
    assert fingerprint(same, {}) == fingerprint(stage, {})
    for other in ({"sha256": "1" * 64}, {"compute": "bfloat16"}, {"stored": "int8"}, {"tiled": True}):
        assert fingerprint(replace(stage, picture_model=replace(model, **other)), {}) != fingerprint(stage, {})
    assert (stage.environment, Encode().environment) == ("models", None)


def test_batches_are_of_one_bucket_and_little_waits() -> None:
    def taken(name: str, frames: int, height: int) -> Taken:
        pixels = np.zeros((frames, height, 64, 3), np.uint8)
        return Taken(name, "m", "video", Bucket(frames, height, 64), Box(0, 0, 64, height), 0, 1, pixels, None)

    waiting, batches, most = Waiting(3 * 9 * 64 * 64), [], 0
    shapes = [(1 + 4 * (n % 7), 32 * (1 + n % 5)) for n in range(200)]
    given = [taken(str(n), *shape) for n, shape in enumerate(shapes)]
    held = 0
    for one in given:
        batch = waiting.full(one)
        held += one.frames.size - sum(clip.frames.size for clip in batch)
        most = max(most, held)
        batches.append(batch)
    batches += waiting.rest()
    assert all(len({clip.bucket for clip in batch}) <= 1 for batch in batches)
    assert sorted(clip.id for batch in batches for clip in batch) == sorted(one.id for one in given)
    assert max(len(batch) for batch in batches) > 1
    assert all(sum(clip.frames.size for clip in batch) <= 3 * 3 * 9 * 64 * 64 for batch in batches if len(batch) > 1)
    assert most <= 4 * 3 * 3 * 9 * 64 * 64
