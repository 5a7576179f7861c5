"""Picture and sound that came apart are joined as they are, by the clock that they share."""

from pathlib import Path

import av
import pytest

from curate.errors import ROW_ERRORS
from curate.fetch.site.join import Apart, Join, Joined
from tests.fetch.playlists import ffmpeg, packets, starts_s

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2")
_SOUND = ("-f", "lavfi", "-i", "sine=f=440:d=2")
_H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")


def joined(folder: Path) -> Joined:
    (outcome,) = Join().open()([Apart("a", str(folder))])
    if outcome.failure is not None:
        raise ROW_ERRORS[outcome.failure.kind](outcome.failure.detail)
    return outcome.rows[0]


@pytest.mark.parametrize(
    ("picture", "sound", "container"),
    [
        (("-c:v", "libvpx-vp9", "-b:v", "100k", "-f", "webm"), ("-c:a", "libopus", "-f", "webm"), "mov,mp4"),
        (("-c:v", "libvpx", "-b:v", "100k", "-f", "webm"), ("-c:a", "libvorbis", "-f", "webm"), "matroska"),
    ],
)
def test_the_container_takes_both_codecs(
    tmp_path: Path, picture: tuple[str, ...], sound: tuple[str, ...], container: str
) -> None:
    ffmpeg(*_PICTURE, *picture, tmp_path / "0")
    ffmpeg(*_SOUND, *sound, tmp_path / "1")
    assert joined(tmp_path).begins_us == 0
    with av.open(str(tmp_path / "joined")) as made:
        assert made.format.name.startswith(container)
    for number, kind in enumerate(("video", "audio")):
        assert packets(tmp_path / "joined", kind) == packets(tmp_path / str(number), kind)
    first = (tmp_path / "joined").read_bytes()
    joined(tmp_path)
    assert (tmp_path / "joined").read_bytes() == first


def _id3(ticks: int) -> bytes:
    """The tag that packed audio of HLS begins with: its time on the 90 kHz clock."""
    owner = b"com.apple.streaming.transportStreamTimestamp\0" + ticks.to_bytes(8, "big")
    frame = b"PRIV" + len(owner).to_bytes(4, "big") + b"\0\0" + owner
    return b"ID3\x04\0\0" + bytes((0, 0, len(frame) >> 7, len(frame) & 127)) + frame


def test_packed_audio_begins_when_its_tag_says(tmp_path: Path) -> None:
    ffmpeg(*_PICTURE, *_H264, "-f", "mpegts", tmp_path / "0")  # its first frame is at 1.48 s
    ffmpeg(*_SOUND, "-c:a", "aac", "-f", "adts", tmp_path / "adts")
    (tmp_path / "1").write_bytes(_id3(round(1.98 * 90_000)) + (tmp_path / "adts").read_bytes())
    assert joined(tmp_path).begins_us == pytest.approx(1_480_000, abs=1000)
    picture_s, sound_s = starts_s(tmp_path / "joined")
    assert picture_s == pytest.approx(0, abs=1e-3)
    assert sound_s == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("body", [b"", b"no media at all", b"\x00\x00\x00\x18ftypmp42" + bytes(100)])
def test_what_is_no_media_is_a_failure(tmp_path: Path, body: bytes) -> None:
    ffmpeg(*_PICTURE, *_H264, "-f", "mpegts", tmp_path / "0")
    (tmp_path / "1").write_bytes(body)
    (outcome,) = Join().open()([Apart("a", str(tmp_path))])
    assert outcome.failure is not None
    assert outcome.failure.kind in ("not_media", "unsupported")


@pytest.mark.parametrize(
    "script", ["ffconcat version 1.0\nfile {0}\n", "#EXTM3U\n#EXTINF:2,\nfile://{0}\n#EXT-X-ENDLIST\n"]
)
def test_a_part_that_names_another_file_does_not_get_it(tmp_path: Path, script: str) -> None:
    ffmpeg(*_PICTURE, *_H264, "-f", "mpegts", tmp_path / "secret.ts")
    ffmpeg(*_SOUND, "-c:a", "aac", "-f", "adts", tmp_path / "1")
    (tmp_path / "0").write_text(script.format(tmp_path / "secret.ts"))
    (outcome,) = Join().open()([Apart("a", str(tmp_path))])
    assert outcome.failure is not None
    assert outcome.failure.kind == "not_media"
    assert not (tmp_path / "joined").exists()


def test_two_pictures_are_not_picture_and_sound(tmp_path: Path) -> None:
    for name in ("0", "1"):
        ffmpeg(*_PICTURE, *_H264, "-f", "mpegts", tmp_path / name)
    (outcome,) = Join().open()([Apart("a", str(tmp_path))])
    assert outcome.failure is not None
    assert outcome.failure.kind == "unsupported"
