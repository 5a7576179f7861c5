"""Facts of real containers, and of bytes that are none."""

from pathlib import Path

import av
import numpy as np
import pytest

from curate.errors import NoFrames, NotMedia, RowError, Unsupported
from curate.media.facts import Facts, displayed, read_facts
from curate.media.file import LocalFile


def facts(path: Path) -> Facts:
    return read_facts(LocalFile(str(path), 0, path.stat().st_size))


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def images(path: Path, codec: str, frames: int, pixel_format: str, container: str | None = None) -> Path:
    """Noise in one image file, 64x48."""
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        for i in range(frames):
            picture = np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixel_format)))
        out.mux(stream.encode())
    return path


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nasty/zero_length.mp4", (NotMedia, "an empty file")),
        ("nasty/text_named.mp4", (NotMedia, "not media but plain text")),
        ("nasty/init_segment_only.mp4", (NoFrames, "has a picture stream, but not one frame in it")),
        (
            "nasty/truncated_moov_at_end.mp4",
            (NotMedia, "an MP4 file that is cut off: 1500000 of at least 4121299 bytes are there"),
        ),
    ],
)
def test_what_is_no_media_is_named(media: Path, name: str, expected: tuple[type[RowError], str]) -> None:
    with pytest.raises(expected[0]) as error:
        facts(media / name)
    assert str(error.value) == expected[1]


@pytest.mark.golden
def test_everything_else_in_the_cabinet_has_facts(media: Path) -> None:
    refused = set()
    for path in sorted(p for folder in ("good", "nasty", "bomb") for p in (media / folder).iterdir()):
        try:
            found = facts(path)
        except RowError:
            refused.add(path.name)
            continue
        assert found.picture or found.audio or path.name == "subtitles_only.mp4"
        assert not found.still
    assert refused == {"zero_length.mp4", "text_named.mp4", "init_segment_only.mp4", "truncated_moov_at_end.mp4"}


@pytest.mark.golden
def test_an_ordinary_video(media: Path) -> None:
    found = facts(media / "good/sam2_dog_720p.mp4")
    picture, audio = found.picture, found.audio
    assert (found.container, found.duration_us) == ("mp4", 9_664_000)
    assert [(s.kind, s.codec, s.language) for s in found.streams] == [
        ("video", "h264", None), ("audio", "aac", "eng"), ("data", None, "eng"),
    ]  # fmt: skip
    assert picture is not None
    assert audio is not None
    assert (picture.codec, picture.width, picture.height, picture.frames) == ("h264", 1280, 720, 289)
    assert picture.average_fps == pytest.approx(30000 / 1001)
    assert (audio.stream, audio.codec, audio.sample_rate_hz, audio.channels) == (1, "aac", 48000, 2)


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "rotation_deg", "size"),
    [
        ("nasty/rot90_iphone.mov", 90, (320, 568)),
        ("nasty/portrait_4k60_rot.mp4", 90, (2160, 3840)),
        ("nasty/rot180_720p_5s.mp4", 180, (1280, 720)),
        ("good/bbb_240p_5s.mp4", 0, (427, 240)),  # pixels of 4:3
        ("good/nasa_13013_180p.mp4", 0, (480, 270)),  # the larger of two
    ],
)
def test_the_displayed_size_is_that_of_a_player(
    media: Path, name: str, rotation_deg: int, size: tuple[int, int]
) -> None:
    picture = facts(media / name).picture
    assert picture is not None
    assert (picture.rotation_deg, (picture.width, picture.height)) == (rotation_deg, size)


@pytest.mark.golden
def test_hdr_is_told_by_its_transfer(media: Path) -> None:
    pictures = {path.name: facts(path).picture for path in (media / "nasty").glob("h*.mp4")}
    hdr = {name for name, picture in pictures.items() if picture is not None and picture.hdr}
    assert hdr == {"hdr10_av1_720x1280.mp4", "hdr10_hevc_10bit_1080p.mp4", "hevc_12bit_hdr.mp4"}


@pytest.mark.golden
def test_an_unknown_duration_is_none(media: Path) -> None:
    found = facts(media / "nasty/no_duration.webm")
    assert (found.container, found.duration_us) == ("webm", None)


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format", "container"),
    [
        ("a.png", "png", "rgb24", "png"),
        ("a.jpg", "mjpeg", "yuvj420p", "jpeg"),
        ("a.webp", "libwebp", "yuv420p", "webp"),
        ("a.gif", "gif", "rgb8", "gif"),
    ],
)
def test_an_image_is_still_and_has_no_duration(
    tmp_path: Path, name: str, codec: str, pixel_format: str, container: str
) -> None:
    found = facts(images(tmp_path / name, codec, 1, pixel_format, "image2" if codec in ("png", "mjpeg") else None))
    assert found.picture is not None
    assert (found.still, found.container, found.duration_us) == (True, container, None)
    assert (found.picture.width, found.picture.height, found.picture.frames, found.picture.average_fps) == (
        64, 48, 1, None,
    )  # fmt: skip


def test_an_animated_gif_is_a_video(tmp_path: Path) -> None:
    found = facts(images(tmp_path / "a.gif", "gif", 3, "rgb8"))
    assert found.picture is not None
    assert (found.still, found.duration_us, found.picture.frames) == (False, 300_000, 3)


def test_an_animated_webp_is_unsupported(tmp_path: Path) -> None:
    header = b"RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x3f\x00\x00\x2f\x00\x00"
    with pytest.raises(Unsupported, match="animated WebP"):
        facts(write(tmp_path / "a", header))


def test_the_orientation_of_a_photograph_is_its_rotation(tmp_path: Path) -> None:
    data = images(tmp_path / "a.jpg", "mjpeg", 1, "yuvj420p", "image2").read_bytes()
    tiff = b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
    exif = b"Exif\x00\x00" + tiff
    turned = data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:]
    picture = facts(write(tmp_path / "turned", turned)).picture
    assert picture is not None
    assert (picture.rotation_deg, picture.width, picture.height) == (90, 48, 64)


def test_cover_art_is_no_picture(tmp_path: Path) -> None:
    cover = images(tmp_path / "c.png", "png", 1, "rgb24", "image2").read_bytes()
    with av.open(str(tmp_path / "a.flac"), "w") as out:
        sound = out.add_stream("flac", rate=8000)
        assert isinstance(sound, av.AudioStream)
        art = out.add_stream("png", rate=1)
        assert isinstance(art, av.VideoStream)
        art.width, art.height, art.pix_fmt = 64, 48, "rgb24"
        art.disposition = av.stream.Disposition.attached_pic
        packet = av.Packet(cover)
        packet.stream, packet.pts, packet.dts = art, 0, 0
        out.mux(packet)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        out.mux(sound.encode(frame))
        out.mux(sound.encode())
    found = facts(tmp_path / "a.flac")
    assert found.picture is None
    assert found.audio is not None
    assert sorted(stream.kind for stream in found.streams) == ["attachment", "audio"]


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"<!DOCTYPE html>\n<html><body>\xe9", "an HTML page"),
        (b"\xef\xbb\xbf  <html>", "an HTML page"),
        (b'{"error": "not found"}', "a JSON document"),
        (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "an HLS playlist"),
        (b"ffconcat version 1.0\nfile other.mp4\n", "an FFmpeg playlist"),
        (b"%PDF-1.7\n\x00\x01", "a PDF document"),
        (b"PK\x03\x04\x00\x00", "a ZIP archive"),
    ],
)
def test_documents_are_called_what_they_are(tmp_path: Path, data: bytes, looks: str) -> None:
    with pytest.raises(NotMedia, match=f"^not media but {looks}$"):
        facts(write(tmp_path / "a.mp4", data))


@pytest.mark.parametrize(("codec", "mark"), [("mpeg4", b"FMP4"), ("pcm_s16le", (1).to_bytes(2, "little") * 2)])
def test_a_codec_without_a_name_is_unsupported(tmp_path: Path, codec: str, mark: bytes) -> None:
    with av.open(str(tmp_path / "a.avi"), "w", format="avi") as out:
        if codec == "mpeg4":
            video = out.add_stream(codec, rate=10)
            video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            out.mux([*video.encode(frame), *video.encode()])
        else:
            audio = out.add_stream(codec, rate=8000, layout="mono")
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
            sound.sample_rate = 8000
            out.mux([*audio.encode(sound), *audio.encode()])
    data = (tmp_path / "a.avi").read_bytes()
    assert mark in data
    path = write(tmp_path / "b.avi", data.replace(mark, b"ZZZZ"))
    with pytest.raises(Unsupported, match="FFmpeg has no name for"):
        facts(path)


def test_noise_is_no_media(tmp_path: Path) -> None:
    with pytest.raises(NotMedia, match=r"^no demuxer recognises the bytes$"):
        facts(write(tmp_path / "a.mp4", np.random.default_rng(1).bytes(5000)))


def test_a_playlist_behind_a_zero_byte_opens_no_other_file(tmp_path: Path, media: Path) -> None:
    inside = (media / "good/bbb_240p_5s.mp4").as_posix()
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:5.3,\n{inside}\n#EXT-X-ENDLIST\n".encode() + b"\x00"
    with pytest.raises(NotMedia):
        facts(write(tmp_path / "a.m3u8", playlist))


@pytest.mark.parametrize(
    ("aspect", "rotation_deg", "size"),
    [(1.0, 0, (720, 480)), (8 / 9, 0, (720, 540)), (4 / 3, 90, (480, 960)), (100.0, 0, (720, 480))],
)
def test_pixels_are_squared_by_growing(aspect: float, rotation_deg: int, size: tuple[int, int]) -> None:
    assert displayed(720, 480, aspect, rotation_deg) == size


def test_a_file_inside_another_is_read_in_place(tmp_path: Path, media: Path) -> None:
    data = (media / "nasty/rot90_iphone.mov").read_bytes()
    outer = write(tmp_path / "shard.tar", b"x" * 512 + data + b"y" * 512)
    assert read_facts(LocalFile(str(outer), 512, len(data))) == facts(media / "nasty/rot90_iphone.mov")
