"""What a metric gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A number, and what a reader may want to know beside it."""

    value: float
    detail: Json = None


def typical(values: NDArray[np.float32]) -> Measured | None:
    """values: [D], NaN where nothing could be measured. Their median, if there are any."""
    known = values[~np.isnan(values)]
    return Measured(float(np.median(known))) if len(known) else None


def usual(values: NDArray[np.float32]) -> Measured | None:
    """values: [D], NaN where nothing could be measured. Their mean, if there are any."""
    known = values[~np.isnan(values)]
    return Measured(float(known.mean())) if len(known) else None
