"""The stage: one picture latent of each clip, and one of its sound."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from curate.encode.bucket import FRAMES, SIZES, Bucket, centre_crop, fit_frames, fit_size
from curate.encode.contract import Contract, content_key
from curate.encode.encoder import PICTURE_ENCODERS, SOUND_ENCODERS, PictureEncoder, SoundEncoder
from curate.encode.fidelity import picture_psnr_db, sound_psnr_db
from curate.errors import NoFrames, NoVideo, RecipeError
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.picture import Box, frames_rgb
from curate.media.sound import samples
from curate.stage import Heavy, Run, each, operational
from schemas.latent import Latent

SPAN = "from the start of the clip, the most frames that a bucket holds"
PICTURE_INPUT = "RGB, area or bicubic to size, centred crop; the frame shown a quarter into each interval"
SOUND_INPUT = "mono"


@dataclass(frozen=True)
class Encode:
    """Encode a clip once: the most frames, from its start, that a bucket holds; and the sound of the same span.

    A clip longer than the longest bucket is encoded up to there; a row says which span its tensor covers.
    """

    picture: str = "dct-4x8x8-c16"
    sound: str | None = "mdct-10ms-c80"
    rate_hz: float = 24.0  # frames a second that the encoder sees, whatever the source has
    frames: tuple[int, ...] = FRAMES
    sizes: tuple[tuple[int, int], ...] = SIZES  # height, width
    limits: Limits = operational(Limits(memory_bytes=4 * GIB, deadline_s=120.0, deadline_per_media_s=10.0))

    name: ClassVar[str] = "encode"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Latent

    def __post_init__(self) -> None:
        for encoder, known in ((self.picture, PICTURE_ENCODERS), (self.sound, SOUND_ENCODERS)):
            if encoder is not None and encoder not in known:
                raise RecipeError(f"no encoder {encoder!r}; there are: {', '.join(known)}")
        spec = PICTURE_ENCODERS[self.picture]().spec
        odd = [n for n in self.frames if n < 1 or (n - 1) % spec.time_stride]
        if odd or not self.frames:
            raise RecipeError(f"{self.picture} takes {spec.frame_rule} frames, not {odd}")
        stride = spec.space_stride or 1
        wrong = [size for size in self.sizes if min(size) < stride or size[0] % stride or size[1] % stride]
        if wrong or not self.sizes:
            raise RecipeError(f"{self.picture} takes sides that are multiples of {stride}, not {wrong}")

    def open(self) -> Run[ClipFile, Heavy[Latent]]:
        picture = PICTURE_ENCODERS[self.picture]()
        sound = None if self.sound is None else SOUND_ENCODERS[self.sound]()

        def one(row: ClipFile) -> Iterator[Heavy[Latent]]:
            video = encode_picture(row, picture, self)
            yield video
            if sound is not None and row.media.audio is not None and not row.clip.still:
                yield encode_sound(row, sound, video.row)

        return each(one)


def encode_picture(row: ClipFile, encoder: PictureEncoder, settings: Encode) -> Heavy[Latent]:
    """Decode the frames that the clip's bucket takes, encode them, and decode them back."""
    if row.media.picture is None:
        raise NoVideo("no picture stream; only sound, subtitles or data")
    clip, rate_hz = row.clip, settings.rate_hz
    whole = Box(clip.crop_x, clip.crop_y, clip.crop_width, clip.crop_height)
    size = fit_size(whole, settings.sizes)
    duration_us = clip.end_us - clip.start_us
    count, covered_us = (1, duration_us) if clip.still else fit_frames(duration_us, rate_hz, settings.frames)
    at_us = [min(instant, clip.end_us - 1) for instant in instants_us(clip.start_us, count, rate_hz)]
    crop = centre_crop(whole, size)
    frames = _frames(row, at_us, Bucket(count, *size), crop)
    latent = encoder.encode(frames)
    contract = Contract(encoder.spec, SPAN, rate_hz, PICTURE_INPUT, Bucket(count, *size), crop)
    modality: Literal["video", "still"] = "still" if clip.still else "video"
    steps = step_us(clip.start_us, latent.shape[1], encoder.spec.time_stride, rate_hz)
    psnr_db = picture_psnr_db(frames, encoder.decode(latent))
    return _heavy(row, contract, modality, latent, (clip.start_us, clip.start_us + covered_us), steps, psnr_db)


def instants_us(start_us: int, count: int, rate_hz: float) -> list[int]:
    """When the picture is looked at: a quarter into each interval, which no usual frame rate changes at."""
    return [start_us + round((index + 0.25) * 1e6 / rate_hz) for index in range(count)]


def _frames(row: ClipFile, at_us: list[int], bucket: Bucket, crop: Box) -> NDArray[np.uint8]:
    """[T, H, W, 3] RGB of the frames shown at those instants, cropped, in the size of the bucket."""
    frames = np.empty((bucket.frames, bucket.height, bucket.width, 3), np.uint8)
    size = (bucket.width, bucket.height)
    count = 0
    for _, frame in frames_rgb(
        row.file, row.media, row.clip.start_us, row.clip.end_us, at_us=at_us, size=size, crop=crop
    ):
        frames[count] = frame
        count += 1
    if count < bucket.frames:
        raise NoFrames(f"only {count} of the {bucket.frames} frames of the clip could be decoded")
    return frames


def step_us(start_us: int, steps: int, time_stride: int, rate_hz: float) -> tuple[int, ...]:
    """When each latent frame of a causal encoder begins: the first stands for one frame, others for `time_stride`."""
    first_frames = (0 if step == 0 else 1 + (step - 1) * time_stride for step in range(steps))
    return tuple(start_us + round(frame * 1e6 / rate_hz) for frame in first_frames)


def encode_sound(row: ClipFile, encoder: SoundEncoder, picture: Latent) -> Heavy[Latent]:
    """Encode the sound of the span that a picture latent covers; the bucket is that of the picture."""
    rate_hz, span = encoder.sample_rate_hz, (picture.start_us, picture.end_us)
    wave = samples(row.file, row.media, *span, rate_hz, "mono")[0]
    latent = encoder.encode(wave)
    frames, height, width = (int(n) for n in picture.bucket.split("x"))
    contract = Contract(encoder.spec, SPAN, rate_hz, SOUND_INPUT, Bucket(frames, height, width), None)
    steps = tuple(int(step) + picture.start_us for step in encoder.step_us(latent.shape[1]))
    psnr_db = sound_psnr_db(wave, encoder.decode(latent, len(wave)))
    return _heavy(row, contract, "audio", latent, span, steps, psnr_db)


def _heavy(
    row: ClipFile, contract: Contract, modality: Literal["video", "still", "audio"], latent: NDArray[np.float16],
    span: tuple[int, int], steps: tuple[int, ...], psnr_db: float,
) -> Heavy[Latent]:  # fmt: skip
    body = latent.astype("<f2", copy=False).tobytes()
    text = contract.json()
    made = Latent(
        clip_id=row.clip.clip_id,
        encoder=contract.encoder.id,
        content_key=content_key(row.media.media_id, *span, text),
        contract=text,
        modality=modality,
        bucket=str(contract.bucket),
        shape=latent.shape,
        dtype=contract.encoder.dtype,
        start_us=span[0],
        end_us=span[1],
        step_us=steps,
        psnr_db=psnr_db,
        sha256=hashlib.sha256(body).hexdigest(),
    )
    return Heavy(made, body)
