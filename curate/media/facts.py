"""What a container says of itself: opened and demuxed, never decoded beyond one frame (which carries the rotation)."""

import struct
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import av
import av.error
from av.stream import Disposition

from curate.errors import NoFrames, NotMedia, Unsupported
from curate.media import sniff
from curate.media.clock import MAX_PIXELS, check_pixels
from curate.media.demux import opened
from curate.media.file import LocalFile
from curate.media.still import Turn, still_turn
from schemas.media import Audio, Media, Picture, Stream

Kind = Literal["video", "audio", "subtitle", "data", "attachment"]

_HDR_TRANSFERS = frozenset({16, 18})  # SMPTE ST 2084 (PQ), ARIB STD-B67 (HLG)
_STILL_BRANDS = frozenset({"avif", "heic", "heix", "mif1"})
_ISO_NAMES = {
    "qt": "mov", "3gp": "3gp", "3g2": "3gp", "avif": "avif", "avis": "avif", "heic": "heic", "heix": "heic",
    "mif1": "heic", "M4A": "m4a",
}  # fmt: skip
_ANIMATED = frozenset({"gif", "apng"})
_PROBED_PACKETS = 64  # in which the first frame must come
_FORMATS = frozenset((
    "mov", "matroska", "avi", "mpegts", "mpeg", "mpegvideo", "flv", "asf", "ogg", "gif", "apng", "mjpeg", "h264",
    "hevc", "vvc", "m4v", "ivf", "obu", "av1", "nut", "mxf", "dv", "rm", "wtv", "h263", "yuv4mpegpipe", "wav",
    "w64", "flac", "mp3", "aac", "ac3", "eac3", "dts", "aiff", "au", "caf", "amr", "wv", "ape", "tta", "mpc",
    "mpc8", "tak", "image2", "jpeg_pipe", "png_pipe", "webp_pipe", "bmp_pipe", "tiff_pipe", "gif_pipe", "j2k_pipe",
    "jpegxl_pipe", "jpegxl_anim", "qoi_pipe", "pbm_pipe", "pgm_pipe", "ppm_pipe", "pam_pipe", "dpx_pipe",
    "exr_pipe",
))  # fmt: skip
"""What is let in. Playlists and lists of files (hls, dash, concat) and text shown as a picture (tty) are not."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A media but for where it came from and where it lies."""

    container: str
    duration_us: int | None
    still: bool
    streams: tuple[Stream, ...]
    picture: Picture | None
    audio: Audio | None

    def media(self, media_id: str, source_id: str, size_bytes: int) -> Media:
        """The row of a media with these facts, its bytes not stored yet."""
        return Media(
            media_id=media_id,
            source_id=source_id,
            size_bytes=size_bytes,
            container=self.container,
            duration_us=self.duration_us,
            still=self.still,
            streams=self.streams,
            picture=self.picture,
            audio=self.audio,
        )


def read_facts(file: LocalFile) -> Facts:
    """The facts of a file; NotMedia, NoFrames or Unsupported says what it is instead."""
    head = _head(file)
    refuse_documents(head)
    if head.startswith(sniff.JPEG) and sniff.JPEG_END not in _tail(file):
        raise NoFrames("a JPEG file that is cut off: it has no end")
    turn = still_turn(file, head)
    if sniff.animated_webp(head):
        raise Unsupported("an animated WebP, which FFmpeg does not decode; convert it to GIF or video")
    try:
        with opened(file) as container:
            return _facts(container, head, turn)
    except NotMedia as error:
        if error.__cause__ is None:
            raise
        damage = sniff.mp4_damage(_boxes(file), file.size)
        raise NotMedia(damage or "no demuxer recognises the bytes") from error
    except av.error.FFmpegError as error:
        raise NotMedia(f"breaks off while its streams are read: {error.strerror}") from error


def refuse_documents(head: bytes) -> None:
    """Raise NotMedia for the first bytes of a file that is empty, text, or an archive or document."""
    if not head:
        raise NotMedia("an empty file")
    if (looks := sniff.document(head)) is not None:
        raise NotMedia(f"not media but {looks}")


def _head(file: LocalFile) -> bytes:
    with Path(file.path).open("rb") as source:
        source.seek(file.offset)
        return source.read(min(file.size, sniff.HEAD_BYTES))


def _tail(file: LocalFile) -> bytes:
    with Path(file.path).open("rb") as source:
        source.seek(file.offset + max(0, file.size - sniff.TAIL_BYTES))
        return source.read(min(file.size, sniff.TAIL_BYTES))


def _boxes(file: LocalFile) -> list[tuple[bytes, int]]:
    """The top-level MP4 boxes, at most a thousand."""
    boxes: list[tuple[bytes, int]] = []
    position = 0
    with Path(file.path).open("rb") as source:
        while position < file.size and len(boxes) < 1000:
            source.seek(file.offset + position)
            box = sniff.top_box(source.read(min(16, file.size - position)), position)
            if box is None:
                break
            boxes.append(box)
            position = box[1]
    return boxes


def _facts(container: av.container.InputContainer, head: bytes, turn: Turn | None) -> Facts:
    name = container.format.name.partition(",")[0]
    if name not in _FORMATS:
        raise NotMedia(f"not media but {container.format.long_name}")
    brand = container.metadata.get("major_brand", "").strip()
    streams = tuple(_stream(stream) for stream in container.streams)
    still = _still(container, name, brand)
    if still and any(stream.disposition & Disposition.dependent for stream in container.streams):
        raise Unsupported(
            "a picture in tiles (a grid of HEIF items), of which FFmpeg shows one; convert it to JPEG or PNG"
        )
    picture, audio = _picture(container, still, turn if still else None), _audio(container)
    if picture is None and audio is None:
        codecs = [stream.codec for stream in streams if stream.kind in ("video", "audio")]
        if codecs and not any(codecs):
            raise Unsupported("its picture or sound is of a codec that FFmpeg has no name for")
        if any(stream.kind == "video" for stream in streams):
            raise NoFrames("has a picture stream, but not one frame in it")
    return Facts(
        container=_container_name(name, brand, head),
        duration_us=None if still else container.duration,
        still=still,
        streams=streams,
        picture=picture,
        audio=audio,
    )


def _container_name(name: str, brand: str, head: bytes) -> str:
    if name == "mov":
        return _ISO_NAMES.get(brand, _ISO_NAMES.get(brand[:3], "mp4"))
    if name == "matroska":
        return "webm" if b"webm" in head[:64] else "matroska"
    return "jpeg" if name == "image2" else name.removesuffix("_pipe")


def _still(container: av.container.InputContainer, name: str, brand: str) -> bool:
    """Whether the file is an image of one frame. A video of one frame is a video."""
    if name == "image2" or name.endswith("_pipe"):
        return True
    if name == "mov":
        return brand in _STILL_BRANDS
    return name in _ANIMATED and len(list(islice((p for p in container.demux(video=0) if p.size), 2))) == 1


def _stream(stream: av.stream.Stream) -> Stream:
    cover = bool(stream.disposition & Disposition.attached_pic)
    kinds: dict[str, Kind] = {"video": "video", "audio": "audio", "subtitle": "subtitle", "attachment": "attachment"}
    context = stream.codec_context
    return Stream(
        index=stream.index,
        kind="attachment" if cover else kinds.get(stream.type, "data"),
        codec=context.codec.canonical_name if context is not None else None,
        bit_rate=(getattr(context, "bit_rate", None) or None) if context is not None else None,
        language=stream.language if stream.language not in ("", "und") else None,
    )


def _audio(container: av.container.InputContainer) -> Audio | None:
    stream = container.streams.best("audio")
    if not isinstance(stream, av.AudioStream):
        return None
    context = stream.codec_context
    if context is None or not context.sample_rate:  # None: PyAV's types do not know of streams of no known codec
        return None
    return Audio(stream.index, context.codec.canonical_name, context.sample_rate, context.channels)


def _picture(container: av.container.InputContainer, still: bool, turn: Turn | None) -> Picture | None:
    """The picture stream a player shows; None where there is none, or nothing in it to tell its pixels."""
    stream = container.streams.best("video")
    if not isinstance(stream, av.VideoStream) or stream.disposition & Disposition.attached_pic:
        return None
    context = stream.codec_context
    if context is None or not (context.width and context.height and context.pix_fmt):
        return None
    check_pixels(context.width, context.height, MAX_PIXELS)
    turn = turn or _turn(container, stream)
    aspect = stream.sample_aspect_ratio
    width, height = displayed(context.width, context.height, float(aspect) if aspect else 1.0, turn.rotation_deg)
    return Picture(
        stream=stream.index,
        codec=context.codec.canonical_name,
        width=width,
        height=height,
        coded_width=context.width,
        coded_height=context.height,
        rotation_deg=turn.rotation_deg,
        pixel_format=context.pix_fmt,
        average_fps=float(stream.average_rate) if stream.average_rate and not still else None,
        frames=1 if still else stream.frames or None,
        hdr=context.color_trc in _HDR_TRANSFERS,
        flipped=turn.flipped,
    )


def displayed(width: int, height: int, aspect: float, rotation_deg: int) -> tuple[int, int]:
    """Size in square pixels, after rotation; the shorter side grows. A pixel of 8:1 or more is not believed."""
    if 1 < aspect < 8:
        width = int(width * aspect + 0.5)
    elif 1 / 8 < aspect < 1:
        height = int(height / aspect + 0.5)
    return (height, width) if rotation_deg in (90, 270) else (width, height)


def _turn(container: av.container.InputContainer, stream: av.VideoStream) -> Turn:
    """From the display matrix of the first frame; none where no frame comes, as for a player."""
    if container.format.name in _ANIMATED:  # these carry none
        return Turn(False, 0)
    stream.codec_context.thread_count = 1
    for packet in islice(container.demux(stream), _PROBED_PACKETS):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            continue
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                return Turn(_flipped(frame), -round(frame.rotation / 90) * 90 % 360)
    return Turn(False, 0)


def _flipped(frame: av.VideoFrame) -> bool:
    """Whether the display matrix mirrors, which `frame.rotation` leaves out: its determinant is negative."""
    try:
        found = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # it carries a kind of data that PyAV has no name for, such as EXIF
        return False
    if found is None:
        return False
    a, b, _, c, d = struct.unpack_from("=5i", found)  # type: ignore[arg-type]  # side data is a buffer
    return bool(a * d - b * c < 0)
