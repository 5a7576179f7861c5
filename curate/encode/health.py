"""Whether tensors are what their contract says they should be; where they are not, the job stops."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.encode.contract import EncoderSpec, Normalisation
from curate.encode.family import PICTURES
from curate.encode.stored import Values
from curate.errors import RecipeError


@dataclass(frozen=True, slots=True)
class HealthRules:
    """What every shard keeps to, over all its clips together. None of it changes a tensor."""

    psnr_db: float | None = None  # mean of the pictures that were decoded back, at least; None: the encoder's own floor
    ssim: float | None = None  # of the same, as psnr_db
    channel_mean: float = 3.0  # of normalised latents, which are about 0: the farthest channel
    least_deviation: float = 0.2  # of normalised latents, which are about 1: all channels together
    most_deviation: float = 5.0  # of the same


class Vitals:
    """The vital signs of the picture tensors of one shard. `see` each clip; `judge` them all before they are stored.

    Raises RecipeError: what is wrong is wrong with the model or how it is run, and would be with the next shard too.
    """

    def __init__(self, spec: EncoderSpec, rules: HealthRules) -> None:
        family = PICTURES.get(spec.id)
        self._spec, self._rules = spec, rules
        self._channels = 0 if family is None else family.channels  # the means; without a family nothing is expected
        self._least_db = rules.psnr_db if rules.psnr_db is not None else None if family is None else family.psnr_db
        self._least_ssim = rules.ssim if rules.ssim is not None else None if family is None else family.ssim
        self._seen: list[str] = []
        self._fidelity: list[tuple[float, float, str]] = []
        self._moments = np.zeros((3, max(1, self._channels)))  # count, sum, sum of squares, by channel

    def see(self, clip_id: str, values: Values) -> None:
        """values: [C, T', H', W'] before they are stored."""
        self._seen.append(clip_id)
        if self._channels:
            normalised = _normalised(values[: self._channels], self._spec.normalisation).reshape(self._channels, -1)
            self._moments += np.stack(
                [
                    np.full(self._channels, normalised.shape[1], np.float64),
                    normalised.sum(1, dtype=np.float64),
                    np.square(normalised, dtype=np.float64).sum(1),
                ]
            )

    def decoded(self, clip_id: str, psnr_db: float, ssim: float) -> None:
        """How much came back of a clip."""
        self._fidelity.append((psnr_db, ssim, clip_id))

    def judge(self) -> None:
        """Raise where the shard is not as it should be."""
        self._judge_fidelity()
        if self._channels and self._seen:
            self._judge_drift()

    def _judge_fidelity(self) -> None:
        for what, unit, floor, column in (("PSNR", " dB", self._least_db, 0), ("SSIM", "", self._least_ssim, 1)):
            found = [(row[column], row[2]) for row in self._fidelity]
            if floor is not None and found and np.mean([value for value, _ in found]) < floor:
                (worst, clip_id), mean = min(found), float(np.mean([value for value, _ in found]))
                raise RecipeError(
                    f"encode: the shard of {self._range()} comes back with a {what} of {mean:.2f}{unit}, less than "
                    f"{floor:g} ({clip_id}: {worst:.2f}): these are not the weights of {self._spec.id}, or they are "
                    "run in the wrong way; look at one clip before you lower encode.health"
                )

    def _judge_drift(self) -> None:
        rules = self._rules
        count, total, squares = self._moments
        means = total / count
        farthest = int(np.argmax(np.abs(means)))
        deviation = float(np.sqrt(max(0.0, squares.sum() / count.sum() - (total.sum() / count.sum()) ** 2)))
        wrong = []
        if abs(means[farthest]) > rules.channel_mean:
            wrong.append(f"channel {farthest} has a mean of {means[farthest]:.2f}, farther than {rules.channel_mean:g}")
        if not rules.least_deviation <= deviation <= rules.most_deviation:
            wrong.append(
                f"the standard deviation is {deviation:.3f}, not {rules.least_deviation:g} to {rules.most_deviation:g}"
            )
        if wrong:
            raise RecipeError(
                f"encode: the latents of the shard of {self._range()} are not what {self._spec.id} gives: "
                f"{'; '.join(wrong)} (normalised); see to the weights, or widen encode.health"
            )

    def _range(self) -> str:
        return f"{len(self._seen)} clips, {min(self._seen)} to {max(self._seen)}"


def finite(clip_id: str, values: NDArray[np.float32], spec: EncoderSpec) -> None:
    """RecipeError where a tensor holds what is no number, or what its dtype cannot hold."""
    largest = float(np.abs(values).max(initial=0.0))
    if not np.isfinite(largest):
        raise RecipeError(
            f"encode: {spec.id} in {spec.compute} gives NaN or infinity for {clip_id}: calculate in bfloat16 or float32"
        )
    if spec.dtype == "float16" and largest > float(np.finfo(np.float16).max):
        raise RecipeError(f"encode: {spec.id} gives {largest:g} for {clip_id}, too much for float16: store bfloat16")


def _normalised(values: Values, constants: Normalisation | None) -> Values:
    """values: [C, T', H', W'] as they are stored."""
    if constants is None or constants.applied:
        return values
    shift, scale = (
        np.asarray(part, np.float32).reshape(len(values) if len(part) > 1 else 1, -1, 1, 1)[:, : values.shape[1]]
        for part in (constants.shift, constants.scale)
    )
    return np.asarray((values - shift) * scale, np.float32)
