"""From what was taken of some clips of one bucket to their latents."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal

import numpy as np

from curate.encode.contract import Contract, content_key
from curate.encode.encoder import PictureEncoder, SoundEncoder
from curate.encode.fidelity import picture_psnr_db, picture_ssim, sound_psnr_db
from curate.encode.health import Vitals, finite
from curate.encode.stored import Values, restored, stored
from curate.encode.taken import Taken
from curate.stage import Heavy, Outcome
from schemas.latent import Latent

SPAN = "from the start of the clip, the most frames that a bucket holds"
PICTURE_INPUT = "RGB, area or bicubic to size, centred crop; the frame shown a quarter into each interval"

Row = Heavy[Latent]


class Maker:
    """Encodes; decodes back each n-th clip, the same ones in every run: a clip's content key says which."""

    def __init__(self, picture: PictureEncoder, sound: SoundEncoder | None, rate_hz: float, decode_every: int) -> None:
        self._picture, self._sound = picture, sound
        self._rate_hz, self._decode_every = rate_hz, decode_every

    def made(self, batch: Sequence[Taken], vitals: Vitals) -> Iterator[Outcome[Row]]:
        """The latents of clips of one bucket, all encoded at once."""
        if not batch:
            return
        pictures = [self._picture_row(taken, values, vitals) for taken, values in self._encoded(batch)]
        sounds = dict(self._sounds(batch))
        for taken, row in zip(batch, pictures, strict=True):
            yield Outcome(taken.id, (row, sounds[taken.id]) if taken.id in sounds else (row,))

    def _encoded(self, batch: Sequence[Taken]) -> Iterator[tuple[Taken, Values]]:
        yield from zip(batch, self._picture.encode(np.stack([taken.frames for taken in batch])), strict=True)

    def _picture_row(self, taken: Taken, values: Values, vitals: Vitals) -> Row:
        spec = self._picture.spec
        finite(taken.id, values, spec)
        vitals.see(taken.id, values)
        contract = Contract(spec, SPAN, self._rate_hz, PICTURE_INPUT, taken.bucket, taken.crop)
        steps = step_us(taken.start_us, values.shape[1], spec.time_stride, self._rate_hz)

        def psnr_db(back: Values) -> float:
            decoded = self._picture.decode(back[None])[0]
            psnr_db = picture_psnr_db(taken.frames, decoded)
            vitals.decoded(taken.id, psnr_db, picture_ssim(taken.frames, decoded))
            return psnr_db

        return self._row(taken, contract, taken.modality, values, steps, psnr_db)

    def _sounds(self, batch: Sequence[Taken]) -> Iterator[tuple[str, Row]]:
        """Clip -> the latent of its sound; those of one length are encoded at once."""
        if self._sound is None:
            return
        heard = sorted((one for one in batch if one.wave is not None), key=_samples)
        for _, group in groupby(heard, key=_samples):
            alike = list(group)
            waves = np.stack([one.wave for one in alike if one.wave is not None])
            for taken, wave, values in zip(alike, waves, self._sound.encode(waves), strict=True):
                yield taken.id, self._sound_row(taken, wave, values, self._sound)

    def _sound_row(self, taken: Taken, wave: Values, values: Values, sound: SoundEncoder) -> Row:
        finite(taken.id, values, sound.spec)
        contract = Contract(sound.spec, SPAN, sound.rate_hz, sound.layout, taken.bucket, None)
        steps = tuple(int(step) + taken.start_us for step in sound.step_us(values.shape[1]))

        def psnr_db(back: Values) -> float:
            return sound_psnr_db(wave, sound.decode(back[None], wave.shape[-1])[0])

        return self._row(taken, contract, "audio", values, steps, psnr_db)

    def _row(
        self, taken: Taken, contract: Contract, modality: Literal["video", "still", "audio"], values: Values,
        steps: tuple[int, ...], psnr_db: Callable[[Values], float],
    ) -> Row:  # fmt: skip
        """psnr_db: of what comes back from the tensor as it is stored."""
        dtype, text = contract.encoder.dtype, contract.json()
        key, body = content_key(taken.media_id, taken.start_us, taken.end_us, text), stored(values, dtype)
        looked_at = int(key[:8], 16) % self._decode_every == 0
        made = Latent(
            clip_id=taken.id,
            encoder=contract.encoder.id,
            content_key=key,
            contract=text,
            modality=modality,
            bucket=str(contract.bucket),
            shape=values.shape,
            dtype=dtype,
            start_us=taken.start_us,
            end_us=taken.end_us,
            step_us=steps,
            psnr_db=psnr_db(restored(body, dtype, values.shape)) if looked_at else None,
            sha256=hashlib.sha256(body).hexdigest(),
        )
        return Heavy(made, body)


def _samples(taken: Taken) -> int:
    return 0 if taken.wave is None else taken.wave.shape[-1]


def step_us(start_us: int, steps: int, time_stride: int, rate_hz: float) -> tuple[int, ...]:
    """When each latent frame of a picture begins: the first stands for one frame, others for `time_stride`."""
    first_frames = (0 if step == 0 else 1 + (step - 1) * time_stride for step in range(steps))
    return tuple(start_us + round(frame * 1e6 / rate_hz) for frame in first_frames)
