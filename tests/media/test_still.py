"""Stills of every kind are seen as a viewer shows them: their size, upright, on white; and what is none is named."""

import base64
import io
import struct
import zlib
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from curate.errors import NoFrames, RowError, TooLarge, Unsupported
from curate.media.demux import opened
from curate.media.facts import read_facts
from curate.media.file import LocalFile
from curate.media.picture import frames_rgb
from curate.media.planes import planes
from schemas.media import Media, Picture

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
CORNERS = (RED, GREEN, BLUE, WHITE)  # top left, top right, bottom left, bottom right
WIDTH, HEIGHT = 96, 64
T = Image.Transpose
STORED = {2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE, 6: T.ROTATE_90, 7: T.TRANSVERSE, 8: T.ROTATE_270}  # fmt: skip  # noqa: E501
"""How a picture lies in a file of each orientation of EXIF: what the viewer does, undone."""

GRID = base64.b64decode(
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAHhbWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aW"
    "YAAAAADnBpdG0AAAAAAAEAAABWaWxvYwAAAABEAAAFAAEAAAABAAACCQAAAAgAAgAAAAEAAAIRAAAAKwADAAAAAQAAAjwAAAArAAQAAAABAAAC"
    "ZwAAACsABQAAAAEAAAKSAAAAJAAAAJBpaW5mAAAAAAAFAAAAGmluZmUCAAAAAAEAAGdyaWRDb2xvcgAAAAAaaW5mZQIAAAEAAgAAYXYwMUNvbG"
    "9yAAAAABppbmZlAgAAAQADAABhdjAxQ29sb3IAAAAAGmluZmUCAAABAAQAAGF2MDFDb2xvcgAAAAAaaW5mZQIAAAEABQAAYXYwMUNvbG9yAAAA"
    "ACBpcmVmAAAAAAAAABRkaW1nAAEABAACAAMABAAFAAAAmWlwcnAAAABfaXBjbwAAABRpc3BlAAAAAAAAAQAAAAEAAAAAEHBpeGkAAAAAAwgICA"
    "AAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAACAAAAAgAAAAAxhdjFDgSAAAAAAADJpcG1hAAAAAAAAAAUAAQMBAgMAAgQEAoUDAAME"
    "BAKFAwAEBAQChQMABQQEAoUDAAAAtW1kYXQAAAEBAQABABIACgk4Gb//YQENBpAyHBGQAYYYYQC0g+ohSkobjiLDlYEcDFiPu3YbyFESAAoJOB"
    "m//2EBDQaQMhwRkAGGGGEAtINdFohBXNNuLocWc4/gCE3t2yuoEgAKCTgZv/9hAQ0GkDIcEZABhhhhALSD6dOhlSd2ZieYJjoxDEjprTzR2RIA"
    "Cgk4Gb//YQENBpAyFRGQAYYYYQC0g1osS/3BjSjbtVuq8A=="
)
"""`avifenc --grid 2x2` of the four corners, 256x256: four tiles, of which FFmpeg shows one."""


def card() -> Image.Image:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    half, middle = HEIGHT // 2, WIDTH // 2
    pixels[:half, :middle], pixels[:half, middle:], pixels[half:, :middle], pixels[half:, middle:] = CORNERS
    return Image.fromarray(pixels)


def save(path: Path, image: Image.Image, **options: object) -> Path:
    lossless = {".jpg": {"quality": 95}, ".webp": {"lossless": True}, ".avif": {"quality": 95}}
    image.save(path, **(lossless.get(path.suffix, {}) | options))  # type: ignore[arg-type]
    return path


def seen(path: Path) -> tuple[Media, Picture, NDArray[np.uint8]]:
    """The facts, the picture, and its first frame as displayed."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media("m", "s", file.size)
    assert media.picture is not None
    _, pixels = next(frames_rgb(file, media, 0, 1))
    assert pixels.shape == (media.picture.height, media.picture.width, 3)
    return media, media.picture, pixels


def corners(pixels: NDArray[np.uint8]) -> list[list[int]]:
    height, width = pixels.shape[0], pixels.shape[1]
    return [pixels[int(height * y), int(width * x)].tolist() for y in (0.25, 0.75) for x in (0.25, 0.75)]


def near(found: list[list[int]], wanted: tuple[tuple[int, int, int], ...] = CORNERS) -> None:
    assert np.abs(np.array(found) - np.array(wanted)).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif", "a.tif"])
def test_a_still_is_upright_however_the_camera_was_held(tmp_path: Path, name: str, orientation: int) -> None:
    stored = card().transpose(STORED[orientation]) if orientation in STORED else card()
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"tiffinfo": {274: orientation}} if name == "a.tif" else {"exif": exif}
    media, picture, pixels = seen(save(tmp_path / name, stored, **options))
    assert (media.still, picture.width, picture.height, picture.frames) == (True, WIDTH, HEIGHT, 1)
    near(corners(pixels))
    with opened(LocalFile(str(tmp_path / name), 0, (tmp_path / name).stat().st_size)) as container:
        frame = next(container.decode(video=0))
        luma = np.rot90(planes(frame, picture.flipped).luma, -(picture.rotation_deg // 90))  # as a scan has it
    grey = [int(luma[int(HEIGHT * y), int(WIDTH * x)]) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    assert grey[3] > grey[1] > grey[0] > grey[2]


def test_a_mirrored_video_is_put_right(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv444p"
        stream.set_display_rotation(0, hflip=True)
        for _ in range(3):
            picture = np.asarray(card().transpose(T.FLIP_LEFT_RIGHT))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())
    _, picture, pixels = seen(tmp_path / "a.mp4")
    assert picture.flipped
    assert [int(np.argmax(pixel)) for pixel in corners(pixels)[:3]] == [0, 1, 2]


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    image = card().convert("RGBA")
    image.putalpha(Image.fromarray(np.full((HEIGHT, WIDTH), 51, np.uint8)))  # a fifth
    for name in ("a.png", "a.webp", "a.tif"):
        _, _, pixels = seen(save(tmp_path / name, image))
        near(corners(pixels), ((255, 204, 204), (204, 255, 204), (204, 204, 255), WHITE))
    image.putalpha(0)
    _, _, pixels = seen(save(tmp_path / "b.png", image))
    assert pixels.min() == 255
    hole = card().convert("P")
    hole.info["transparency"] = hole.getpixel((0, 0))
    _, _, pixels = seen(save(tmp_path / "c.png", hole, transparency=hole.getpixel((0, 0))))
    near(corners(pixels), (WHITE, GREEN, BLUE, WHITE))


@pytest.mark.parametrize(
    ("name", "mode", "options", "coded"),
    [
        ("a.jpg", "CMYK", {}, "gbrap"),
        ("a.jpg", "RGB", {"progressive": True}, "yuvj420p"),
        ("a.png", "P", {}, "pal8"),
        ("a.bmp", "RGB", {}, "bgr24"),
        ("a.tif", "RGB", {"compression": "tiff_lzw"}, "rgb24"),
        ("a.gif", "P", {}, "bgra"),
    ],
)
def test_every_coding_shows_the_same(
    tmp_path: Path, name: str, mode: str, options: dict[str, object], coded: str
) -> None:
    media, picture, pixels = seen(save(tmp_path / name, card().convert(mode), **options))
    assert (media.still, picture.pixel_format) == (True, coded)
    near(corners(pixels))


def test_sixteen_bits_and_grey_are_shown(tmp_path: Path) -> None:
    deep = np.asarray(card())[..., ::-1].astype(np.uint16) * 257
    cv2.imwrite(str(tmp_path / "a.png"), deep)
    _, picture, pixels = seen(tmp_path / "a.png")
    assert picture.pixel_format == "rgb48be"
    near(corners(pixels))
    for name in ("b.jpg", "b.png"):
        _, picture, pixels = seen(save(tmp_path / name, card().convert("L")))
        assert picture.pixel_format == "gray"
        near(corners(pixels), ((76,) * 3, (150,) * 3, (29,) * 3, WHITE))


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.avif"])
def test_what_moves_is_a_video(tmp_path: Path, name: str) -> None:
    others = [card().transpose(T.FLIP_LEFT_RIGHT), card().transpose(T.ROTATE_180)]
    media, _, _ = seen(save(tmp_path / name, card(), save_all=True, append_images=others, duration=100))
    assert not media.still
    file = LocalFile(str(tmp_path / name), 0, (tmp_path / name).stat().st_size)
    shown = list(frames_rgb(file, media, 0, 10**6))
    assert [pts_us for pts_us, _ in shown] == [0, 100_000, 200_000]
    near(corners(shown[1][1]), (GREEN, RED, WHITE, BLUE))


def test_a_picture_in_tiles_is_unsupported_not_its_first_tile(tmp_path: Path) -> None:
    (tmp_path / "a.avif").write_bytes(GRID)
    with pytest.raises(Unsupported, match="in tiles"):
        seen(tmp_path / "a.avif")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("side", [8_001, 30_000, 2**31 - 1])
def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path: Path, side: int) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    row = zlib.compress(bytes(1 + 3 * 30_000))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", row) + chunk(b"IEND", b""))
    with pytest.raises(TooLarge, match="64000000"):
        seen(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif", "a.tif"])
def test_a_still_that_is_cut_off_has_no_frames(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    whole = io.BytesIO()
    Image.fromarray(noise).save(whole, {"jpg": "JPEG", "tif": "TIFF"}.get(name[2:], name[2:].upper()))
    (tmp_path / name).write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    with pytest.raises(NoFrames):
        seen(tmp_path / name)


def test_a_jpeg_with_something_behind_it_is_whole(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg", card())
    path.write_bytes(path.read_bytes() + bytes(1000))
    near(corners(seen(path)[2]))


def test_a_broken_tag_costs_nothing(tmp_path: Path) -> None:
    exif = b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 40
    near(corners(seen(save(tmp_path / "a.jpg", card(), exif=exif))[2]))


def test_a_still_inside_a_shard_is_read_in_place(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 5
    data = save(tmp_path / "a.jpg", card().transpose(T.TRANSPOSE), exif=exif).read_bytes()
    (tmp_path / "shard").write_bytes(b"x" * 777 + data + b"y" * 777)
    file = LocalFile(str(tmp_path / "shard"), 777, len(data))
    media = read_facts(file).media("m", "s", file.size)
    near(corners(next(frames_rgb(file, media, 0, 1))[1]))


def test_random_bytes_behind_a_beginning_end_in_a_row_error(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0)
    for begin in (
        b"\xff\xd8\xff\xe1",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\xff\xff\0\0WEBPVP8 ",
        b"II*\0",
        b"MM\0*",
        b"BM",
        b"GIF89a",
    ):
        for _ in range(5):
            (tmp_path / "a").write_bytes(begin + numbers.bytes(500))
            try:
                seen(tmp_path / "a")
            except RowError:
                continue
