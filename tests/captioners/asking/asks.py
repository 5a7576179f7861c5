"""Asks of all kinds, with pictures and sound that are made here."""

import json

import numpy as np

from captioners.asking import Ask, Pictures, Reply, Sampling, Wave
from curate.stage import Outcome

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "caption": {"type": "string", "maxLength": 40},
            "shot": {"enum": ["wide", "close"]},
            "subjects": {"type": "array", "items": {"type": "string", "maxLength": 12}, "maxItems": 3},
            "count": {"type": "integer", "minimum": 0, "maximum": 10},
        },
        "required": ["caption", "shot", "subjects", "count"],
        "additionalProperties": False,
    }
)
"""Every string and list is bounded: random weights would go on for ever."""


def pictures(count: int, shown_as: str = "images", seed: int = 0) -> Pictures:
    frames = np.random.default_rng(seed).integers(0, 255, (count, 64, 96, 3), dtype=np.uint8)
    times = tuple(0.5 * index for index in range(count))
    return Pictures(times, 64, 96, frames.tobytes(), "video" if shown_as == "video" else "images")


def tone(seconds: float = 1.0, rate_hz: int = 16000) -> Wave:
    time_s = np.arange(int(seconds * rate_hz)) / rate_hz
    return Wave(rate_hz, (0.5 * np.sin(2 * np.pi * 440 * time_s)).astype("<f4").tobytes())


def texts(count: int, **sampling: float) -> list[Ask]:
    return [Ask(f"ask-{i}", (f"number {i}",), sampling=Sampling(max_tokens=24, **sampling)) for i in range(count)]  # type: ignore[arg-type]


def replies(outcomes: list[Outcome[Reply]]) -> dict[str, Reply]:
    """By the id of the ask; each has exactly one."""
    found = {outcome.input_id: outcome.rows[0] for outcome in outcomes if outcome.failure is None}
    assert len({outcome.input_id for outcome in outcomes}) == len(outcomes)
    return found
