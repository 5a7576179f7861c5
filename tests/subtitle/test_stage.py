"""Subtitles of real containers and of sidecars become rows in media time."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from curate.media.sandbox import isolated
from curate.stage import Outcome
from curate.subtitle.stage import Subtitles
from curate.subtitle.subtitled import Subtitled
from schemas.media import Sidecar, Subtitle
from tests.fetch.playlists import SRT, ffmpeg
from tests.media.rows import media_file

pytestmark = pytest.mark.integration

ASS = r"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\pos(10,10)\i1}Hello{\i0}, you\Nthere
Dialogue: 0,0:00:01.50,0:00:03.00,Default,Bob,0,0,0,,Overlap
Dialogue: 0,0:00:03.00,0:00:03.50,Default,,0,0,0,,{\p1}m 0 0 l 100 0{\p0}
"""
SPOKEN = [(500_000, 1_500_000, "Hello there"), (3_000_000, 4_000_000, "Second\nline")]
_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=5")


def subtitled(path: Path, *sidecars: tuple[Sidecar, bytes]) -> Subtitled:
    found = media_file(path)
    return Subtitled(found.media, found.file, sidecars)


def read(row: Subtitled, stage: Subtitles | None = None) -> Outcome[Subtitle]:
    (outcome,) = (stage or Subtitles()).open()([row])
    return outcome


def told(rows: Sequence[Subtitle], track: str) -> list[tuple[int, int, str]]:
    return [(row.start_us, row.end_us, row.text) for row in rows if row.track == track]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    srt, ass = folder / "s.srt", folder / "a.ass"
    srt.write_text(SRT)
    ass.write_text(ASS)
    h264, with_srt = ("-c:v", "libx264", "-pix_fmt", "yuv420p"), (*_PICTURE, "-i", srt)
    ffmpeg(*with_srt, "-i", ass, "-map", "0", "-map", "1", "-map", "2", *h264, "-c:s:0", "srt", "-c:s:1", "ass",
           "-metadata:s:s:1", "language=ger", folder / "two.mkv")  # fmt: skip
    ffmpeg(*with_srt, *h264, "-c:s", "mov_text", folder / "text.mp4")
    ffmpeg(*with_srt, "-c:v", "libvpx", "-b:v", "100k", "-c:s", "webvtt", folder / "text.webm")
    ffmpeg("-i", folder / "two.mkv", "-map", "0:0", "-map", "0:1", "-c", "copy", "-output_ts_offset", "7",
           folder / "late.mkv")  # fmt: skip
    ffmpeg(*_PICTURE, *h264, "-f", "mpegts", folder / "plain.ts")
    ffmpeg(*_PICTURE, *h264, folder / "plain.mp4")
    return folder


def test_text_of_matroska_in_two_streams(films: Path) -> None:
    outcome = read(subtitled(films / "two.mkv"))
    assert outcome.failure is None
    assert told(outcome.rows, "stream 1") == SPOKEN
    assert told(outcome.rows, "stream 2") == [
        (1_000_000, 2_500_000, "Hello, you\nthere"),
        (1_500_000, 3_000_000, "Overlap"),
    ]
    assert {(row.track, row.language) for row in outcome.rows} == {("stream 1", None), ("stream 2", "ger")}
    assert len({row.subtitle_id for row in outcome.rows}) == 4
    assert outcome.rows[0].subtitle_id == f"{outcome.rows[0].media_id}#stream1-000000"


@pytest.mark.parametrize("name", ["text.mp4", "text.webm"])
def test_text_of_other_containers(films: Path, name: str) -> None:
    assert told(read(subtitled(films / name)).rows, "stream 1") == SPOKEN


def test_media_time_begins_with_the_first_frame(films: Path) -> None:
    assert told(read(subtitled(films / "late.mkv")).rows, "stream 1") == SPOKEN


def test_media_without_text_are_not_opened(films: Path) -> None:
    plain = subtitled(films / "plain.mp4")
    assert read(replace(plain, file=None)) == Outcome(plain.id, ())


VTT = b"""WEBVTT

STYLE
::cue { color: red }

NOTE not shown

00:00.500 --> 00:01.000 align:start position:0%
<v Bob>Hi <b>there</b><00:00:00.700><c> you</c> &amp; {me} 1 &lt; 2

00:00.990 --> 00:01.000
Hi there

00:04.000 --> 99999999:00:00.000
to the end
"""


def test_sidecars_are_read_beside_streams(films: Path) -> None:
    english, german = Sidecar("en", True), Sidecar("de", False)
    outcome = read(subtitled(films / "text.mp4", (english, VTT), (german, b"WEBVTT\n\n00:01.000 --> 00:02.000\nJa\n")))
    assert told(outcome.rows, "stream 1") == SPOKEN
    assert told(outcome.rows, "sidecar 0") == [
        (500_000, 1_000_000, "Hi there you & {me} 1 < 2"),
        (990_000, 1_000_000, "Hi there"),
        (4_000_000, 5_000_000, "to the end"),
    ]
    assert told(outcome.rows, "sidecar 1") == [(1_000_000, 2_000_000, "Ja")]
    assert {(r.track, r.language, r.automatic) for r in outcome.rows if r.track.startswith("sidecar")} == {
        ("sidecar 0", "en", True),
        ("sidecar 1", "de", False),
    }


def test_sidecars_of_hls_follow_the_clock_that_they_name(films: Path) -> None:
    row = subtitled(films / "plain.ts")  # FFmpeg's MPEG-TS begins at 1.4 s, its first frame at 1.48 s
    named = b"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:133200\n\n00:01.000 --> 00:02.000\nJa\n"
    outcome = read(replace(row, sidecars=((Sidecar("de", False), named),)))
    assert told(outcome.rows, "sidecar 0") == [(1_000_000, 2_000_000, "Ja")]
    wrapped = named.replace(b"133200", str(133_200 + (1 << 33)).encode())
    assert read(replace(row, sidecars=((Sidecar("de", False), wrapped),))).rows == outcome.rows


@pytest.mark.parametrize("data", [b"", b"\x00" * 5000, b"WEBVTT", b"no subtitles", b"WEBVTT\n\n00:00.000 --> \nx\n"])
def test_a_sidecar_that_is_none_gives_no_rows(films: Path, data: bytes) -> None:
    outcome = read(subtitled(films / "plain.mp4", (Sidecar(None, False), data)))
    assert (outcome.rows, outcome.failure) == ((), None)


@pytest.mark.parametrize("bound", [{"max_cues": 99}, {"max_characters": 399}])
def test_a_flood_of_cues_is_too_large(films: Path, bound: dict[str, int]) -> None:
    flood = b"WEBVTT\n\n" + b"".join(b"00:0%d.%03d --> 00:04.000\nword\n\n" % (i % 4, i) for i in range(100))
    row = subtitled(films / "plain.mp4", (Sidecar(None, False), flood))
    assert len(read(row).rows) == 100
    failure = read(row, Subtitles(**bound)).failure
    assert failure is not None
    assert failure.kind == "too_large"


def test_a_film_that_is_cut_off_gives_what_it_has(films: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mkv"
    cut.write_bytes((films / "two.mkv").read_bytes()[: (films / "two.mkv").stat().st_size * 2 // 3])
    outcome = read(subtitled(cut))
    assert outcome.failure is None
    assert told(outcome.rows, "stream 1")[0] == SPOKEN[0]


def test_the_stage_runs_in_a_child(films: Path) -> None:
    stage = Subtitles()
    run = isolated(stage, stage.limits)
    rows = [subtitled(films / "text.mp4", (Sidecar("en", True), VTT)), subtitled(films / "two.mkv")]
    assert [outcome.rows for outcome in run(rows)] == [read(row).rows for row in rows]
    assert run.confinement is not None
    assert run.confinement.network
    run.close()


@pytest.mark.golden
def test_real_subtitles_of_a_broadcast(media: Path) -> None:
    rows = read(subtitled(media / "good/nasa_13013_180p.mp4")).rows
    assert {row.track for row in rows} == {"stream 2", "stream 5"}
    first, second = told(rows, "stream 2")[:2]
    assert first == (210_000, 4_260_000, "NAR: This is the optical and science segment of the Webb")
    assert second == (4_260_000, 8_350_000, "space telescope in one of the largest cleanrooms in the world")
    assert told(rows, "stream 2") == told(rows, "stream 5")


def test_pictures_of_text_give_no_rows(films: Path) -> None:
    row = subtitled(films / "text.mp4")
    drawn = tuple(replace(s, codec="dvd_subtitle") if s.kind == "subtitle" else s for s in row.media.streams)
    assert read(replace(row, media=replace(row.media, streams=drawn))) == Outcome(row.id, ())
