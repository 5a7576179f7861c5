"""A small corpus in rows: two films, a still, clips with everything that a report can show."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from curate.report.overview import Tables, overview
from curate.report.report import (
    ClipPage,
    Copy,
    FailedRow,
    FailureGroup,
    Group,
    Groups,
    Limit,
    MediaPage,
    Report,
)  # fmt: skip
from curate.report.sheet import contact_sheet
from curate.report.spending import Spending, costs, steps
from schemas.caption import Axis, Caption, Claim, FailedQuestion, Verdict
from schemas.clip import Clip, Score, Sound, SoundKind, Text, Transition, clip_id
from schemas.latent import Latent, Pick
from schemas.ledger import FailureCount, RunRecord
from schemas.media import Audio, Media, Picture, Source
from schemas.row import to_table
from schemas.strip import Strip

FPS = 25
FRAME_US = 40_000
MEANINGS = {"sharpness": "How crisp the picture is, 0 upwards.", "fps": "Frames per second over the clip."}
LIMITS = (Limit("motion", 2.0, 400.0), Limit("sharpness", 40.0, None), Limit("black_share", None, 0.1))


def frames(count: int, height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """Coloured slopes that drift: [count, height, width, 3]."""
    rng = np.random.default_rng(seed)
    hue = rng.uniform(40, 215, 3)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    drift = np.arange(count)[:, None, None, None] / max(1, count)
    picture = hue + 70 * np.sin(6 * (x + drift[..., 0]) + 3 * y)[..., None] * rng.uniform(0.3, 1, 3)
    return np.clip(picture, 0, 255).astype(np.uint8)


def strip(media_id: str, shots_us: list[tuple[int, int]], seed: int, *, sound: bool = True) -> Strip:
    """A strip whose change peaks where the shots begin."""
    rng = np.random.default_rng(seed)
    end_us = shots_us[-1][1]
    pts = np.arange(0, end_us, FRAME_US)
    shot = np.searchsorted([start for start, _ in shots_us], pts, side="right") - 1
    level = rng.uniform(50, 190, len(shots_us))[shot] + 12 * np.sin(pts / 6e5)
    delta = np.abs(rng.normal(2, 1.2, len(pts)))
    delta[np.flatnonzero(np.diff(shot, prepend=0))] = rng.uniform(40, 90)
    chroma = rng.integers(80, 180, (2, len(shots_us)))[:, shot]
    shade = np.linspace(-18, 18, 18)[None, :, None] + np.zeros((len(pts), 18, 32))
    thumbs = np.clip(level[:, None, None] + shade, 0, 255).astype(np.uint8).tobytes()
    thumbs += chroma[..., None, None].repeat(9, 2).repeat(16, 3).astype(np.uint8).tobytes()
    hops = end_us // 10_000 if sound else 0
    beat = (np.arange(hops) % 50) / 50
    none = pa.array([], pa.float32())

    def f32(values: NDArray[np.float64]) -> pa.Array:
        return pa.array(values.astype(np.float32))

    return Strip(
        media_id=media_id, end_us=end_us, decode_errors=0, pts_us=pa.array(pts), luma_mean=f32(level),
        luma_std=f32(np.full(len(pts), 28.0)), delta_hue=f32(delta), delta_saturation=f32(delta * 0.6),
        delta_value=f32(delta * 1.3), thumbs=thumbs, sample_pts_us=pa.array(pts[::5]), sharpness=none, motion_px_s=none,
        local_px_s=none, pan_x_px_s=none, pan_y_px_s=none, zoom_per_s=none, roll_deg_s=none, camera_fit=none,
        border_top=none, border_bottom=none, border_left=none, border_right=none,
        audio_start_us=0 if sound else None, rms_db=f32(-14 - 40 * beat + rng.normal(0, 1.5, hops)),
        flux=none, clipped=none, speech=none, k_power=none,
        detail_pts_us=pa.array([], pa.int64()), noise=none, combed=none, blockiness=none, dark_share=none,
        bright_share=none, row_spectrum=none, overlay=b"", pitch_db=none, stereo_correlation=none,
        stereo_balance_db=none, transition_peak=none, transition_span=none,
    )  # fmt: skip


def clip(
    media_id: str, start_us: int, end_us: int, shot: int, start: Transition = "cut", end: Transition = "cut"
) -> Clip:
    span = clip_id(media_id, start_us, end_us)
    count = max(1, (end_us - start_us) // FRAME_US)
    return Clip(span, media_id, start_us, end_us, count, start, end, shot, count == 1, 0, 60, 640, 240)


def sound(one: Clip, index: int, kind: SoundKind, start_us: int, end_us: int, **known: object) -> Sound:
    nothing = Sound(
        clip_id=one.clip_id, sound_id=f"{one.clip_id}#{kind}-{index}", kind=kind, start_us=start_us, end_us=end_us,
        text=None, label=None, score=None, speaker=None, language=None, loudness_db=None, pitch_hz=None, tempo_bpm=None,
        key=None, beats_us=(), engine="measured",
    )  # fmt: skip
    return replace(nothing, **known)  # type: ignore[arg-type]


def sounds(one: Clip) -> tuple[Sound, ...]:
    a, b = one.start_us, one.end_us
    words = ("the", "little", "bird", "sings", "beside", "the", "river", "and")
    step = min(320_000, (b - a) // 12)
    heard = [
        sound(
            one, i, "word", a + 400_000 + i * step, a + 400_000 + (i + 1) * step - 30_000, text=word, score=0.5 + i / 16
        )
        for i, word in enumerate(words)
    ]
    beats = tuple(range(a + 100_000, b, 500_000))
    return (
        *heard,
        sound(one, 0, "speech", a + 400_000, a + 400_000 + 8 * step, score=0.93),
        sound(one, 0, "music", a, b, label="music", tempo_bpm=120.0, key="A minor", beats_us=beats, score=0.8),
        sound(one, 0, "event", a + 900_000, a + 1_400_000, label="knock", loudness_db=-18.2, score=0.7),
        sound(one, 1, "event", a + 1_100_000, a + 1_700_000, label="tone", pitch_hz=440.0, score=0.9),
        sound(one, 0, "silence", b - 500_000, b),
    )


def texts(one: Clip) -> tuple[Text, ...]:
    return (
        Text(one.clip_id, f"{one.clip_id}#text-0", one.start_us + 500_000, one.end_us - 300_000, "OPEN TODAY", 0.1, 0.1,
             0.4, 0.1, "en", 0.97, "rapidocr"),
    )  # fmt: skip


def caption(one: Clip, dense: str) -> Caption:
    key = f"{one.clip_id}@measured"
    spans = (
        (one.start_us, one.end_us),
        (one.start_us + 500_000, one.end_us - 300_000),
        (one.start_us, one.start_us + 900_000),
    )
    facets = (("camera", "scores:pan"), ("text", f"{one.clip_id}#text-0"), ("event", f"{one.clip_id}#event-0"))
    says = (
        "The camera pans to the right at about 40 pixels per second.",
        "The words “OPEN TODAY” stand at the upper left.",
        "A knock is heard.",
    )
    claims = tuple(
        Claim(f"{key}#{i}", facet, *span, text, (evidence,), "measured", i == 2)  # type: ignore[arg-type]
        for i, ((facet, evidence), span, text) in enumerate(zip(facets, spans, says, strict=True))
    )
    return Caption(
        caption_id=key, clip_id=one.clip_id, captioner="measured", language="en", record="{}", claims=claims,
        dense=dense,
        medium="A bright shot; the camera pans right. “OPEN TODAY” is written at the upper left. Music in A minor.",
        short="Pan to the right past “OPEN TODAY”, with music.", tags=("pan right", "bright", "music", "speech"),
        model=None, prompt_hash=None, tokens_in=None, tokens_out=None,
    )  # fmt: skip


def verdict(one: Clip, *, flagged: bool) -> Verdict:
    failed = FailedQuestion("sound order", "Which is heard first, the knock or the tone?", one.start_us + 900_000,
                            one.start_us + 1_700_000, "the knock", "the tone", (f"{one.clip_id}#event-0",))  # fmt: skip
    untold = replace(failed, axis="text", question="What is written on the door?", truth="OPEN TODAY", answer=None)
    return Verdict(
        caption_id=f"{one.clip_id}@measured", clip_id=one.clip_id, status="flagged" if flagged else "pass",
        coverage=0.84 if flagged else 1.0, accuracy=0.9 if flagged else 1.0, contradiction=0.08 if flagged else 0.0,
        claims_supported=17, claims_contradicted=1 if flagged else 0, claims_unverifiable=2,
        axes=(Axis("speech", 8, 8, 8, 0), Axis("sound order", 4, 4, 3 if flagged else 4, 1 if flagged else 0),
              Axis("text", 3, 2 if flagged else 3, 2 if flagged else 3, 0), Axis("camera", 5, 5, 5, 0)),
        failed=(failed, untold) if flagged else (),
    )  # fmt: skip


def scores(one: Clip, seed: int) -> tuple[Score, ...]:
    rng = np.random.default_rng(seed)
    values = {
        "motion": float(rng.lognormal(3, 1.1)), "sharpness": float(rng.lognormal(5, 0.8)),
        "luma": float(rng.normal(120, 30)), "black_share": float(max(0, rng.normal(0.01, 0.06))),
        "loudness_lufs": float(rng.normal(-19, 4)),
    }  # fmt: skip
    return tuple(Score(one.clip_id, metric, value, None) for metric, value in values.items())


def pick(one: Clip, reasons: tuple[str, ...]) -> Pick:
    return Pick("main", "c0ffee", one.clip_id, not reasons, reasons[0] if reasons else None, reasons, "train", None,
                "17x256x384", 1.0)  # fmt: skip


def media(media_id: str, duration_us: int | None, *, still: bool = False, audio: bool = True) -> Media:
    picture = Picture(0, "h264", 640, 360, 640, 360, 0, "yuv420p", None if still else 25.0, None, False)
    heard = Audio(1, "aac", 48_000, 2) if audio and not still else None
    return Media(media_id, f"source-{media_id}", 8_412_344, "mp4", duration_us, still, (), picture, heard)


def source(media_id: str, uri: str, title: str | None) -> Source:
    return Source(f"source-{media_id}", uri, "CC-BY-3.0", None, title, None, False, 0)


def latent(one: Clip) -> Latent:
    return Latent(one.clip_id, "dct", "key", "{}", "video", "17x256x384", (16, 5, 32, 48), "float16", one.start_us,
                  one.end_us, (), 34.2, "sha")  # fmt: skip


DENSE = (
    "A bright exterior, filmed for four seconds. The camera pans to the right at about 40 pixels per second and the "
    "light stays even. The words “OPEN TODAY” stand at the upper left. A voice says: “the little bird sings beside "
    "the river and”. Music plays throughout at 120 beats per minute in A minor; at 0:00.900 there is a knock, then "
    "a tone of 440 Hz."
)


def film_page(
    media_id: str, shots_us: list[tuple[int, int]], seed: int, title: str | None = "The little bird"
) -> MediaPage:
    """A film of the given shots, each of which is a clip; every second one is flagged and dropped."""
    end_us = shots_us[-1][1]
    spans = tuple(clip(media_id, start, end, i) for i, (start, end) in enumerate(shots_us))
    spans = (replace(spans[0], start_kind="edge"), *spans[1:])
    spans = (*spans[:-1], replace(spans[-1], end_kind="edge"))
    pages = []
    for i, one in enumerate(spans):
        bad = i % 2 == 1
        times = tuple(one.start_us + (one.end_us - one.start_us) * k // 9 for k in range(9))
        pages.append(
            ClipPage(
                clip=one,
                sheet=contact_sheet(frames(9, 90, 160, seed + i), times),
                scores=scores(one, seed + i),
                sounds=sounds(one),
                texts=texts(one),
                captions=(caption(one, DENSE),),
                verdicts=(verdict(one, flagged=bad),),
                latents=(latent(one),),
                pick=pick(one, ("motion below 2", "near-duplicate") if bad else ()),
            )
        )
    made = media(media_id, end_us)
    asked = source(media_id, f"file:///films/{media_id}.mp4", title)
    return MediaPage(made, asked, strip(media_id, shots_us, seed), spans, tuple(pages))


def still_page(media_id: str) -> MediaPage:
    one = replace(clip(media_id, 0, FRAME_US, 0, "edge", "edge"), still=True)
    page = ClipPage(one, contact_sheet(frames(1, 120, 90, 3), (0,)), texts=texts(one), pick=pick(one, ()))
    return MediaPage(
        media(media_id, None, still=True), source(media_id, "file:///stills/door.png", None), None, (one,), (page,)
    )


def runs() -> tuple[RunRecord, ...]:
    table = (("fetch", 9, 7, 2, 1.2, 0.8), ("scan", 7, 6, 1, 14.2, 13.1), ("split", 6, 41, 0, 0.3, 0.2),
             ("caption", 41, 41, 0, 1.9, 1.8))  # fmt: skip
    made, at = [], 1_795_000_000_000_000
    for job, rows_in, rows_out, failed, wall, cpu in table:
        kinds = (FailureCount("not_media", failed),) if failed else ()
        end = at + int(wall * 1e6)
        made.append(
            RunRecord(
                run_id=f"run-{job}",
                job=job,
                fingerprint="f" * 16,
                rows_in=rows_in,
                rows_out=rows_out,
                failed=failed,
                failures=kinds,
                cpu_s=cpu,
                worker_s=wall,
                gpu_s=0.0,
                gpu_idle_s=None,
                tokens_in=0,
                tokens_out=0,
                bytes_read=81_000_000,
                bytes_written=4_200_000,
                start_us=at,
                end_us=end,
                outcome="done",
                settled=rows_in,
                blocked=0,
                standing=failed,
                versions=None,
            )
        )
        at = end
    return tuple(made)


def corpus(pages: tuple[MediaPage, ...]) -> Report:
    """A report over these media, with totals of the same rows."""
    clips = [one for page in pages for one in page.clips]
    total = overview(
        tables(
            [page.media for page in pages],
            [one.clip for one in clips],
            [score for one in clips for score in one.scores],
            [one.pick for one in clips if one.pick],
            [verdict for one in clips for verdict in one.verdicts],
        ),
        LIMITS,
    )
    cure = "nothing to do: it is no media"
    failed = FailureGroup(
        "fetch", "not_media", cure, 2, (FailedRow("films/readme.txt", "no decoder recognises the bytes"),)
    )
    return Report(
        "Birds and doors",
        "./lake",
        "main",
        1_795_000_100_000_000,
        runs(),
        total,
        Spending(
            steps(
                [("sources", 9, None), ("media", total.media, total.media_us), ("clips", total.clips, total.clips_us)]
            ),
            costs(runs(), [("media stored", 81_000_000)], 60_000_000),
        ),
        LIMITS,
        MEANINGS,
        (failed,),
        _groups(clips),
        pages,
    )


def tables(
    media: Sequence[Media] = (),
    clips: Sequence[Clip] = (),
    scores: Sequence[Score] = (),
    picks: Sequence[Pick] = (),
    verdicts: Sequence[Verdict] = (),
) -> Tables:
    """Rows as the frames that a lake gives."""
    rows = {Media: media, Clip: clips, Score: scores, Pick: picks, Verdict: verdicts}
    frames = (pl.DataFrame(to_table(row, some)).lazy() for row, some in rows.items())
    return Tables(*frames)


def _groups(clips: Sequence[ClipPage]) -> Groups:
    """The first clip and the fourth, of another film, taken for copies of each other."""
    if len(clips) < 4:
        return Groups(0, 0, ())
    copy = Copy(clips[3].clip.clip_id, "duplicate: smaller picture")
    return Groups(41, 57, (Group(clips[0].clip.clip_id, (copy, Copy("elsewhere/0-1", "motion < 2")), 3),))


def small() -> Report:
    """Two films and a still: seven clips in full."""
    first = [(0, 4_000_000), (4_000_000, 7_480_000), (7_840_000, 12_000_000), (12_000_000, 19_000_000)]
    second = [(0, 3_000_000), (3_000_000, 9_000_000)]
    return corpus((film_page("aaaa1111", first, 1), film_page("bbbb2222", second, 7, None), still_page("cccc3333")))
