import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioners.context import ContextRules, context_us, inside, remembering
from captioners.heard import Heard
from captioners.level import Samples

RULES = ContextRules(window_s=32, around_s=8)
S = 1_000_000


@pytest.mark.parametrize(
    ("start_s", "end_s", "duration_s", "expected_s"),
    [
        (2, 5, 100, (0, 40)),
        (5, 8, 100, (0, 40)),  # the next clip hears the same
        (31, 34, 100, (24, 72)),
        (30, 33, 100, (0, 40)),
        (70, 73, 80, (56, 80)),  # not over the end
        (2, 5, None, (0, 40)),
        (10, 38, 100, (2, 46)),  # too near the end of its window: 2 s
        (40, 90, 100, (32, 98)),
        (3, 5, 4, (0, 5)),  # a container that lies of its duration
    ],
)
def test_a_clip_is_heard_with_its_window_or_with_what_is_around_it(
    start_s: int, end_s: int, duration_s: int | None, expected_s: tuple[int, int]
) -> None:
    duration_us = None if duration_s is None else duration_s * S
    found = context_us(start_s * S, end_s * S, duration_us, RULES)
    assert found == (expected_s[0] * S, expected_s[1] * S)


@given(st.integers(0, 200 * S), st.integers(1, 100 * S), st.none() | st.integers(1, 300 * S))
def test_there_are_four_seconds_around_each_clip_or_the_edge_of_the_media(
    start_us: int, length_us: int, duration_us: int | None
) -> None:
    end_us = start_us + length_us
    begin_us, stop_us = context_us(start_us, end_us, duration_us, RULES)
    assert 0 <= begin_us <= max(0, start_us - 4 * S)
    last_us = end_us + 4 * S if duration_us is None else min(max(duration_us, end_us), end_us + 4 * S)
    assert stop_us >= last_us
    assert stop_us - begin_us <= max(48 * S, length_us + 17 * S)


def test_a_sound_across_a_cut_is_parted_and_its_beats_with_it() -> None:
    music = Heard("music", 1.0, 9.0, "x", tempo_bpm=60.0, key="C major", beats_s=tuple(float(at) for at in range(1, 9)))
    (before,) = inside([music], 0.0, 4.0, 0.1)
    (after,) = inside([music], 4.0, 7.5, 0.1)
    assert (before.start_s, before.end_s, before.beats_s) == (1.0, 4.0, (1.0, 2.0, 3.0))
    assert (after.start_s, after.end_s, after.beats_s) == (0.0, 3.5, (0.0, 1.0, 2.0, 3.0))
    assert {(one.tempo_bpm, one.key) for one in (before, after)} == {(60.0, "C major")}


@given(st.floats(0, 10), st.floats(0.01, 2), st.floats(0.5, 9.5))
def test_no_sound_is_lost_at_a_cut_and_no_sliver_is_kept(start_s: float, length_s: float, cut_s: float) -> None:
    one = Heard("event", start_s, start_s + length_s, "x", label="knock")
    parts = inside([one], 0.0, cut_s, 0.1), inside([one], cut_s, 20.0, 0.1)
    assert parts[0] or parts[1]
    for part in (*parts[0], *parts[1]):
        assert part.duration_s >= min(0.1, length_s / 2) - 1e-9


def test_what_lies_inside_comes_in_order_of_time() -> None:
    found = [Heard("event", at_s, at_s + 0.2, "x") for at_s in (5.0, 3.0, 1.0, 8.0)]
    assert [one.start_s for one in inside(found, 2.0, 6.0, 0.1)] == [1.0, 3.0]


def test_a_span_of_speech_is_decoded_once() -> None:
    decoded: list[float] = []

    def fake(samples: Samples) -> list[Heard]:
        decoded.append(float(samples[0]))
        return [Heard("word", 0.0, float(samples[0]), "fake 1", text="so")]

    words = remembering(fake, spans=2)
    one, two, three = (np.full(160, level, np.float32) for level in (0.25, 0.5, 0.75))
    assert words(one) == words(one.copy()) != words(two)
    assert decoded == [0.25, 0.5]
    words(three)
    words(one)
    assert decoded == [0.25, 0.5, 0.75, 0.25]
