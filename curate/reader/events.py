"""What is heard, placed in the latents: times as indices of picture and sound."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Event:
    """One thing heard in a sample. Spans of latent frames are half-open and hold at least one."""

    kind: str  # word, sentence, speech, event, music, silence
    text: str | None
    label: str | None
    start_us: int  # media time
    end_us: int
    picture: tuple[int, int]
    sound: tuple[int, int] | None  # None: the sample has no sound latent


def latent_span(step_us: NDArray[np.int64], start_us: int, end_us: int) -> tuple[int, int]:
    """The latent frames that `[start_us, end_us)` touches.

    step_us: [T'] when each latent frame begins, ascending, media time. What begins before the first one begins there.
    """
    first = max(0, int(np.searchsorted(step_us, start_us, side="right")) - 1)
    return first, max(first + 1, int(np.searchsorted(step_us, end_us, side="left")))
