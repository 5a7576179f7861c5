"""The stage: one picture latent of each clip, and one of its sound."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from curate.encode.ahead import Ahead
from curate.encode.bucket import FRAMES, SIZES
from curate.encode.encoder import picture_encoder, settled, sound_encoder
from curate.encode.family import PICTURES
from curate.encode.health import HealthRules, Vitals
from curate.encode.made import Maker
from curate.encode.model import EncoderModel
from curate.encode.taken import Take, Taken
from curate.errors import RecipeError
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.pool import Pool
from curate.stage import Heavy, Outcome, Run, operational
from schemas.latent import Latent

MOST_CHILDREN = 12  # no more rows are taken ahead than their bytes are kept for (jobs/gather.py)
EVERY = 16


@dataclass(frozen=True)
class Encode:
    """Encode a clip once: the most frames, from its start, that a bucket holds; and the sound of the same span.

    A clip longer than the longest bucket is encoded up to there; a row says which span its tensor covers. Frames and
    sound are decoded in disposable children, ahead of the encoders, which live in the worker and are given several
    clips of one bucket at a time.
    """

    picture: str = "dct-4x8x8-c16"  # an encoder by its name; the default needs no model
    sound: str | None = "mdct-10ms-c80"  # the same; None: no sound is encoded
    picture_model: EncoderModel | None = None  # the weights; None: it has none
    sound_model: EncoderModel | None = None
    rate_hz: float = 24.0  # frames a second that the encoder sees, whatever the source has
    frames: tuple[int, ...] | None = None  # of the buckets; None: those of FRAMES, as near as the encoder's rule allows
    sizes: tuple[tuple[int, int], ...] = SIZES  # height, width
    decode_every: int | None = None  # each n-th clip is decoded back and compared; None: 1, of encoders with weights 16
    health: HealthRules = operational(HealthRules())
    batch_pixels: int = operational(8_000_000)  # of clips that are encoded at a time; one clip at least
    ahead_bytes: int = operational(GIB // 2)  # of frames that wait for the encoders
    children: int = operational(2)  # processes that decode, of each worker
    decode_limits: Limits = operational(Limits(memory_bytes=4 * GIB, deadline_s=120.0, deadline_per_media_s=10.0))

    name: ClassVar[str] = "encode"
    version: ClassVar[int] = 2
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Latent

    def __post_init__(self) -> None:
        settled("picture", self.picture, self.picture_model)
        if self.sound is not None:
            settled("sound", self.sound, self.sound_model)
        elif self.sound_model is not None:
            raise RecipeError("encode.sound_model: there is no encode.sound that it could be of")
        step, stride = frame_step(self.picture), space_stride(self.picture)
        if self.frames is None:  # the numbers themselves, so that they are part of the fingerprint
            object.__setattr__(self, "frames", usual_frames(step))
        if self.decode_every is None:
            object.__setattr__(self, "decode_every", 1 if self.picture_model is None else EVERY)
        rule = f"1+{step}n frames" if step else "1 frame: it is for stills"
        odd = [n for n in self.frames or () if n < 1 or ((n - 1) % step if step else n > 1)]
        if odd or not self.frames:
            raise RecipeError(f"{self.picture} takes {rule}, not {odd}")
        wrong = [size for size in self.sizes if min(size) < stride or size[0] % stride or size[1] % stride]
        if wrong or not self.sizes:
            raise RecipeError(f"{self.picture} takes sides that are multiples of {stride}, not {wrong}")
        if not 1 <= self.children <= MOST_CHILDREN:
            raise RecipeError(f"encode.children: from 1 to {MOST_CHILDREN}, not {self.children}")
        if self.decode_every is not None and self.decode_every < 1:
            raise RecipeError(f"encode.decode_every: 1 or more, not {self.decode_every}")

    @property
    def environment(self) -> str | None:
        """The kind of workers that this needs: those of the core where no encoder has weights."""
        return None if self.picture_model is None and self.sound_model is None else "models"

    def open(self) -> Run[ClipFile, Heavy[Latent]]:
        """Load the weights."""
        picture = picture_encoder(self.picture, self.picture_model)
        sound = None if self.sound is None else sound_encoder(self.sound, self.sound_model)
        maker = Maker(picture, sound, self.rate_hz, self.decode_every or 1)
        take = Take(
            self.rate_hz, self.frames or (), self.sizes, picture.spec.frame_step > 0,
            None if sound is None else sound.rate_hz, "mono" if sound is None else sound.layout,
        )  # fmt: skip
        taking = Pool(take, self.decode_limits, self.children)

        def run(rows: Iterable[ClipFile]) -> Iterator[Outcome[Heavy[Latent]]]:
            vitals, waiting = Vitals(picture.spec, self.health), Waiting(self.batch_pixels)
            for outcome in Ahead(taking(rows), self.ahead_bytes):
                if not outcome.rows:
                    yield Outcome(outcome.input_id, (), outcome.failure)
                for taken in outcome.rows:
                    yield from maker.made(waiting.full(taken), vitals)
            for batch in waiting.rest():
                yield from maker.made(batch, vitals)
            vitals.judge()

        return run


class Waiting:
    """Clips that wait for others of their bucket."""

    def __init__(self, batch_pixels: int) -> None:
        self._batch_pixels = batch_pixels
        self._buckets: dict[str, list[Taken]] = {}

    def full(self, taken: Taken) -> list[Taken]:
        """Take a clip in; give those of its bucket where they are enough for a batch, else none.

        Where four batches' worth waits in half-filled buckets, the fullest is given.
        """
        same = self._buckets.setdefault(str(taken.bucket), [])
        same.append(taken)
        if _pixels([*same, taken]) > self._batch_pixels:
            return self._buckets.pop(str(taken.bucket))
        if sum(map(_pixels, self._buckets.values())) > 4 * self._batch_pixels:
            return self._buckets.pop(max(self._buckets, key=lambda bucket: _pixels(self._buckets[bucket])))
        return []

    def rest(self) -> Iterator[list[Taken]]:
        while self._buckets:
            yield self._buckets.pop(next(iter(self._buckets)))


def _pixels(clips: Sequence[Taken]) -> int:
    return sum(clip.frames.shape[0] * clip.frames.shape[1] * clip.frames.shape[2] for clip in clips)


def frame_step(picture: str) -> int:
    """An encoder takes 1 + step * n frames; 0: one."""
    return PICTURES[picture].frame_step if picture in PICTURES else 4


def space_stride(picture: str) -> int:
    return PICTURES[picture].space_stride if picture in PICTURES else 8


def usual_frames(step: int) -> tuple[int, ...]:
    """`FRAMES`, each as near as 1 + step * n allows."""
    if not step:
        return (1,)
    return tuple(sorted({1 + step * round((frames - 1) / step) for frames in FRAMES}))
